package dev.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.error.PostgresFinding;
import dev.millrace.stack.LocalStack;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each finding, in a schema of a real Postgres that has what it is about. */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresChecksIT {

  @BeforeAll
  void createTables(LocalStack stack) {
    stack.execute(
        """
        CREATE SCHEMA checks;
        CREATE TABLE checks.usual (id bigint PRIMARY KEY, v text);
        CREATE TABLE checks.whole (id bigint PRIMARY KEY, v text);
        ALTER TABLE checks.whole REPLICA IDENTITY FULL;
        CREATE TABLE checks.by_index (id bigint PRIMARY KEY, number int NOT NULL);
        CREATE UNIQUE INDEX by_index_number ON checks.by_index (number);
        ALTER TABLE checks.by_index REPLICA IDENTITY USING INDEX by_index_number;
        CREATE TABLE checks.keyless (v text);
        CREATE TABLE checks.columns (id bigint PRIMARY KEY, a int,
          doubled int GENERATED ALWAYS AS (a * 2) STORED, n name, prices numeric[], texts text[]);
        CREATE TABLE checks.unpublished (id bigint PRIMARY KEY);
        CREATE UNLOGGED TABLE checks.unlogged (id bigint PRIMARY KEY);
        CREATE TABLE checks.parent (id bigint PRIMARY KEY);
        CREATE TABLE checks.child (PRIMARY KEY (id)) INHERITS (checks.parent);
        CREATE TABLE checks.parted (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE checks.parted_1 PARTITION OF checks.parted FOR VALUES FROM (0) TO (9);
        CREATE TABLE checks.filtered (id bigint PRIMARY KEY, v text, w text);
        CREATE PUBLICATION checks FOR TABLE checks.usual, checks.whole, checks.by_index,
          checks.keyless, checks.columns, checks.parent, checks.parted;
        CREATE PUBLICATION checks_root FOR TABLE checks.parted
          WITH (publish_via_partition_root = true);
        CREATE PUBLICATION checks_some FOR TABLE checks.filtered (id, v) WHERE (id > 5)
          WITH (publish = 'insert, update')
        """);
  }

  @AfterAll
  void dropTables(LocalStack stack) {
    stack.execute("DROP PUBLICATION checks, checks_root, checks_some; DROP SCHEMA checks CASCADE");
  }

  private static PostgresDefinition database(LocalStack stack, String table, String publication) {
    return new PostgresDefinition(
        stack.jdbcUrl(),
        stack.connections().postgresUser(),
        stack.connections().postgresPassword(),
        "checks." + table,
        Optional.ofNullable(publication),
        Optional.empty());
  }

  private static List<String> found(LocalStack stack, String table, String publication)
      throws SQLException {
    return PostgresChecks.of(database(stack, table, publication)).stream()
        .map(PostgresFinding::toString)
        .toList();
  }

  private static TableDefinition declared(String identity, String key) {
    return TableLoader.parse(
        "table:\n  key: [%s]\n  replica-identity: %s\n  columns: {%s: {type: bigint}}\n"
            .formatted(key, identity, key),
        "test");
  }

  @Test
  void findsNothingWhereAllIsWell(LocalStack stack) throws SQLException {
    assertThat(found(stack, "usual", "checks")).isEmpty();
    assertThat(PostgresChecks.of(database(stack, "usual", null), declared("default", "id")))
        .isEmpty();
    assertThat(PostgresChecks.of(database(stack, "whole", "checks"), declared("full", "id")))
        .isEmpty();
    assertThat(found(stack, "parted", "checks_root")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          missing     | checks      | there is no such table.
          usual       | nowhere     | there is no such publication.
          unpublished | checks      | it is not in publication checks: a snapshot has its rows, and no change ever follows.
          unpublished |             | it is not in any publication: a snapshot has its rows, and no change ever follows.
          unlogged    | checks      | it is unlogged, so no change of it is ever streamed.
          keyless     | checks      | it has no replica identity, so Postgres refuses updates and deletes once it is published.
          parent      | checks      | other tables inherit from it (checks.child): the snapshot has their rows, the stream does not.
          parted      | checks      | the topic of the table gets no message after the snapshot, and a run on it reports no lag for ever.
          parted_1    | checks_root | it is a partition of checks.parted, under whose name publication checks_root sends its changes.
          filtered    | checks_some | it leaves out every delete.
          filtered    | checks_some | publication checks_some has its rows only WHERE (id > 5); a snapshot has them all.
          filtered    | checks_some | publication checks_some leaves out w: in the snapshot only, then listed in 'unchanged'.
          columns     | checks      | column checks.columns.doubled: it is generated: in the snapshot only
          columns     | checks      | column checks.columns.n: the connector streams null for the type name
          columns     | checks      | column checks.columns.prices: a long value of type numeric[] that an update does not touch arrives as null.
          """)
  void findsWhatMakesChangesIncomplete(
      String table, String publication, String problem, LocalStack stack) throws SQLException {
    assertThat(found(stack, table, publication)).anySatisfy(it -> assertThat(it).contains(problem));
    assertThat(PostgresChecks.of(database(stack, table, publication)))
        .noneMatch(PostgresFinding::isWrongData);
  }

  @Test
  void saysWhereWhatWhatWasExpectedAndHowToFixIt(LocalStack stack) throws SQLException {
    assertThat(found(stack, "parted", "checks"))
        .containsExactly(
            "table checks.parted: it is partitioned, and publication checks sends changes under the"
                + " names of its partitions: the topic of the table gets no message after the"
                + " snapshot, and a run on it reports no lag for ever. Expected"
                + " publish_via_partition_root = true. Run ALTER PUBLICATION checks SET"
                + " (publish_via_partition_root = true).");
    assertThat(found(stack, "columns", "checks")).hasSize(3);
    assertThat(found(stack, "filtered", "checks_some")).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          usual    | full                  | id     | its replica identity is 'default', and the pipeline declares full
          by_index | full                  | number | its replica identity is 'index by_index_number', and the pipeline declares full
          by_index | index by_index_number | id     | table.key has id, which a delete does not tell
          by_index | default               | id     | table.key has id, which a delete does not tell
          """)
  void callsWhatDeletesWouldInventWrongData(
      String table, String identity, String key, String problem, LocalStack stack)
      throws SQLException {
    List<PostgresFinding> findings =
        PostgresChecks.of(database(stack, table, "checks"), declared(identity, key));

    assertThat(findings.get(0).isWrongData()).isTrue();
    assertThat(findings.get(0).what()).startsWith(problem);
  }

  @Test
  void saysThatWholeRowsArePassedOver(LocalStack stack) throws SQLException {
    assertThat(PostgresChecks.of(database(stack, "whole", "checks"), declared("default", "id")))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.isWrongData()).isFalse();
              assertThat(finding.expected()).isEqualTo("table.replica-identity: full");
            });
  }

  @Test
  void looksAtDeclaredColumnsOnly(LocalStack stack) throws SQLException {
    assertThat(PostgresChecks.of(database(stack, "columns", "checks"), declared("default", "id")))
        .isEmpty();
  }

  @Test
  void findsADomainOverAnEnumAnywhereInTheDatabase(LocalStack stack) throws SQLException {
    stack.execute(
        """
        CREATE TYPE checks.colour AS ENUM ('red');
        CREATE DOMAIN checks.colour_domain AS checks.colour
        """);
    try {
      assertThat(found(stack, "usual", "checks"))
          .singleElement()
          .satisfies(
              finding ->
                  assertThat(finding)
                      .startsWith(
                          "domain checks.colour_domain: it is over the enum checks.colour:"));
    } finally {
      stack.execute("DROP DOMAIN checks.colour_domain; DROP TYPE checks.colour");
    }
  }

  @Test
  void looksAtTheSlot(LocalStack stack) throws SQLException {
    assertThat(slot(stack, "millrace_ride_bookings")).isEmpty();
    assertThat(slot(stack, "checks_missing"))
        .singleElement()
        .satisfies(it -> assertThat(it).contains("there is no such replication slot."));
    stack.execute("SELECT pg_create_logical_replication_slot('checks_idle', 'pgoutput')");
    try {
      assertThat(slot(stack, "checks_idle"))
          .singleElement()
          .satisfies(it -> assertThat(it).contains("no connector reads it"));
    } finally {
      stack.execute("SELECT pg_drop_replication_slot('checks_idle')");
    }
  }

  private static List<String> slot(LocalStack stack, String slot) throws SQLException {
    PostgresDefinition usual = database(stack, "usual", "checks");
    return PostgresChecks.of(
            new PostgresDefinition(
                usual.url(),
                usual.user(),
                usual.password(),
                usual.table(),
                usual.publication(),
                Optional.of(slot)))
        .stream()
        .map(PostgresFinding::toString)
        .toList();
  }

  @Test
  void failsWhereTheDatabaseCannotBeRead(LocalStack stack) {
    PostgresDefinition usual = database(stack, "usual", "checks");
    PostgresDefinition wrong =
        new PostgresDefinition(
            usual.url(), "nobody", "x", usual.table(), usual.publication(), usual.slot());

    assertThatThrownBy(() -> PostgresChecks.of(wrong)).isInstanceOf(SQLException.class);
  }
}
