package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.StackExtension;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.error.data.DataError.Code;
import dev.millrace.event.PostgresTable;
import dev.millrace.source.PostgresSample;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.server.ConnectorDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.sql.Row;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a real connector leaves out of its messages, invents or rewrites, and what the decoder makes
 * of it, in both shapes. Each table has a row of the snapshot and some that were streamed.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OmittedValuesIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final String RUN = "omitted";

  /** Arrays and bits, long enough to be stored apart, by how they are made. */
  private static final Map<String, String> LONG_VALUES = new LinkedHashMap<>();

  static {
    String number = "(g * 7919) % 30000";
    for (String type : List.of("smallint", "integer", "bigint", "numeric", "numeric(12,2)")) {
      LONG_VALUES.put(type + "[]", number);
    }
    for (String type : List.of("real", "double precision", "oid")) {
      LONG_VALUES.put(type + "[]", number);
    }
    for (String type : List.of("text", "character varying(40)", "citext", "ltree", "tsvector")) {
      LONG_VALUES.put(type + "[]", "md5(g::text)");
    }
    LONG_VALUES.put("character(3)[]", "substr(md5(g::text), 1, 3)");
    LONG_VALUES.put("boolean[]", "hashint4(g) % 2 = 0");
    LONG_VALUES.put("bytea[]", "decode(md5(g::text), 'hex')");
    LONG_VALUES.put("json[]", "to_json(md5(g::text))");
    LONG_VALUES.put("jsonb[]", "to_jsonb(md5(g::text))");
    LONG_VALUES.put("uuid[]", "md5(g::text)::uuid");
    LONG_VALUES.put("hstore[]", "hstore('k', md5(g::text))");
    LONG_VALUES.put("omitted_mood[]", "CASE WHEN hashint4(g) % 2 = 0 THEN 'sad' ELSE 'ok' END");
    LONG_VALUES.put("inet[]", "'10.0.' || g % 256 || '.' || abs(hashint4(g)) % 256");
    LONG_VALUES.put("int4range[]", "int4range(g % 1000, 1000 + abs(hashint4(g)) % 1000)");
    String moment = "timestamp '2025-01-01' + hashint4(g) % 1000000 * interval '1 s'";
    LONG_VALUES.put("date[]", "date '2025-01-01' + hashint4(g) % 10000");
    LONG_VALUES.put("time without time zone[]", "(" + moment + ")::time");
    LONG_VALUES.put("time with time zone[]", "(" + moment + ")::time");
    LONG_VALUES.put("timestamp without time zone[]", moment);
    LONG_VALUES.put("timestamp(3) without time zone[]", moment);
    LONG_VALUES.put("timestamp with time zone[]", moment);
  }

  private enum Shape {
    UNWRAPPED("ride-bookings"),
    ENVELOPE("ride-bookings-envelope");

    private final String connector;

    Shape(String connector) {
      this.connector = connector;
    }

    String prefix() {
      return RUN + "_" + name().toLowerCase(java.util.Locale.ROOT);
    }

    String topic(String table) {
      return prefix() + ".public." + RUN + "_" + table;
    }

    /** The row after the change as it was sent; of a delete, before it. */
    JsonNode row(JsonNode message) {
      return this == UNWRAPPED
          ? message
          : message.path(message.path("after").isObject() ? "after" : "before");
    }
  }

  private final List<ConnectorDefinition> connectors = new ArrayList<>();

  @BeforeAll
  void changeTheTables(LocalStack stack) {
    stack.execute(
        """
        CREATE EXTENSION IF NOT EXISTS hstore;
        CREATE EXTENSION IF NOT EXISTS citext;
        CREATE EXTENSION IF NOT EXISTS ltree;
        CREATE TYPE omitted_mood AS ENUM ('sad', 'ok');
        CREATE TYPE omitted_pair AS (a int, b text);
        -- Before 3.7 the connector fails where there is one.
        CREATE DOMAIN omitted_mood_domain AS omitted_mood;
        CREATE DOMAIN omitted_short AS varchar(20);
        CREATE DOMAIN omitted_shorter AS omitted_short CHECK (length(value) < 10);

        CREATE TABLE omitted_required (id bigint PRIMARY KEY, t text NOT NULL, i int NOT NULL,
          b boolean NOT NULL, d date NOT NULL, ts timestamp NOT NULL, n numeric(10,2) NOT NULL,
          j jsonb NOT NULL, a int[] NOT NULL, dflt text NOT NULL DEFAULT 'y', opt text);
        CREATE TABLE omitted_whole (LIKE omitted_required INCLUDING ALL);
        ALTER TABLE omitted_whole REPLICA IDENTITY FULL;
        CREATE TABLE omitted_index (id bigint PRIMARY KEY, number int NOT NULL, v text NOT NULL);
        CREATE UNIQUE INDEX omitted_index_number ON omitted_index (number);
        ALTER TABLE omitted_index REPLICA IDENTITY USING INDEX omitted_index_number;
        CREATE TABLE omitted_keyless (a int, b text NOT NULL);
        ALTER TABLE omitted_keyless REPLICA IDENTITY FULL;
        CREATE TABLE omitted_messagekey (id bigint PRIMARY KEY, other int NOT NULL);
        CREATE TABLE omitted_generated (id bigint PRIMARY KEY, a int,
          doubled int GENERATED ALWAYS AS (a * 2) STORED);
        CREATE TABLE omitted_altered (id bigint PRIMARY KEY, a text, old int, dropped int);
        CREATE TABLE omitted_excluded (id bigint PRIMARY KEY, secret text NOT NULL, v int);
        CREATE TABLE omitted_domains (id bigint PRIMARY KEY, s omitted_shorter, n name,
          domains omitted_short[], pair omitted_pair, bx box, p path, ln line, sg lseg, c circle,
          poly polygon, x xid, q tsquery, l pg_lsn, jp jsonpath, rc regclass, mr int4multirange,
          moods omitted_mood[]);
        CREATE TABLE omitted_rewritten (id bigint PRIMARY KEY, money money, bits bit(8),
          padded char(5), nan numeric, dflt int DEFAULT 7, inf timestamp, infz timestamptz,
          infd date, iv interval, x xml, tv tsvector, ci citext, lt ltree, r int4range);
        CREATE TABLE omitted_parent (id bigint PRIMARY KEY, v text);
        CREATE TABLE omitted_child (PRIMARY KEY (id)) INHERITS (omitted_parent);
        CREATE UNLOGGED TABLE omitted_unlogged (id bigint PRIMARY KEY);
        CREATE TABLE omitted_part (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE omitted_part_1 PARTITION OF omitted_part FOR VALUES FROM (0) TO (9);
        CREATE TABLE omitted_truncated (id bigint PRIMARY KEY)
        """);
    List<String> columns = new ArrayList<>();
    LONG_VALUES.keySet().forEach(type -> columns.add("c%d %s".formatted(columns.size(), type)));
    stack.execute(
        "CREATE TABLE omitted_long (id bigint PRIMARY KEY, n int, bits bit varying, %s)"
            .formatted(String.join(", ", columns)));
    // Compressed, the booleans would be short.
    stack.execute(
        "ALTER TABLE omitted_long ALTER COLUMN c%d SET STORAGE EXTERNAL"
            .formatted(List.copyOf(LONG_VALUES.keySet()).indexOf("boolean[]")));
    stack.execute(
        """
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO debezium_user;
        CREATE PUBLICATION omitted FOR TABLE omitted_required, omitted_whole, omitted_index,
          omitted_keyless, omitted_messagekey, omitted_generated, omitted_altered, omitted_excluded,
          omitted_domains, omitted_rewritten, omitted_parent, omitted_part, omitted_truncated,
          omitted_long;
        """);
    stack.execute(required(1));
    stack.execute(
        """
        INSERT INTO omitted_index VALUES (1, 10, 'v');
        INSERT INTO omitted_keyless VALUES (1, 'b');
        INSERT INTO omitted_messagekey VALUES (1, 77);
        INSERT INTO omitted_generated VALUES (1, 5);
        INSERT INTO omitted_altered VALUES (1, 'a', 1, 2);
        INSERT INTO omitted_excluded VALUES (1, 'hidden', 3);
        INSERT INTO omitted_parent VALUES (1, 'p');
        INSERT INTO omitted_child VALUES (2, 'c');
        INSERT INTO omitted_unlogged VALUES (1);
        INSERT INTO omitted_part VALUES (1);
        INSERT INTO omitted_truncated VALUES (1)
        """);
    stack.execute(odd(1));
    for (Shape shape : Shape.values()) {
      ConnectorDefinition connector =
          stack
              .connector(shape.connector)
              .named(shape.prefix())
              .with("topic.prefix", shape.prefix())
              .with("slot.name", shape.prefix())
              .with("publication.name", RUN)
              .with("offsets.storage.topic", "offsets-" + shape.prefix())
              .with("table.include.list", "public[.]omitted_.*")
              .with("column.exclude.list", "public.omitted_excluded.secret")
              .with("message.key.columns", "public.omitted_messagekey:other")
              .with("topic.creation.default.partitions", "1")
              .with("heartbeat.interval.ms", "0")
              .with("heartbeat.action.query", "");
      connectors.add(connector);
      stack.register(connector);
    }
    for (Shape shape : Shape.values()) {
      Awaitility.await()
          .atMost(TIMEOUT)
          .until(() -> !stack.committedRecords(shape.topic("unlogged")).isEmpty());
    }
    stream(stack);
  }

  private static void stream(LocalStack stack) {
    stack.execute(
        LONG_VALUES.entrySet().stream()
            .map(
                value ->
                    "(SELECT array_agg(%s) FROM generate_series(1, 3000) AS g)::text::%s"
                        .formatted(value.getValue(), value.getKey()))
            .collect(
                Collectors.joining(
                    ", ",
                    "INSERT INTO omitted_long SELECT 1, 0, (SELECT string_agg(hashint4(g)::bit(32)"
                        + "::text, '') FROM generate_series(1, 3000) AS g)::bit varying, ",
                    "")));
    stack.execute("UPDATE omitted_long SET n = 1");
    stack.execute(required(2));
    stack.execute(odd(2));
    stack.execute(
        """
        DELETE FROM omitted_required; DELETE FROM omitted_whole;
        UPDATE omitted_index SET v = 'w'; DELETE FROM omitted_index;
        UPDATE omitted_keyless SET a = 3; DELETE FROM omitted_keyless;
        DELETE FROM omitted_messagekey;
        UPDATE omitted_generated SET a = 6; INSERT INTO omitted_generated VALUES (2, 8);
        UPDATE omitted_excluded SET v = 4;
        INSERT INTO omitted_child VALUES (4, 'c4'); UPDATE omitted_parent SET v = 'u';
        INSERT INTO omitted_part VALUES (2);
        INSERT INTO omitted_unlogged VALUES (2);
        UPDATE omitted_rewritten SET dflt = NULL
        """);
    stack.execute("ALTER TABLE omitted_altered ADD COLUMN added text NOT NULL DEFAULT 'later'");
    stack.execute("UPDATE omitted_altered SET a = 'b'");
    stack.execute("ALTER TABLE omitted_altered DROP COLUMN dropped");
    stack.execute("ALTER TABLE omitted_altered RENAME COLUMN old TO renamed");
    stack.execute("UPDATE omitted_altered SET a = 'c'");
    stack.execute("TRUNCATE omitted_truncated");
    stack.execute("INSERT INTO omitted_truncated VALUES (3)");
    for (Shape shape : Shape.values()) {
      Awaitility.await()
          .atMost(TIMEOUT)
          .until(
              () ->
                  stack.committedRecords(shape.topic("truncated")).stream()
                      .anyMatch(record -> record.key() != null && record.key().contains(":3}")));
    }
  }

  private static String required(int id) {
    String row =
        "(%d, 't', 1, true, '2025-01-02', '2025-01-02 03:04', 1.25, '{}', '{1}', 'z', 'o')"
            .formatted(id);
    return "INSERT INTO omitted_required VALUES %1$s; INSERT INTO omitted_whole VALUES %1$s"
        .formatted(row);
  }

  private static String odd(int id) {
    return """
        INSERT INTO omitted_domains VALUES (%1$d, 'abc', 'nm', '{a,b}', '(1,x)', '(1,2),(3,4)',
          '[(1,2),(3,4)]', '{1,2,3}', '[(1,2),(3,4)]', '<(1,2),3>', '((1,2),(3,4),(5,6))', '7',
          'cat', '0/1', '$.a', 'pg_class', '{[1,2)}', '{ok,NULL}');
        INSERT INTO omitted_rewritten VALUES (%1$d, 1234.5, B'00000000', 'ab', 'NaN', NULL,
          'infinity', '-infinity', 'infinity', '1 year 2 mons 3 days', '<a>b</a>', 'fat & cat',
          'CaSe', 'a.b', '[1,5]')
        """
        .formatted(id);
  }

  @AfterAll
  void deleteTheConnectors(LocalStack stack) {
    connectors.forEach(stack::delete);
    stack.execute("DROP PUBLICATION omitted; DROP DOMAIN omitted_mood_domain");
  }

  // ------------------------------------------------------------------ deletes

  @ParameterizedTest
  @EnumSource
  void tellsOfADeletedRowItsKeyAloneUnlessTheIdentityIsFull(Shape shape, LocalStack stack) {
    String columns =
        """
          columns:
            id: {type: bigint}
            t: {type: string}
            i: {type: int}
            b: {type: boolean}
            d: {type: date}
            ts: {type: timestamp}
            n: {type: "decimal(10,2)"}
            j: {type: string}
            a: {type: array<int>}
            dflt: {type: string}
            opt: {type: string}
        """;
    // The messages have more, all of it invented.
    JsonNode invented = shape.row(messages(stack, shape, "required", "d").get(0));
    assertThat(invented.get("t").asText()).isEmpty();
    assertThat(invented.get("i").asInt()).isZero();
    assertThat(invented.get("b").asBoolean(true)).isFalse();
    assertThat(invented.get("d").asInt()).isZero();
    assertThat(invented.get("dflt").asText()).isEqualTo("y");

    List<Row> deletes = deletes(stack, shape, "required", table("default", columns));
    assertThat(deletes).extracting(row -> row.<Long>getAs("id")).containsExactly(1L, 2L);
    for (Row delete : deletes) {
      for (String column : List.of("t", "i", "b", "d", "ts", "n", "j", "a", "dflt", "opt")) {
        assertThat(delete.<Object>getAs(column)).as(column).isNull();
      }
      if (shape == Shape.ENVELOPE) {
        Row before = delete.getAs("before");
        assertThat(before.getLong(0)).isEqualTo(delete.<Long>getAs("id"));
        for (int i = 1; i < before.size(); i++) {
          assertThat(before.get(i)).as("column %d of before", i).isNull();
        }
      }
    }
    Row whole = deletes(stack, shape, "whole", table("full", columns)).get(0);
    assertThat(whole.<String>getAs("t")).isEqualTo("t");
    assertThat(whole.<Integer>getAs("i")).isEqualTo(1);
    assertThat(whole.<String>getAs("dflt")).isEqualTo("z");
    assertThat(whole.<String>getAs("opt")).isEqualTo("o");
  }

  @ParameterizedTest
  @EnumSource
  void tellsOfAnIdentityByIndexTheColumnsOfTheIndex(Shape shape, LocalStack stack) {
    String columns =
        """
          columns:
            id: {type: bigint}
            number: {type: int}
            v: {type: string}
        """;
    // The primary key is not part of it: the connector invents one, in the message's key, too.
    assertThat(shape.row(messages(stack, shape, "index", "d").get(0)).get("id").asInt()).isZero();

    Row delete =
        deletes(
                stack,
                shape,
                "index",
                TableLoader.parse(
                    "table:\n  key: [number]\n  replica-identity: index omitted_index_number\n"
                        + columns,
                    "test"))
            .get(0);

    assertThat(delete.<Integer>getAs("number")).isEqualTo(10);
    assertThat(delete.<Object>getAs("id")).isNull();
    assertThat(delete.<Object>getAs("v")).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void readsATableWithoutAKeyOnlyAsAWhole(Shape shape, LocalStack stack) {
    String columns = "  columns:\n    a: {type: int}\n    b: {type: string}\n";
    TableDefinition whole = TableLoader.parse("table:\n  replica-identity: full\n" + columns, "t");
    TableDefinition usual = TableLoader.parse("table:\n" + columns, "t");

    Row delete = deletes(stack, shape, "keyless", whole).get(0);
    assertThat(delete.<Integer>getAs("a")).isEqualTo(3);
    assertThat(delete.<String>getAs("b")).isEqualTo("b");
    ConsumerRecord<String, String> record = records(stack, shape, "keyless", "d").get(0);
    assertThat(record.key()).isNull();
    assertThat(Decoding.of(usual).reject(null, record.value().getBytes(UTF_8)).code())
        .isEqualTo(Code.INVALID_KEY);
  }

  @ParameterizedTest
  @EnumSource
  void takesTheTablesKeyFromTheRowWhereTheMessageHasAKeyOfItsOwn(Shape shape, LocalStack stack) {
    // message.key.columns: a column outside the replica identity, so a delete has 0 for it.
    assertThat(records(stack, shape, "messagekey", "d").get(0).key()).isEqualTo("{\"other\":0}");

    Row delete =
        deletes(
                stack,
                shape,
                "messagekey",
                table("default", "  columns:\n    id: {type: bigint}\n    other: {type: int}\n"))
            .get(0);

    assertThat(delete.<Long>getAs("id")).isEqualTo(1L);
    assertThat(delete.<Object>getAs("other")).isNull();
  }

  // ------------------------------------------------------------------ fields that are not there

  @ParameterizedTest
  @EnumSource
  void listsAGeneratedColumnAsUnchangedOnceItIsStreamed(Shape shape, LocalStack stack) {
    TableDefinition table =
        table(
            "default",
            "  columns:\n    id: {type: bigint}\n    a: {type: int}\n    doubled: {type: int}\n");

    assertThat(shown(stack, shape, "generated", table, "op", "id", "a", "doubled", "unchanged"))
        .containsExactly(
            "[r, 1, 5, 10, null]", "[u, 1, 6, null, [doubled]]", "[c, 2, 8, null, [doubled]]");
  }

  @ParameterizedTest
  @EnumSource
  void listsDroppedRenamedAndExcludedColumnsAsUnchanged(Shape shape, LocalStack stack) {
    TableDefinition altered =
        table(
            "default",
            """
              columns:
                id: {type: bigint}
                a: {type: string}
                old: {type: int}
                dropped: {type: int}
                added: {type: string}
            """);
    assertThat(
            shown(
                stack,
                shape,
                "altered",
                altered,
                "op",
                "a",
                "old",
                "dropped",
                "added",
                "unchanged"))
        .containsExactly(
            "[r, a, 1, 2, null, [added]]",
            // The default of a column that was added is sent like any value.
            "[u, b, 1, 2, later, null]",
            "[u, c, null, null, later, [old, dropped]]");
    TableDefinition excluded =
        table(
            "default",
            "  columns:\n    id: {type: bigint}\n    secret: {type: string}\n    v: {type: int}\n");
    assertThat(shown(stack, shape, "excluded", excluded, "op", "secret", "v", "unchanged"))
        .containsExactly("[r, null, 3, [secret]]", "[u, null, 4, [secret]]");
  }

  @ParameterizedTest
  @EnumSource
  void leavesOutTypesOfWhichInferSaysSo(Shape shape, LocalStack stack) {
    List<JsonNode> rows = messages(stack, shape, "domains", "rc").stream().map(shape::row).toList();

    assertThat(rows).hasSize(2);
    for (JsonNode row : rows) {
      assertThat(fields(row))
          .containsExactlyInAnyOrder("id", "s", "n", "moods", "bx", "p", "ln", "sg", "c", "poly");
      assertThat(row.get("s").asText()).isEqualTo("abc");
    }
    // The name is in the snapshot only, and so is an array of an enum with a null.
    assertThat(rows.get(0).get("n").asText()).isEqualTo("nm");
    assertThat(rows.get(1).get("n").isNull()).isTrue();
    assertThat(rows.get(1).get("moods").isNull()).isTrue();
  }

  // ------------------------------------------------------------------ unchanged long values

  @ParameterizedTest
  @EnumSource
  void knowsWhichUnchangedValuesComeAsNull(Shape shape, LocalStack stack) {
    JsonNode row = shape.row(messages(stack, shape, "long", "u").get(0));
    PostgresTable postgres =
        PostgresSample.read(
            stack.jdbcUrl(),
            stack.connections().postgresUser(),
            stack.connections().postgresPassword(),
            "public.omitted_long",
            1);

    Set<String> nulls = new TreeSet<>();
    Set<String> known = new TreeSet<>();
    for (PostgresTable.Column column : postgres.columns()) {
      if (row.get(column.name()).isNull()) {
        nulls.add(column.type());
      }
      if (column.isNullWhenUnchanged()) {
        known.add(column.type());
      }
    }
    assertThat(nulls).hasSize(20);
    assertThat(known).isEqualTo(nulls);
  }

  @ParameterizedTest
  @EnumSource
  void recognizesThePlaceholderOfBytesInAnArray(Shape shape, LocalStack stack) {
    String column = "c" + List.copyOf(LONG_VALUES.keySet()).indexOf("bytea[]");
    TableDefinition table =
        table(
            "default",
            "  columns:\n    id: {type: bigint}\n    %s: {type: array<binary>}\n"
                .formatted(column));

    Row update = changes(stack, shape, "long", table).get(1);

    assertThat(update.<Object>getAs(column)).isNull();
    assertThat(update.<Object>getList(update.fieldIndex("unchanged"))).containsExactly(column);
  }

  // ------------------------------------------------------------------ values that are rewritten

  @ParameterizedTest
  @EnumSource
  void sendsOddValuesAsDocumented(Shape shape, LocalStack stack) {
    TableDefinition table =
        table(
            "default",
            """
              columns:
                id: {type: bigint}
                money: {type: string}
                bits: {type: binary}
                padded: {type: string}
                dflt: {type: int}
                iv: {type: string}
                x: {type: string}
                tv: {type: string}
                ci: {type: string}
                lt: {type: string}
                r: {type: string}
            """);

    for (Row row : changes(stack, shape, "rewritten", table)) {
      assertThat(row.<byte[]>getAs("bits")).isEmpty();
      // NULL stays null although the column has a default.
      assertThat(row.<Object>getAs("dflt")).isNull();
      assertThat(
              List.of("money", "padded", "iv", "x", "tv", "ci", "lt", "r").stream()
                  .map(column -> row.<Object>getAs(column)))
          .containsExactly(
              "1234.50",
              "ab   ",
              "P1Y2M3DT0H0M0S",
              "<a>b</a>",
              "'&' 'cat' 'fat'",
              "CaSe",
              "a.b",
              "[1,6)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void rejectsWhatNoColumnCanHold(Shape shape, LocalStack stack) {
    for (String column :
        List.of(
            "inf: {type: timestamp}",
            "infz: {type: timestamp, unit: iso}",
            "infd: {type: date}",
            "nan: {type: \"decimal(38,10)\"}",
            "iv: {type: interval}")) {
      Decoding decoding =
          Decoding.of(table("default", "  columns:\n    id: {type: bigint}\n    " + column + "\n"));
      for (ConsumerRecord<String, String> record : records(stack, shape, "rewritten", "rcu")) {
        assertThat(decoding.reject(bytes(record.key()), bytes(record.value())).column())
            .as(record.value())
            .isEqualTo(column.substring(0, column.indexOf(':')));
      }
    }
  }

  // ------------------------------------------------------------------ rows that do not come

  @ParameterizedTest
  @EnumSource
  void sendsOtherRowsInTheSnapshotThanInTheStream(Shape shape, LocalStack stack) {
    // The snapshot of a parent has the rows of its children; their changes go to their own topics.
    assertThat(keys(stack, shape, "parent")).containsExactly("r 1", "r 2", "u 1");

    assertThat(keys(stack, shape, "child")).containsExactly("r 2", "c 4", "u 2", "u 4");
    // A table outside the publication is in the snapshot and never streamed.
    assertThat(keys(stack, shape, "unlogged")).containsExactly("r 1");
    // Without publish_via_partition_root the partitions have topics of their own.
    assertThat(keys(stack, shape, "part")).containsExactly("r 1");
    assertThat(keys(stack, shape, "part_1")).containsExactly("r 1", "c 2");
  }

  @Test
  void losesATruncateThroughTheUnwrapTransform(LocalStack stack) {
    assertThat(keys(stack, Shape.UNWRAPPED, "truncated")).containsExactly("r 1", "c 3");
    assertThat(keys(stack, Shape.ENVELOPE, "truncated")).containsExactly("r 1", "t", "c 3");
  }

  // ------------------------------------------------------------------ reading

  private static TableDefinition table(String identity, String columns) {
    return TableLoader.parse(
        "table:\n  key: [id]\n  before: true\n  replica-identity: " + identity + "\n" + columns,
        "test");
  }

  /** The messages of a table with one of these operations, in their order. */
  private static List<ConsumerRecord<String, String>> records(
      LocalStack stack, Shape shape, String table, String operations) {
    return stack.committedRecords(shape.topic(table)).stream()
        .filter(record -> record.value() != null)
        .filter(record -> operations.contains(operation(tree(record.value()))))
        .toList();
  }

  private static List<JsonNode> messages(
      LocalStack stack, Shape shape, String table, String operations) {
    return records(stack, shape, table, operations).stream()
        .map(record -> tree(record.value()))
        .toList();
  }

  private static List<Row> changes(
      LocalStack stack, Shape shape, String table, TableDefinition definition) {
    Decoding decoding = Decoding.of(definition);
    return records(stack, shape, table, "rcudt").stream()
        .map(record -> decoding.change(bytes(record.key()), bytes(record.value())))
        .toList();
  }

  private static List<Row> deletes(
      LocalStack stack, Shape shape, String table, TableDefinition definition) {
    return changes(stack, shape, table, definition).stream()
        .filter(row -> row.getAs("op").equals("d"))
        .toList();
  }

  private static List<String> shown(
      LocalStack stack, Shape shape, String table, TableDefinition definition, String... columns) {
    return changes(stack, shape, table, definition).stream()
        .map(
            row -> {
              List<Object> values = new ArrayList<>();
              for (String column : columns) {
                int index = row.fieldIndex(column);
                values.add(
                    column.equals("unchanged") && !row.isNullAt(index)
                        ? row.getList(index)
                        : row.get(index));
              }
              return values.toString();
            })
        .toList();
  }

  private static List<String> keys(LocalStack stack, Shape shape, String table) {
    return messages(stack, shape, table, "rcudt").stream()
        .map(message -> (operation(message) + " " + shape.row(message).path("id").asText()).strip())
        .toList();
  }

  private static String operation(JsonNode message) {
    return message.path(message.has("__op") ? "__op" : "op").asText();
  }

  private static List<String> fields(JsonNode row) {
    Map<String, JsonNode> fields = new HashMap<>();
    row.fields().forEachRemaining(field -> fields.put(field.getKey(), field.getValue()));
    return fields.keySet().stream().filter(name -> !name.startsWith("__")).toList();
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }
}
