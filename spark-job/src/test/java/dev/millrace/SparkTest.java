package dev.millrace;

import dev.millrace.pipeline.LocalDiskSettings;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A local Spark session for the tests of one class; register it in a static field. */
public final class SparkTest implements BeforeAllCallback, AfterAllCallback {

  private SparkSession session;

  @Override
  public void beforeAll(ExtensionContext context) {
    session = open(context.getDisplayName());
  }

  /** A local session; the caller closes it. */
  public static SparkSession open(String name) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master("local[2]")
            .appName(name)
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.codegen.cache.maxEntries", "1000");
    LocalDiskSettings.settings().forEach(builder::config);
    return builder.getOrCreate();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    session.stop();
  }

  /** The session; open from before the first test of the class to after its last. */
  public SparkSession session() {
    return session;
  }
}
