package dev.millrace;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
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
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.error.UserException;

/** The arrows between the packages. */
@AnalyzeClasses(
    packages = {
      "dev.millrace.cassandra",
      "dev.millrace.cli",
      "dev.millrace.config",
      "dev.millrace.console",
      "dev.millrace.deadletter",
      "dev.millrace.decode",
      "dev.millrace.error",
      "dev.millrace.event",
      "dev.millrace.infer",
      "dev.millrace.kafka",
      "dev.millrace.observe",
      "dev.millrace.pipeline",
      "dev.millrace.query",
      "dev.millrace.retry",
      "dev.millrace.sink",
      "dev.millrace.source",
      "dev.millrace.sql",
      "dev.millrace.state",
      "dev.millrace.table",
      "dev.millrace.view"
    },
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String CONFIG = "dev.millrace.config..";
  private static final String EVENT = "dev.millrace.event..";
  private static final String ERROR = "dev.millrace.error..";
  private static final String INFER = "dev.millrace.infer..";
  private static final String PIPELINE = "dev.millrace.pipeline..";
  private static final String CLI = "dev.millrace.cli..";
  private static final String DEADLETTER = "dev.millrace.deadletter..";
  private static final String TABLE = "dev.millrace.table..";

  private static final String CONSOLE = "dev.millrace.console..";
  private static final String RETRY = "dev.millrace.retry..";
  private static final String CASSANDRA = "dev.millrace.cassandra..";
  private static final String KAFKA = "dev.millrace.kafka..";
  private static final String SQL = "dev.millrace.sql..";
  private static final String STATE = "dev.millrace.state..";
  private static final String VIEW = "dev.millrace.view..";

  private static final String[] STAGES = {
    "dev.millrace.source..", "dev.millrace.decode..", "dev.millrace.query..", "dev.millrace.sink.."
  };

  /** Files, sockets and databases; what only moves bytes in memory is not I/O. */
  private static final DescribedPredicate<JavaClass> INPUT_OUTPUT =
      resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..", "java.sql..")
          .or(
              DescribedPredicate.describe(
                  "read or write files",
                  type ->
                      type.getFullName()
                          .matches(
                              "java\\.io\\.(File|RandomAccessFile|File(Input|Output)Stream"
                                  + "|File(Reader|Writer)|PrintStream)")))
          .as("files, sockets and databases");

  @ArchTest
  static final ArchRule stagesImportConfigEventErrorAndClientsOnly =
      classes()
          .that()
          .resideInAnyPackage(STAGES)
          .should()
          .onlyDependOnClassesThat(
              not(resideInAPackage("dev.millrace.."))
                  .or(
                      resideInAnyPackage(
                          CONFIG, EVENT, ERROR, CONSOLE, RETRY, CASSANDRA, KAFKA, SQL))
                  .or(resideInAnyPackage(STAGES)));

  /** What source and sink have in common is next to them, since they never import one another. */
  @ArchTest
  static final ArchRule clientsImportConfigEventErrorAndRetryOnly =
      classes()
          .that()
          .resideInAnyPackage(CASSANDRA, KAFKA, RETRY)
          .should()
          .onlyDependOnClassesThat(
              not(resideInAPackage("dev.millrace.."))
                  .or(resideInAnyPackage(CONFIG, EVENT, ERROR, RETRY, CASSANDRA, KAFKA)));

  @ArchTest
  static final ArchRule clientsNeverImportOneAnother =
      slices().matching("dev.millrace.(cassandra|kafka)..").should().notDependOnEachOther();

  /** Bounded reads and the administration of topics are in one place; Spark has its own source. */
  @ArchTest
  static final ArchRule onlyOnePackageOpensConsumersAndAdminClients =
      noClasses()
          .that()
          .resideOutsideOfPackage(KAFKA)
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.apache.kafka.clients.consumer.KafkaConsumer")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.apache.kafka.clients.admin.Admin");

  @ArchTest
  static final ArchRule stagesNeverImportOneAnother =
      slices()
          .matching("dev.millrace.(source|decode|query|sink)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule onlyThePipelineKnowsTheStages =
      noClasses()
          .that(
              resideInAPackage("dev.millrace..")
                  .and(not(resideInAnyPackage(STAGES)))
                  .and(not(resideInAnyPackage(PIPELINE, DEADLETTER, TABLE, INFER))))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(STAGES);

  @ArchTest
  static final ArchRule viewsImportTheirStateAndNoStage =
      classes()
          .that()
          .resideInAPackage(VIEW)
          .should()
          .onlyDependOnClassesThat(
              not(resideInAPackage("dev.millrace.."))
                  .or(resideInAnyPackage(VIEW, STATE, CONFIG, EVENT, ERROR, SQL)));

  @ArchTest
  static final ArchRule theTableAndTheAggregatesKnowNothingOfViews =
      noClasses()
          .that()
          .resideInAnyPackage("dev.millrace.view.table", "dev.millrace.view.aggregate")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.view", "dev.millrace.view.plan");

  @ArchTest
  static final ArchRule plansOfViewsKnowNothingOfTheEngine =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.view.plan")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.millrace.view");

  @ArchTest
  static final ArchRule theStateImportsErrorOnly =
      classes()
          .that()
          .resideInAPackage(STATE)
          .should()
          .onlyDependOnClassesThat(
              not(resideInAPackage("dev.millrace..")).or(resideInAnyPackage(STATE, ERROR)));

  @ArchTest
  static final ArchRule onlyThePipelineKnowsTheViews =
      noClasses()
          .that()
          .resideOutsideOfPackages(VIEW, PIPELINE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(VIEW);

  @ArchTest
  static final ArchRule onlyTheStateKnowsHowSparkStoresIt =
      noClasses()
          .that()
          .resideOutsideOfPackages(STATE, ERROR)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark.sql.execution.streaming.state..", "org.rocksdb..");

  @ArchTest
  static final ArchRule inferenceAsksTheDecoderAndNoOtherStage =
      classes()
          .that()
          .resideInAPackage(INFER)
          .should()
          .onlyDependOnClassesThat(
              not(resideInAPackage("dev.millrace.."))
                  .or(resideInAnyPackage(INFER, "dev.millrace.decode..", CONFIG, EVENT, ERROR)));

  @ArchTest
  static final ArchRule onlyThePipelineKnowsTheInference =
      noClasses()
          .that()
          .resideOutsideOfPackages(INFER, TABLE, PIPELINE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(INFER);

  @ArchTest
  static final ArchRule onlyTheCommandLineKnowsThePipeline =
      noClasses()
          .that()
          .resideOutsideOfPackages(CLI, PIPELINE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CLI, PIPELINE);

  @ArchTest
  static final ArchRule deadLettersKnowNothingOfInference =
      noClasses()
          .that()
          .resideInAPackage(DEADLETTER)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TABLE, INFER, VIEW, STATE);

  @ArchTest
  static final ArchRule jsonAndColumnsAreBelowTheDecoder =
      noClasses()
          .that()
          .resideInAnyPackage("dev.millrace.decode.json", "dev.millrace.decode.column")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.millrace.decode");

  @ArchTest
  static final ArchRule jsonIsBelowColumns =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.decode.json")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.millrace.decode.column");

  @ArchTest
  static final ArchRule recordsOfThePipelineDoNotKnowItsParser =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.config")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.millrace.config.parse");

  @ArchTest
  static final ArchRule kindsOfSinksNeverImportOneAnother =
      slices().matching("dev.millrace.sink.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule kindsOfSourcesNeverImportOneAnother =
      slices().matching("dev.millrace.source.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule errorsImportNothing =
      noClasses()
          .that()
          .resideInAPackage(ERROR)
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.millrace..").and(not(resideInAPackage(ERROR))));

  @ArchTest
  static final ArchRule configKnowsOfSparkTheTypesOnly =
      noClasses()
          .that()
          .resideInAPackage(CONFIG)
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.apache.spark..")
                  .and(not(resideInAPackage("org.apache.spark.sql.types"))));

  @ArchTest
  static final ArchRule packagesAreFreeOfCycles =
      slices().matching("dev.millrace.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule classesAreFreeOfCycles =
      slices().assignedFrom(new OutermostClasses()).should().beFreeOfCycles();

  /** The pipeline composes what is in its packages, and its commands use the pipeline. */
  @ArchTest
  static final ArchRule partsOfThePipelineKnowNothingOfTheWhole =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.millrace.pipeline.batch",
              "dev.millrace.pipeline.checkpoint",
              "dev.millrace.pipeline.lookup",
              "dev.millrace.pipeline.postgres")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.millrace.pipeline", "dev.millrace.pipeline.command");

  @ArchTest
  static final ArchRule partsOfThePipelineAreFreeOfCycles =
      slices().matching("dev.millrace.pipeline.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule thePipelineKnowsNothingOfItsCommands =
      noClasses()
          .that()
          .resideInAPackage("dev.millrace.pipeline")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.millrace.pipeline.command");

  @ArchTest
  static final ArchRule onlyTheCommandLineEndsTheProcess =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "exit", int.class)
          .orShould()
          .callMethod(Runtime.class, "halt", int.class);

  @ArchTest
  static final ArchRule userExceptionsAreMadeInTheCatalogue =
      noClasses()
          .that(not(resideInAPackage(ERROR).and(nameMatching(".*Errors"))))
          .should()
          .callConstructorWhere(
              DescribedPredicate.describe(
                  "the target is UserException",
                  call -> call.getTargetOwner().isEquivalentTo(UserException.class)));

  @ArchTest
  static final ArchRule inputAndOutputAreAtTheEdges =
      noClasses()
          .that(
              resideInAnyPackage(
                      CONFIG,
                      EVENT,
                      ERROR,
                      INFER,
                      "dev.millrace.decode..",
                      "dev.millrace.query..",
                      "dev.millrace.observe..")
                  .and(not(belongToAnyOf(PipelineLoader.class))))
          .should()
          .dependOnClassesThat(INPUT_OUTPUT);

  @ArchTest
  static final ArchRule namesSayWhatAClassIs =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper");

  /**
   * Each class with those that are nested in it. Left out are the operators of views, which make
   * one another, and the composer, whose constants the sinks of views use.
   */
  private static final class OutermostClasses implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return resideInAnyPackage(VIEW, "dev.millrace.pipeline").test(type)
          ? SliceIdentifier.ignore()
          : SliceIdentifier.of(type.getName().replaceFirst("\\$.*", ""));
    }

    @Override
    public String getDescription() {
      return "classes with those nested in them";
    }
  }
}
