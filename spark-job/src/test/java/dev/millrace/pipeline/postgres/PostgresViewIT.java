package dev.millrace.pipeline.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.SinkConnectors;
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
public class PostgresViewIT {

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

  @Test
  void givesEveryTypeItsColumnInASessionOfAnyZone(LocalStack stack) throws Exception {
    String view =
        view(
            """
            truth: {type: boolean}
                bit_truth: {type: boolean}
                small: {type: smallint}
                whole: {type: int}
                big: {type: bigint}
                single: {type: float}
                twice: {type: double}
                price: {type: "decimal(12,2)"}
                exact_price: {type: "decimal(12,2)", encoding: base64}
                bytes: {type: binary}
                day: {type: date}
                day_text: {type: date, unit: iso}
                day_number: {type: date}
                at_time: {type: time}
                at_number: {type: time}
                midnight: {type: time, unit: millis}
                at_zone: {type: timetz}
                moment: {type: timestamp}
                moment_zone: {type: timestamp, unit: iso}
                moment_number: {type: timestamp}
                moment_millis: {type: timestamp, unit: millis}
                moment_nanos: {type: timestamp, unit: nanos}
                moment_day: {type: timestamp, unit: iso}
                length: {type: interval}
                length_number: {type: interval}
                name_id: {type: uuid}
                document: {type: json}
                encoded: {type: string, text-encoding: base64}
                words: {type: "array<string>"}
                prices: {type: "array<decimal(5,2)>"}
                place: {type: geometry}""",
            "kinds",
            "[]",
            "none");
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE kinds (id serial PRIMARY KEY, truth boolean, bit_truth bit(1), small smallint,
            whole int, big bigint, single real, twice double precision, price numeric(12,2),
            exact_price numeric(12,2), bytes bytea, day date, day_text text, day_number int,
            at_time time, at_number bigint, midnight time, at_zone timetz, moment timestamp,
            moment_zone timestamptz, moment_number bigint, moment_millis bigint,
            moment_nanos bigint, moment_day text, length interval, length_number bigint,
            name_id uuid, document jsonb, encoded text, words text[], prices numeric(5,2)[],
            place point)
          """);
      statement.execute("SET TIME ZONE 'Asia/Kolkata'");
      statement.execute(
          """
          INSERT INTO kinds VALUES (1, true, B'1', 7, -8, 9007199254740993, 1.5, 'NaN', 1138.00,
            -0.05, '\\x00ff', '2025-11-07', '2025-11-07', 20399, '11:29:32.953131', 41372953131,
            '24:00', '01:00:00+05:30', '2025-11-07 11:29:32.953131', '2025-11-07 11:29:32.953131Z',
            1762514972953131, 1762514972953, 1762514972953131000, '2025-11-07',
            '2 days 03:04:05.000006', 183845000006, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
            '{"a": 1}', 'Q2Fmw6k', '{a,NULL,"b c"}', '{1.50,2}', '(1,2)')
          """);
      statement.execute("INSERT INTO kinds (id) VALUES (2)");
      statement.execute(view);
      List<String> row = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery(
              """
              SELECT truth, bit_truth, small, whole, big, single, twice, price, exact_price, bytes,
                day, day_text, day_number, at_time, at_number, midnight, at_zone,
                moment AT TIME ZONE 'UTC', moment_zone AT TIME ZONE 'UTC',
                moment_number AT TIME ZONE 'UTC', moment_millis AT TIME ZONE 'UTC',
                moment_nanos AT TIME ZONE 'UTC', moment_day AT TIME ZONE 'UTC', length::text,
                length_number::text, name_id, document, encoded, words, prices, place
              FROM kinds_now WHERE id = 1
              """)) {
        rows.next();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
      }

      assertThat(row)
          .containsExactly(
              "t",
              "t",
              "7",
              "-8",
              "9007199254740993",
              "1.5",
              "NaN",
              "1138.00",
              "-0.05",
              "\\x00ff",
              "2025-11-07",
              "2025-11-07",
              "2025-11-07",
              "11:29:32.953131",
              "11:29:32.953131",
              "24:00:00.000000",
              "19:30:00.000000Z",
              "2025-11-07 11:29:32.953131",
              "2025-11-07 11:29:32.953131",
              "2025-11-07 11:29:32.953131",
              "2025-11-07 11:29:32.953",
              "2025-11-07 11:29:32.953131",
              "2025-11-07 00:00:00",
              "2 days 03:04:05.000006",
              "51:04:05.000006",
              "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
              "{\"a\": 1}",
              "Café",
              "{a,NULL,\"b c\"}",
              "{1.50,2.00}",
              "(1,2)");
      assertThat(column(statement, "SELECT count(*) FROM kinds_now WHERE truth IS NULL"))
          .containsExactly("1");
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
            new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
                .load(file.toString(), Overrides.none())
                .definition())
        .create();
  }
}
