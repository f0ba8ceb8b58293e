package dev.millrace.benchmark;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** The arrows between the packages of the benchmarks. */
@AnalyzeClasses(
    packages = "dev.millrace.benchmark",
    importOptions = {
      ImportOption.DoNotIncludeTests.class,
      ArchitectureTest.WithoutGeneratedClasses.class
    })
class ArchitectureTest {

  private static final String COMMANDS = "dev.millrace.benchmark";
  private static final String CONTENDER = "dev.millrace.benchmark.contender";
  private static final String DECODER = "dev.millrace.benchmark.decoder";
  private static final String LATENCY = "dev.millrace.benchmark.latency";
  private static final String MEASURE = "dev.millrace.benchmark.measure";
  private static final String SINKS = "dev.millrace.benchmark.sinks";
  private static final String STATISTICS = "dev.millrace.benchmark.statistics";
  private static final String TOPIC = "dev.millrace.benchmark.topic";

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("dev.millrace.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule classesAreFreeOfCycles =
      slices().assignedFrom(new OutermostClasses()).should().beFreeOfCycles();

  /** The simulator makes the rows of every topic. */
  @ArchTest
  static final ArchRule topicsUseTheSimulatorOnly = usesOf(TOPIC, "dev.millrace.simulator..");

  @ArchTest static final ArchRule statisticsUseNothing = usesOf(STATISTICS);

  /** On the class path of a contender are the job and Spark, and no local stack. */
  @ArchTest
  static final ArchRule contendersUseTheJobAndNoServers =
      noClasses()
          .that()
          .resideInAnyPackage(CONTENDER, DECODER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.stack..", MEASURE, LATENCY, SINKS, COMMANDS);

  /** On the class path of everything else the job is missing. */
  @ArchTest
  static final ArchRule onlyContendersUseTheJob =
      classes()
          .that()
          .resideOutsideOfPackages(CONTENDER, DECODER)
          .should()
          .onlyDependOnClassesThat(
              not(resideInAPackage("dev.millrace.."))
                  .or(
                      resideInAnyPackage(
                          "dev.millrace.benchmark..",
                          "dev.millrace.simulator..",
                          "dev.millrace.stack..")));

  @ArchTest
  static final ArchRule nothingKnowsTheCommands =
      noClasses()
          .that()
          .resideOutsideOfPackage(COMMANDS)
          .should()
          .dependOnClassesThat(resideInAPackage(COMMANDS).or(resideInAPackage("picocli..")));

  private static ArchRule usesOf(String name, String... others) {
    return classes()
        .that()
        .resideInAPackage(name)
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage("dev.millrace.."))
                .or(resideInAPackage(name))
                .or(resideInAnyPackage(others)));
  }

  /** JMH's own, which are made of the classes here. */
  static final class WithoutGeneratedClasses implements ImportOption {

    @Override
    public boolean includes(Location location) {
      return !location.contains("jmh_generated");
    }
  }

  /** Each class with those that are nested in it. */
  private static final class OutermostClasses implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""));
    }

    @Override
    public String getDescription() {
      return "classes with those nested in them";
    }
  }
}
