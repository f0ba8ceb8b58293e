package dev.millrace.pipeline.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.error.UserException;
import dev.millrace.view.BatchLookups;
import dev.millrace.view.plan.LookupRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Which rows of a lookup a batch has, when it runs first and when it runs again. */
public class LookupLogTest {

  /** Spark's converters ask for its settings. */
  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final StructType COLUMNS = StructType.fromDDL("kind STRING, rate INT");
  private static final Set<String> RATES = Set.of("rates");
  private static final LookupRows OLD = rows(1);
  private static final LookupRows NEW = rows(2);

  @TempDir Path folder;

  private static LookupRows rows(int rate) {
    return LookupRows.of(COLUMNS, List.of(RowFactory.create("a", rate)));
  }

  /** As a process has it that has just started. */
  private LookupLog log() {
    try {
      return new LookupLog(
          FileContext.getFileContext(folder.toUri(), new Configuration()),
          new org.apache.hadoop.fs.Path(folder.resolve("lookups").toUri()));
    } catch (org.apache.hadoop.fs.UnsupportedFileSystemException e) {
      throw new AssertionError(e);
    }
  }

  private static void requireVersions(BatchLookups found, LookupRows before, LookupRows now) {
    assertThat(found.before().get("rates").version()).isEqualTo(before.version());
    assertThat(found.now().get("rates").version()).isEqualTo(now.version());
  }

  @Test
  void theFirstBatchHasNothingBefore() {
    BatchLookups found = log().enter(0, false, RATES, Set.of(), name -> OLD);

    assertThat(found.before()).isEmpty();
    assertThat(found.now()).containsOnlyKeys("rates");
    assertThat(log().after(0).get("rates").rows()).isEqualTo(OLD.rows());
  }

  @Test
  void aBatchThatRunsAgainHasTheRowsThatItHad() {
    LookupLog log = log();
    log.enter(0, false, RATES, Set.of(), name -> OLD);
    log.enter(1, false, RATES, RATES, name -> NEW);

    requireVersions(log().enter(1, true, RATES, RATES, name -> rows(3)), OLD, NEW);
  }

  @Test
  void aBatchThatFoundNothingChangedHasTheSameRowsAgain() {
    LookupLog log = log();
    log.enter(0, false, RATES, Set.of(), name -> OLD);
    log.enter(1, false, RATES, RATES, name -> OLD);

    // The lookup has changed since the batch ran first, and some sink has the batch.
    LookupLog again = log();
    requireVersions(again.enter(1, true, RATES, RATES, name -> NEW), OLD, OLD);
    requireVersions(again.enter(2, false, RATES, RATES, name -> NEW), OLD, NEW);
  }

  @Test
  void theFirstBatchHasTheRowsThatItHadWhenItRunsAgain() {
    log().enter(0, false, RATES, Set.of(), name -> OLD);

    BatchLookups found = log().enter(0, true, RATES, Set.of(), name -> NEW);

    assertThat(found.before()).isEmpty();
    assertThat(found.now().get("rates").version()).isEqualTo(OLD.version());
  }

  @Test
  void aReaderFindsTheRowsOfTheBatchThatItReads() {
    LookupLog log = log();
    log.enter(0, false, RATES, Set.of(), name -> OLD);
    log.enter(5, false, RATES, RATES, name -> NEW);

    assertThat(log().after(4).get("rates").version()).isEqualTo(OLD.version());
    assertThat(log().after(5).get("rates").version()).isEqualTo(NEW.version());
  }

  @Test
  void onlyWhatSomebodyCanReadIsKept() throws Exception {
    LookupLog log = log();
    for (int batch = 0; batch <= 240; batch += 60) {
      LookupRows each = rows(batch);
      log.enter(batch, false, RATES, batch == 0 ? Set.of() : RATES, name -> each);
    }

    try (Stream<Path> files = Files.list(folder.resolve("lookups"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> !name.startsWith(".")))
          .containsExactlyInAnyOrder(
              "120",
              "180",
              "240",
              rows(120).version() + ".lookup",
              rows(180).version() + ".lookup",
              rows(240).version() + ".lookup");
    }
    assertThat(log().after(141).get("rates").version()).isEqualTo(rows(120).version());
  }

  @Test
  void rowsThatAreLostOrDamagedAreAnErrorWithTheFile() throws Exception {
    log().enter(0, false, RATES, Set.of(), name -> OLD);
    Path file = folder.resolve("lookups").resolve(OLD.version() + ".lookup");
    byte[] written = Files.readAllBytes(file);
    written[written.length - 5] ^= 1;
    Files.write(file, written);

    assertThatThrownBy(() -> log().enter(1, false, RATES, RATES, name -> NEW))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.getFileName().toString())
        .hasMessageContaining("it does not contain the rows that were written");
    Files.delete(folder.resolve("lookups/0"));
    assertThatThrownBy(() -> log().enter(1, false, RATES, RATES, name -> NEW))
        .hasMessageContaining("no batch has [rates]");
  }
}
