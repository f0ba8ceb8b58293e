package dev.millrace.simulator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.millrace.simulator.error.SimulatorException;
import dev.millrace.simulator.event.TopicSink;

/** The arrows between the packages of the simulator. */
@AnalyzeClasses(
    packages = "dev.millrace.simulator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String COMMAND = "dev.millrace.simulator.command";
  private static final String ERROR = "dev.millrace.simulator.error";

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("dev.millrace.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule classesAreFreeOfCycles =
      slices().assignedFrom(new OutermostClasses()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule kindsOfEventsNeverImportOneAnother =
      slices()
          .matching("dev.millrace.simulator.(files|songs|users)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule nothingKnowsTheCommands =
      noClasses()
          .that()
          .resideOutsideOfPackage(COMMAND)
          .should()
          .dependOnClassesThat(resideInAPackage(COMMAND).or(resideInAPackage("picocli..")));

  @ArchTest
  static final ArchRule errorsImportNothing =
      noClasses()
          .that()
          .resideInAPackage(ERROR)
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.millrace..")
                  .and(DescribedPredicate.not(resideInAPackage(ERROR))));

  @ArchTest
  static final ArchRule exceptionsAreMadeInTheCatalogue =
      noClasses()
          .that()
          .resideOutsideOfPackage(ERROR)
          .should()
          .callConstructorWhere(
              DescribedPredicate.describe(
                  "the target is SimulatorException",
                  call -> call.getTargetOwner().isEquivalentTo(SimulatorException.class)));

  @ArchTest
  static final ArchRule oneClassKnowsTheClientOfKafka =
      noClasses()
          .that()
          .doNotBelongToAnyOf(TopicSink.class)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka.clients..");

  @ArchTest
  static final ArchRule oneClassKnowsTheStatementsOfTheTable =
      noClasses()
          .that()
          .doNotBelongToAnyOf(BookingWriter.class)
          .should()
          .dependOnClassesThat(nameMatching("java\\.sql\\.(Prepared)?Statement"));

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
