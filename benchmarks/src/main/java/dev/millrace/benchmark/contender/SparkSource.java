package dev.millrace.benchmark.contender;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark's Kafka source, nothing decoded. */
public final class SparkSource implements Contender {

  private final SparkSession session = SparkStream.session();

  private SparkSource() {}

  public static void main(String[] arguments) throws Exception {
    ContenderServer.serve(new SparkSource());
  }

  @Override
  public Run run(Task task, Path folder) throws Exception {
    return SparkStream.write(SparkStream.messages(session, task), task, folder);
  }

  @Override
  public void close() {
    session.stop();
  }
}
