package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SparkSessionsTest {

  private static final String ZONE = "spark.sql.session.timeZone";

  @Test
  void oneMachineUsesOurLocalDiskAndTheLoopbackInterface() {
    assertThat(SparkSessions.settings(submitted(Map.of()), Map.of()))
        .containsAllEntriesOf(LocalDisk.SETTINGS)
        .containsEntry("spark.master", "local[*]")
        .containsEntry("spark.driver.bindAddress", "127.0.0.1");
    assertThat(SparkSessions.settings(submitted(Map.of("spark.master", "local[2]")), Map.of()))
        .containsAllEntriesOf(LocalDisk.SETTINGS)
        .containsEntry("spark.master", "local[2]")
        .doesNotContainKey("spark.driver.bindAddress");
  }

  @Test
  void aClusterKeepsItsOwn() {
    assertThat(
            SparkSessions.settings(
                submitted(Map.of("spark.master", "spark://master:7077")), Map.of()))
        .containsEntry("spark.master", "spark://master:7077")
        .doesNotContainKeys("spark.hadoop.fs.file.impl", "spark.driver.bindAddress");
  }

  @Test
  void thePipelineOverridesWhatWasSubmittedButNotTheTimeZone() {
    assertThat(
            SparkSessions.settings(
                submitted(Map.of("spark.sql.shuffle.partitions", "8", "spark.executor.cores", "3")),
                Map.of("spark.sql.shuffle.partitions", "16", ZONE, "Asia/Kolkata")))
        .containsEntry("spark.sql.shuffle.partitions", "16")
        .containsEntry("spark.executor.cores", "3")
        .containsEntry(ZONE, "UTC");
  }

  @Test
  void sqlReadsNoFileThatItNames() {
    assertThat(
            SparkSessions.settings(submitted(Map.of()), Map.of("spark.sql.runSQLOnFiles", "true")))
        .containsEntry("spark.sql.runSQLOnFiles", "false");
  }

  private static SparkConf submitted(Map<String, String> settings) {
    SparkConf submitted = new SparkConf(false);
    settings.forEach(submitted::set);
    return submitted;
  }
}
