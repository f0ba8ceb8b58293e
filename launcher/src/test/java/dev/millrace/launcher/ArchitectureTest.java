package dev.millrace.launcher;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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
import dev.millrace.stack.error.StackException;

/** The arrows between the packages of the launcher. */
@AnalyzeClasses(
    packages = "dev.millrace.launcher",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String COMMAND = "dev.millrace.launcher.command";
  private static final String DEMO = "dev.millrace.launcher.demo";
  private static final String ERROR = "dev.millrace.launcher.error";
  private static final String RESULT = "dev.millrace.launcher.result";
  private static final String STACK = "dev.millrace.stack..";
  private static final String SIMULATOR = "dev.millrace.simulator..";

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("dev.millrace.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule classesAreFreeOfCycles =
      slices().assignedFrom(new OutermostClasses()).should().beFreeOfCycles();

  @ArchTest static final ArchRule resultsImportNothing = importsOnly(RESULT);

  @ArchTest
  static final ArchRule demosImportTheStackAndTheSimulator =
      importsOnly(DEMO, RESULT, ERROR, STACK, SIMULATOR);

  /** A pipeline is a matter of the job, which runs in a process of its own. */
  @ArchTest
  static final ArchRule commandsKnowNothingOfTheJob =
      importsOnly(COMMAND, DEMO, RESULT, ERROR, STACK, SIMULATOR);

  @ArchTest
  static final ArchRule onlyCommandsKnowTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage(COMMAND)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule exceptionsAreMadeInTheCatalogue =
      noClasses()
          .that()
          .resideOutsideOfPackage(ERROR)
          .should()
          .callConstructorWhere(
              DescribedPredicate.describe(
                  "the target is StackException",
                  call -> call.getTargetOwner().isEquivalentTo(StackException.class)));

  private static ArchRule importsOnly(String name, String... others) {
    return classes()
        .that()
        .resideInAPackage(name)
        .should()
        .onlyDependOnClassesThat(
            not(resideInAPackage("dev.millrace.."))
                .or(resideInAPackage(name))
                .or(resideInAnyPackage(others)));
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
