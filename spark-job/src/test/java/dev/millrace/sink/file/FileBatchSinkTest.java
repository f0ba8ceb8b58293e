package dev.millrace.sink.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.UserException;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.Sink.Delivery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.util.QueryExecutionListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FileBatchSinkTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  @Test
  void publishesABatchAsOneFolder() throws Exception {
    try (Sink sink = sink(Mode.APPEND)) {
      assertThat(sink.deliver(batch(0, "SELECT 1 AS id"))).isEqualTo(Delivery.DELIVERED);
      assertThat(sink.deliver(batch(1, "SELECT 2 AS id UNION ALL SELECT 3")))
          .isEqualTo(Delivery.DELIVERED);
    }

    assertThat(read()).containsExactly(1, 2, 3);
    assertThat(names(folder)).containsExactly("bookings");
    assertThat(names(folder.resolve("bookings"))).containsExactly("_owner", "batch=0", "batch=1");
  }

  @Test
  void storesABatchThatIsDeliveredTwiceOnce() throws Exception {
    try (Sink sink = sink(Mode.APPEND)) {
      sink.deliver(batch(0, "SELECT 1 AS id"));
    }
    try (Sink sink = sink(Mode.APPEND)) {
      assertThat(sink.deliver(batch(0, "SELECT 99 AS id"))).isEqualTo(Delivery.WAS_DELIVERED);
    }

    assertThat(read()).containsExactly(1);
  }

  @Test
  void removesWhatACrashLeftUnpublished() throws Exception {
    Path left = Files.createDirectories(folder.resolve(".bookings.staging/batch=0"));
    Files.writeString(left.resolve("part-0.parquet"), "cut off");
    try (Sink sink = sink(Mode.APPEND)) {
      sink.deliver(batch(0, "SELECT 1 AS id"));
    }

    assertThat(read()).containsExactly(1);
  }

  @Test
  void publishesNothingForABatchWithoutRows() throws Exception {
    try (Sink sink = sink(Mode.APPEND)) {
      sink.deliver(batch(0, "SELECT 1 AS id WHERE false"));
    }

    assertThat(names(folder.resolve("bookings"))).containsExactly("_owner");
  }

  /** Spark drops events, or has them late. */
  @Test
  void knowsThatABatchHasNoRowsWithoutAnEventOfSpark() throws Exception {
    SparkSession session = SPARK.session().newSession();
    CountDownLatch isOpen = new CountDownLatch(1);
    session
        .listenerManager()
        .register(
            new QueryExecutionListener() {
              @Override
              public void onSuccess(String action, QueryExecution execution, long nanoseconds) {
                try {
                  isOpen.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              }

              @Override
              public void onFailure(String action, QueryExecution execution, Exception failure) {}
            });
    try (Sink sink = sink(Mode.APPEND)) {
      sink.deliver(
          new Batch(
              0,
              "this-checkpoint",
              false,
              session.range(5).selectExpr("id").where("id > 7"),
              rdd -> Optional.empty()));
    } finally {
      isOpen.countDown();
    }

    assertThat(names(folder.resolve("bookings"))).containsExactly("_owner");
  }

  @Test
  void replacesTheWholeResultInCompleteMode() throws Exception {
    try (Sink sink = sink(Mode.COMPLETE)) {
      sink.deliver(batch(0, "SELECT 1 AS id"));
      sink.deliver(batch(1, "SELECT 2 AS id"));
    }

    assertThat(read()).containsExactly(2);
    assertThat(names(folder.resolve("bookings"))).containsExactly("_owner", "batch=1");
  }

  @Test
  void removesTheOlderOfTwoWholeResultsThatACrashLeft() throws Exception {
    try (Sink sink = sink(Mode.APPEND)) {
      sink.deliver(batch(9, "SELECT 1 AS id"));
      sink.deliver(batch(10, "SELECT 2 AS id"));
    }
    sink(Mode.COMPLETE).close();

    assertThat(read()).containsExactly(2);
    assertThat(names(folder.resolve("bookings"))).containsExactly("_owner", "batch=10");
  }

  @Test
  void showsReadersAWholeResultAtEveryMoment() throws Exception {
    Path results = folder.resolve("bookings");
    AtomicInteger withoutResult = new AtomicInteger();
    AtomicInteger looks = new AtomicInteger();
    AtomicBoolean isDone = new AtomicBoolean();
    try (Sink sink = sink(Mode.COMPLETE)) {
      sink.deliver(batch(0, "SELECT 0 AS id"));
      Thread reader =
          new Thread(
              () -> {
                while (!isDone.get()) {
                  looks.incrementAndGet();
                  if (results.toFile().list((at, name) -> name.startsWith("batch=")).length == 0) {
                    withoutResult.incrementAndGet();
                  }
                }
              });
      reader.start();
      for (int id = 1; id <= 20; id++) {
        sink.deliver(batch(id, "SELECT " + id + " AS id"));
      }
      isDone.set(true);
      reader.join();
    }

    assertThat(looks.get()).isPositive();
    assertThat(withoutResult.get()).isZero();
    assertThat(read()).containsExactly(20);
  }

  @Test
  void refusesAFolderThatAnotherCheckpointCounts() throws Exception {
    try (Sink sink = sink(Mode.APPEND)) {
      sink.deliver(batch(0, "SELECT 1 AS id"));
    }
    try (Sink sink = newSink(Mode.APPEND)) {
      assertThatThrownBy(() -> sink.begin("another-checkpoint", 0))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("its batches belong to the checkpoint this-checkpoint")
          .hasMessageContaining("this run has the checkpoint another-checkpoint");
    }
  }

  @Test
  void refusesToGoOnInAFolderThatLacksTheBatchesBefore() {
    try (Sink sink = newSink(Mode.APPEND)) {
      assertThatThrownBy(() -> sink.begin("this-checkpoint", 5))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("it is empty, but the checkpoint continues with batch 5");
    }
  }

  @Test
  void leavesARunThatIsUnderWayAloneWhenAnotherCheckpointIsRefused() throws Exception {
    try (Sink running = sink(Mode.APPEND)) {
      try (Sink other = newSink(Mode.APPEND)) {
        assertThatThrownBy(() -> other.begin("another-checkpoint", 0))
            .isInstanceOf(UserException.class);
      }
      running.deliver(batch(0, "SELECT 1 AS id"));
    }

    assertThat(read()).containsExactly(1);
  }

  @Test
  void doesNotPublishForARunThatAnotherHasOvertaken() throws Exception {
    try (Sink overtaken = sink(Mode.APPEND)) {
      try (Sink later = sink(Mode.APPEND)) {
        assertThatThrownBy(() -> overtaken.deliver(batch(0, "SELECT 99 AS id")))
            .isInstanceOf(UserException.class)
            .hasMessageContaining("another run of the same checkpoint has begun");
        later.deliver(batch(0, "SELECT 1 AS id"));
      }
    }

    assertThat(read()).containsExactly(1);
  }

  @Test
  void writesPartitionColumnsBelowTheBatch() throws Exception {
    FileSink definition =
        new FileSink("parquet", folder.resolve("bookings").toString(), List.of("op"));
    try (Sink sink =
        new FileBatchSink(
            definition, Mode.APPEND, SPARK.session().sparkContext().hadoopConfiguration())) {
      sink.begin("this-checkpoint", 0);
      sink.deliver(batch(7, "SELECT 1 AS id, 'c' AS op UNION ALL SELECT 2, 'd'"));
    }

    assertThat(names(folder.resolve("bookings/batch=7"))).containsExactly("op=c", "op=d");
  }

  /** Before readers can see it: a power cut would leave them a batch whose files are empty. */
  @Test
  void syncsFilesAndFoldersBeforeTheBatchIsPublishedAndTheRenameAfterwards() throws Exception {
    Path events = folder.resolve("events.jfr");
    try (Sink sink = sink(Mode.APPEND);
        Recording recording = new Recording()) {
      recording.enable("jdk.FileForce").withThreshold(Duration.ZERO);
      recording.start();
      sink.deliver(batch(3, "SELECT 1 AS id"));
      recording.stop();
      recording.dump(events);
    }

    List<String> synced =
        RecordingFile.readAllEvents(events).stream()
            .map(event -> event.getString("path"))
            .filter(path -> path.startsWith(folder.toString()))
            .map(
                path ->
                    path.replaceFirst("^.*/[.]bookings[.]staging/[^/]+/", "staged ")
                        .replaceFirst("/part-[^/]*[.]parquet$", "/part"))
            .toList();
    assertThat(synced).contains("staged batch=3", "staged batch=3/part");
    // What is behind the rename is the folder that has the new name.
    assertThat(synced.get(synced.size() - 1)).isEqualTo(folder.resolve("bookings").toString());
    assertThat(synced).doesNotContain(folder.resolve("bookings/batch=3").toString());
  }

  /** A sink that continues with the checkpoint's next batch. */
  private Sink sink(Mode mode) throws InterruptedException {
    Sink sink = newSink(mode);
    sink.begin("this-checkpoint", 0);
    return sink;
  }

  private Sink newSink(Mode mode) {
    return new FileBatchSink(
        new FileSink("parquet", folder.resolve("bookings").toString(), List.of()),
        mode,
        SPARK.session().sparkContext().hadoopConfiguration());
  }

  private static Batch batch(long id, String sql) {
    return new Batch(
        id, "this-checkpoint", false, SPARK.session().sql(sql), rdd -> Optional.empty());
  }

  private List<Integer> read() {
    Dataset<Row> rows = SPARK.session().read().parquet(folder.resolve("bookings").toString());
    return rows.select("id").orderBy("id").collectAsList().stream()
        .map(row -> row.getInt(0))
        .toList();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.endsWith(".crc"))
          .sorted()
          .toList();
    }
  }
}
