package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.SinkConnectors;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.fs.FileContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableResolverTest {

  private static final String ADVICE =
      " To infer the table again, name another checkpoint folder (--checkpoints DIR).";

  private final StringWriter seen = new StringWriter();

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("start/table.yaml");
  }

  private InferredTableFile frozen() throws Exception {
    return new InferredTableFile(
        FileContext.getLocalFSFileContext(),
        new org.apache.hadoop.fs.Path(file().toString()),
        TableLoader.ANY_TOPIC);
  }

  private TableResolver table(String declared) throws Exception {
    Path pipeline = folder.resolve("pipeline.yaml");
    Files.writeString(
        pipeline,
        """
        name: start
        source: {kafka: {bootstrap-servers: "localhost:1", topic: orders}}
        outputs: {changes: {}}
        %s
        """
            .formatted(declared));
    PipelineDefinition definition =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(pipeline.toString(), Overrides.none())
            .definition();
    return new TableResolver(definition, frozen(), new PrintWriter(seen, true));
  }

  private void freeze(String yaml) throws Exception {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), yaml);
  }

  private UserException problem(String declared) throws Exception {
    TableResolver table = table(declared);
    UserException problem = catchThrowableOfType(UserException.class, table::known);
    assertThat(problem).isNotNull();
    return problem;
  }

  @Test
  void isNotKnownBeforeTheFirstStart() throws Exception {
    assertThat(table("").known()).isEmpty();
    assertThat(seen.toString()).isEmpty();
  }

  @Test
  void isKnownWhereItIsDeclared() throws Exception {
    assertThat(table("table: {columns: {id: {type: int}}}").known()).isPresent();
    assertThat(seen.toString()).isEmpty();
  }

  @Test
  void takesColumnsAndKeyOfTheFirstStartAndTheRestOfThePipeline() throws Exception {
    freeze("table:\n  key: [id]\n  columns:\n    id: {type: int}\n    v: {type: double}\n");

    PipelineDefinition known =
        table("table: {null-tokens: [nan], on-error: \"null\"}").known().orElseThrow();

    assertThat(known.table().columns()).extracting("name").containsExactly("id", "v");
    assertThat(known.table().key()).containsExactly("id");
    assertThat(known.table().nullTokens()).containsExactly("nan");
    assertThat(known.outputs().get(0).key()).containsExactly("id");
    assertThat(seen.toString())
        .isEqualToNormalizingNewlines(
            "table: 2 columns, as inferred at the first start (" + file() + ")\n");
  }

  @Test
  void refusesDeclaredColumnsOfAnotherType() throws Exception {
    freeze("table:\n  columns:\n    id: {type: int}\n    at: {type: timestamp, unit: micros}\n");

    UserException problem =
        problem(
            """
            table:
              columns:
                id: {type: bigint}
                at: {from: at_time, type: timestamp, unit: millis}
                added: {type: string}
            """);

    assertThat(problem.exitCode()).isEqualTo(2);
    assertThat(problem.problems())
        .containsExactly(
            "table.columns.id: declared as bigint, but the first start inferred int ("
                + file()
                + "), and what was delivered since is of that type. Declare it so, or under another"
                + " name; or, to deliver everything again, name another checkpoint folder"
                + " (--checkpoints DIR).",
            "table.columns.at: declared as timestamp in millis from at_time, but the first start"
                + " inferred timestamp in micros ("
                + file()
                + "), and what was delivered since is of that type. Declare it so, or under another"
                + " name; or, to deliver everything again, name another checkpoint folder"
                + " (--checkpoints DIR).");
  }

  @Test
  void acceptsDeclaredColumnsThatAgree() throws Exception {
    freeze("table:\n  columns:\n    id: {type: int}\n    gone: {type: string}\n");

    assertThat(table("table: {columns: {id: {type: int}, added: {type: string}}}").known())
        .isPresent();
  }

  @Test
  void namesWhatIsWrongWithTheFile() throws Exception {
    freeze("table:\n  columns:\n    id: {type: integer}\n");

    UserException problem = problem("");

    assertThat(problem.exitCode()).isEqualTo(1);
    assertThat(problem.problems())
        .singleElement()
        .asString()
        .startsWith(file() + ":3: table.columns.id.type: invalid value 'integer'. Use one of ")
        .endsWith(
            " The file holds the table that was inferred at the first start: put it back as it"
                + " was."
                + ADVICE);
  }

  @Test
  void saysThatTheFileCantBeRead() throws Exception {
    Files.createDirectories(file());

    UserException problem = problem("");

    assertThat(problem.exitCode()).isEqualTo(1);
    assertThat(problem.problems())
        .singleElement()
        .asString()
        .startsWith(file() + ": the table that was inferred at the first start can't be read (")
        .endsWith("). Give this user the right to read it, or put it back." + ADVICE);
  }

  @Test
  void leavesAFileThatAnotherRunHasWritten() throws Exception {
    frozen().write("table:\n  columns:\n    first: {type: int}\n");
    frozen().write("table:\n  columns:\n    second: {type: int}\n");

    assertThat(frozen().read().orElseThrow().columns()).extracting("name").containsExactly("first");
    assertThat(file().getParent()).isDirectoryNotContaining("glob:**/.unfinished*");
  }
}
