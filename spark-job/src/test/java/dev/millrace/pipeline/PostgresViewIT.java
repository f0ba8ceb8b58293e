package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The view of a pipeline's table in Postgres, made and read on a real one. */
@ExtendWith(StackExtension.class)
class PostgresViewIT {

  @TempDir Path folder;

  @Test
  void undoesLiteralsAndNullTokensAsTheDecoderDoes(LocalStack stack) throws Exception {
    List<String> stored =
        List.of(
            "b'Completed'",
            "b\"Driver's fault\"",
            "b'\"CNR5884300\"'",
            "b'\"\"\"CNR5884300\"\"\"'",
            "b'\"a\" or \"b\"'",
            "b'\"say \"\"hi\"\"\"'",
            "b'Caf\\xc3\\xa9'",
            "b'a\\tb \\101 \\d \\\\ \\''",
            "b'\\501\\0601'",
            "b'nan'",
            "b''",
            "Completed",
            "\"quoted\"",
            "nan");
    String view =
        view("note: {from: the note, type: string}", "notes", "[nan, '']", "python-bytes");
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE notes (id serial PRIMARY KEY, \"the note\" text)");
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO notes (\"the note\") VALUES (?)")) {
        for (String text : stored) {
          insert.setString(1, text);
          insert.execute();
        }
        insert.setString(1, null);
        insert.execute();
      }
      statement.execute(view);

      assertThat(column(statement, "SELECT note FROM notes_now ORDER BY id"))
          .containsExactly(
              "Completed",
              "Driver's fault",
              "CNR5884300",
              "CNR5884300",
              "\"a\" or \"b\"",
              "say \"hi\"",
              "Café",
              "a\tb A \\d \\ '",
              "A01",
              null,
              null,
              "Completed",
              "\"quoted\"",
              null,
              null);
    }
  }

  private static List<String> column(Statement statement, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }

  private String view(String columns, String table, String nullTokens, String encoding)
      throws IOException {
    Path file = folder.resolve(table + ".yaml");
    Files.writeString(
        file,
        """
        name: %1$s
        source:
          kafka: {bootstrap-servers: "localhost:9092", topic: shop.public.%1$s}
          format: debezium-json
        table:
          name: %1$s_now
          key: [id]
          text-encoding: %2$s
          null-tokens: %3$s
          columns:
            id: {type: bigint}
            %4$s
        outputs:
          all: {sql: SELECT * FROM %1$s_now, sink: console}
        """
            .formatted(table, encoding, nullTokens, columns));
    return PostgresView.of(
            new PipelineLoader(Map.of()).load(file.toString(), Overrides.none()).definition())
        .create();
  }
}
