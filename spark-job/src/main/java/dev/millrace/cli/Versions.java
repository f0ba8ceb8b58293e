package dev.millrace.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.spark.SparkBuildInfo;
import picocli.CommandLine.IVersionProvider;

/** The versions of what is on the class path, read from it. */
final class Versions implements IVersionProvider {

  /** Written by the build of Millrace. */
  private static final String MILLRACE = "/dev/millrace/cli/build.properties";

  /** Written by the build of Debezium. */
  private static final String DEBEZIUM = "/io/debezium/build.version";

  @Override
  public String[] getVersion() throws IOException {
    Properties build = properties(MILLRACE);
    String commit = build.getProperty("git.commit.id.abbrev");
    return new String[] {
      "Millrace "
          + build.getProperty("git.build.version")
          + (commit == null ? "" : " (" + commit + ")"),
      "Spark " + SparkBuildInfo.spark_version(),
      "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
      "Kafka client " + AppInfoParser.getVersion(),
      "Debezium " + properties(DEBEZIUM).getProperty("version")
    };
  }

  private static Properties properties(String resource) throws IOException {
    Properties properties = new Properties();
    try (InputStream stream = Versions.class.getResourceAsStream(resource)) {
      properties.load(stream);
    }
    return properties;
  }
}
