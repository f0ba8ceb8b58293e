package dev.millrace.benchmark.contender;

import dev.millrace.benchmark.contender.StreamedRun.Batches;
import dev.millrace.benchmark.topic.TableFigures;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A contender that brings a topic into a table of Postgres or Iceberg, on Spark. Lives in a process
 * of its own, which reads one order a line from standard input and answers each with one line on
 * standard output; anything else that is printed goes to standard error.
 *
 * <pre>
 *   run KIND TOPIC FOLDER CHANGES-PER-BATCH
 *   done MESSAGES NANOSECONDS CPU-NANOSECONDS MILLISECONDS-OF-A-BATCH,...
 *   look KIND TOPIC FOLDER CHANGES-PER-BATCH
 *   table ROWS IDS VERSIONS COMPLETED
 * </pre>
 */
interface SinkContender {

  /** Brings what the topic holds now, and was not brought yet, into the table. */
  Batches run(SinkTask task) throws Exception;

  /** What the task's table of Iceberg holds. */
  TableFigures icebergTable(SinkTask task);

  /** Serves orders until its input ends, then ends the process. */
  static void serve(SinkContender contender) throws Exception {
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    answers.println("ready");
    for (String order = orders.readLine(); order != null; order = orders.readLine()) {
      String[] verbAndTask = order.split(" ", 2);
      SinkTask task = SinkTask.parse(verbAndTask[1]);
      if (verbAndTask[0].equals(SinkTask.LOOK)) {
        answers.println("table " + contender.icebergTable(task).toWords());
      } else {
        answers.println("done " + contender.run(task).toWords());
      }
      // Garbage of this run is not the next one's business.
      System.gc();
    }
    System.exit(0);
  }

  /**
   * What a table in a folder of Iceberg's catalog {@code hadoop} holds.
   *
   * @param catalog a name that the session does not have yet
   * @param table namespace and name
   */
  static TableFigures icebergTable(
      SparkSession session, String catalog, String warehouse, String table) {
    icebergCatalog(session, catalog, warehouse);
    Row figures =
        session
            .table(catalog + "." + table)
            .selectExpr(
                "count(*)",
                "coalesce(sum(id), 0)",
                "coalesce(sum((id %% %1$d) * (unix_micros(updated_at_ts) %% %1$d)), 0)"
                    .formatted(TableFigures.MODULUS),
                "count_if(booking_status = 'Completed')")
            .first();
    return new TableFigures(
        figures.getLong(0), figures.getLong(1), figures.getLong(2), figures.getLong(3));
  }

  /** Gives a session a catalog; Spark opens it when it is used. */
  static void icebergCatalog(SparkSession session, String catalog, String warehouse) {
    String key = "spark.sql.catalog." + catalog;
    session.conf().set(key, "org.apache.iceberg.spark.SparkCatalog");
    session.conf().set(key + ".type", "hadoop");
    session.conf().set(key + ".warehouse", warehouse);
  }

  /** Where Postgres is. */
  record Target(String url, String user, String password) {}

  /** Where the messages are. */
  record Kafka(String bootstrapServers, int partitions) {}
}
