package dev.millrace.stack;

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

/** The arrows between the packages of the local stack. */
@AnalyzeClasses(
    packages = "dev.millrace.stack",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ERROR = "dev.millrace.stack.error";
  private static final String PROCESS = "dev.millrace.stack.process";
  private static final String SERVER = "dev.millrace.stack.server";

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("dev.millrace.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule classesAreFreeOfCycles =
      slices().assignedFrom(new OutermostClasses()).should().beFreeOfCycles();

  @ArchTest static final ArchRule errorsImportNothing = importsOnly(ERROR);

  @ArchTest static final ArchRule processesImportErrorOnly = importsOnly(PROCESS, ERROR);

  @ArchTest
  static final ArchRule serversImportProcessesAndErrorOnly = importsOnly(SERVER, PROCESS, ERROR);

  /** A library: tests and benchmarks use it, too. */
  @ArchTest
  static final ArchRule knowsNoCommandLineAndNoOtherModule =
      classes()
          .should()
          .onlyDependOnClassesThat(
              resideInAPackage("dev.millrace.stack..")
                  .or(not(resideInAnyPackage("dev.millrace..", "picocli.."))));

  @ArchTest
  static final ArchRule endsNoProcessOfItsOwn =
      noClasses()
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class);

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
