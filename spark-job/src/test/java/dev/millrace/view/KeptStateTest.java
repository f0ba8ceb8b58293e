package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * State that an earlier version of Millrace wrote is read and continued. {@code state-1.zip} has
 * snapshots and changelogs; {@link #main} made it.
 */
class KeptStateTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final int BATCHES = 16;

  private static final StructType COLUMNS =
      LiveViews.columns(
          "id BIGINT, grp STRING, x INT, d DOUBLE, price DECIMAL(12,2), note STRING, at TIMESTAMP");

  private static final List<String> QUERIES =
      List.of(
          "SELECT * FROM t",
          "SELECT grp, count(*) AS n, sum(x) AS s, avg(d) AS a, sum(price) AS p FROM t GROUP BY grp",
          "SELECT count(*) AS n, variance(d) AS v, bool_or(x > 3) AS b FROM t");

  @TempDir Path folder;

  @Test
  void isReadAndContinued() throws IOException {
    unpack(folder);
    ChangeLog table = new ChangeLog(COLUMNS, 2);
    for (int batch = 0; batch < BATCHES; batch++) {
      change(table, batch);
    }
    table.take();
    try (LiveViews views = new LiveViews(SPARK.session(), folder, COLUMNS, QUERIES)) {
      views.resume(BATCHES);
      table.put(2L, "c", 7, 0.25, new java.math.BigDecimal("1.10"), "new", null);
      table.delete(4L);
      table.putWithout("note", 5L, "a", null, 1.5, null, null, null);

      assertThat(views.apply(table, Set.of("v0", "v1", "v2"))).isEmpty();
      views.check(table);

      table.delete(5L);
      assertThat(views.apply(table)).isEmpty();
      views.check(table);
    }
  }

  private static void change(ChangeLog table, int batch) {
    for (long id = batch; id < batch + 3; id++) {
      table.put(
          id,
          id % 4 == 0 ? null : "abc".substring((int) (id % 3), (int) (id % 3) + 1),
          (int) id - batch,
          id / 8.0 + batch,
          new java.math.BigDecimal(id + "." + (10 + batch)),
          "note " + id,
          new java.sql.Timestamp(1_700_000_000_000L + id));
    }
    if (batch % 4 == 3) {
      table.delete((long) batch);
      table.nextTransaction();
    }
  }

  private static void unpack(Path to) throws IOException {
    try (InputStream resource = KeptStateTest.class.getResourceAsStream("state-1.zip");
        ZipInputStream zip = new ZipInputStream(resource)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = to.resolve(entry.getName());
        if (!entry.isDirectory()) {
          Files.createDirectories(file.getParent());
          Files.copy(zip, file);
        }
      }
    }
  }

  /** Writes the state into a folder, to be packed and kept when its format changes. */
  public static void main(String[] arguments) throws InterruptedException {
    ChangeLog table = new ChangeLog(COLUMNS, 2);
    try (SparkSession session = SparkTest.open("kept state");
        LiveViews views = new LiveViews(session, Path.of(arguments[0]), COLUMNS, QUERIES)) {
      for (int batch = 0; batch < BATCHES; batch++) {
        change(table, batch);
        views.apply(table);
        if (batch == BATCHES - 3) {
          // The snapshots are written in the background, twice a minute.
          TimeUnit.SECONDS.sleep(45);
        }
      }
    }
  }
}
