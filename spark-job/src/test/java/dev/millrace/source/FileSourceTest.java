package dev.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.config.FileFormat;
import dev.millrace.config.FileSourceDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private final List<String> seen = new ArrayList<>();

  @Test
  void findsAFileThatIsMuchOlderThanThoseBefore() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("today.csv"), "id\n1\n");
    runToTheEnd(input);
    Path moved = Files.writeString(folder.resolve("archived.csv"), "id\n2\n");
    Files.setLastModifiedTime(moved, FileTime.from(Instant.now().minus(Duration.ofDays(365))));
    Files.move(moved, input.resolve("archived.csv"));

    runToTheEnd(input);

    assertThat(seen).containsExactly("today.csv", "archived.csv");
  }

  private void runToTheEnd(Path input) throws Exception {
    FileSourceDefinition source =
        new FileSourceDefinition(input.toString(), FileFormat.CSV, 100, Map.of());
    new FileSource(source)
        .open(SPARK.session())
        .writeStream()
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch(
            (VoidFunction2<Dataset<Row>, Long>)
                (paths, batch) ->
                    paths.as(Encoders.STRING()).collectAsList().stream()
                        .map(path -> path.substring(path.lastIndexOf('/') + 1))
                        .forEach(seen::add))
        .start()
        .awaitTermination();
  }
}
