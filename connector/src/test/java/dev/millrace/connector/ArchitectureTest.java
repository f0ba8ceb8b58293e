package dev.millrace.connector;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** What the connector may use: the plugin folder of Debezium has nothing else. */
@AnalyzeClasses(
    packages = "dev.millrace.connector",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule usesWhatThePluginFolderHas =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              "dev.millrace.connector",
              "io.debezium..",
              "org.apache.kafka..",
              "org.postgresql..",
              "org.slf4j..");

  @ArchTest
  static final ArchRule classesAreFreeOfCycles =
      slices().assignedFrom(new OutermostClasses()).should().beFreeOfCycles();

  /** Reading a position or an event needs no connector, hence tests without a server. */
  @ArchTest
  static final ArchRule positionsAndFiltersKnowNothingOfTheConnector =
      noClasses()
          .that()
          .belongToAnyOf(StoredPosition.class, ReplayFilter.class)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              MillracePostgresConnector.class,
              MillracePostgresConnectorTask.class,
              ResumingConnection.class);

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
