package dev.millrace.benchmark.sinks;

import java.util.Optional;

/** The contenders, in the order of the report. */
public enum SinkCase {
  MILLRACE_MIRROR(
      "millrace",
      "Millrace, a view of the table, exactly once",
      Side.MILLRACE,
      "postgres-mirror",
      TableLayout.MIRROR),
  MILLRACE_KEYED(
      "millrace-keyed",
      "Millrace, changes with a key, exactly once",
      Side.MILLRACE,
      "postgres-keyed",
      TableLayout.BY_KEY),
  DEBEZIUM(
      "debezium", "Debezium's JDBC sink, defaults", Side.CONNECT, "defaults", TableLayout.AS_SENT),
  DEBEZIUM_BEST(
      "debezium-best",
      "Debezium's JDBC sink, unnest and reduction buffer",
      Side.CONNECT,
      "best",
      TableLayout.AS_SENT),
  DEBEZIUM_BEST_TASKS(
      "debezium-best-tasks",
      "Debezium's JDBC sink, the same with a task a partition",
      Side.CONNECT,
      "best-tasks",
      TableLayout.AS_SENT),
  MILLRACE_CHANGES(
      "millrace-changes",
      "Millrace, a row for each change, exactly once",
      Side.MILLRACE,
      "postgres-changes",
      TableLayout.CHANGES),
  SPARK_JDBC(
      "spark-jdbc",
      "Spark's JDBC writer, defaults",
      Side.SPARK,
      "postgres-append",
      TableLayout.CHANGES),
  SPARK_JDBC_REWRITTEN(
      "spark-jdbc-rewritten",
      "Spark's JDBC writer, reWriteBatchedInserts, batches of 10,000",
      Side.SPARK,
      "postgres-append-rewritten",
      TableLayout.CHANGES),
  MILLRACE_ICEBERG(
      "millrace-iceberg",
      "Millrace, a view of the table, exactly once",
      Side.MILLRACE,
      "iceberg-mirror",
      null),
  SPARK_MERGE("spark-merge", "MERGE INTO, defaults", Side.SPARK, "iceberg-merge", null),
  SPARK_MERGE_ON_READ(
      "spark-merge-on-read",
      "MERGE INTO, merge-on-read",
      Side.SPARK,
      "iceberg-merge-on-read",
      null);

  private final String title;
  private final String name;
  private final Side side;
  private final String kind;
  private final TableLayout layout;

  SinkCase(String name, String title, Side side, String kind, TableLayout layout) {
    this.name = name;
    this.title = title;
    this.side = side;
    this.kind = kind;
    this.layout = layout;
  }

  /** In which process a contender runs. */
  enum Side {
    MILLRACE,
    SPARK,
    CONNECT
  }

  /** By what the command line chooses it. */
  public String id() {
    return name;
  }

  public String title() {
    return title;
  }

  /** {@code postgres} or {@code iceberg}. */
  public String sink() {
    return layout == null ? "iceberg" : "postgres";
  }

  /** Whether this is the job, and not one that it is compared with. */
  public boolean isJob() {
    return side == Side.MILLRACE;
  }

  Side side() {
    return side;
  }

  String kind() {
    return kind;
  }

  /** Empty for a table of Iceberg. */
  Optional<TableLayout> layout() {
    return Optional.ofNullable(layout);
  }

  /** Whether it stores a row for each change, and not the rows of the table. */
  boolean storesChanges() {
    return layout == TableLayout.CHANGES;
  }
}
