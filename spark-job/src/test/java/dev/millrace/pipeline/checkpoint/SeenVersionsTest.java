package dev.millrace.pipeline.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.error.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which version each partition has in a batch, when it runs first and when it runs again. */
class SeenVersionsTest {

  private static final TopicPartition FIRST = new TopicPartition("rides", 0);
  private static final TopicPartition SECOND = new TopicPartition("rides", 1);

  @TempDir Path folder;

  /** As a process has it that has just started. */
  private SeenVersions versions() throws Exception {
    return new SeenVersions(
        FileContext.getFileContext(folder.toUri(), new Configuration()),
        new org.apache.hadoop.fs.Path(folder.resolve("seen").toUri()));
  }

  @Test
  void aVersionIsCommittedByEachBatchThatHasMessagesOfThePartition() throws Exception {
    assertThat(versions().enter(4, Set.of(FIRST))).isEqualTo(Map.of(FIRST, 0L));
    assertThat(versions().enter(5, Set.of(FIRST, SECOND))).isEqualTo(Map.of(FIRST, 1L, SECOND, 0L));
    assertThat(versions().enter(6, Set.of(SECOND))).isEqualTo(Map.of(SECOND, 1L));
    assertThat(versions().enter(7, Set.of())).isEmpty();
    assertThat(versions().enter(8, Set.of(FIRST, SECOND))).isEqualTo(Map.of(FIRST, 2L, SECOND, 2L));
  }

  @Test
  void aBatchThatRunsAgainReadsTheSameVersions() throws Exception {
    versions().enter(0, Set.of(FIRST));
    versions().enter(1, Set.of(FIRST, SECOND));

    for (int run = 0; run < 2; run++) {
      assertThat(versions().enter(1, Set.of(FIRST, SECOND)))
          .isEqualTo(Map.of(FIRST, 1L, SECOND, 0L));
    }
    // Messages that were lost and accepted as lost are not in the batch any more.
    assertThat(versions().enter(1, Set.of(SECOND))).isEqualTo(Map.of(SECOND, 0L));
    assertThat(versions().enter(2, Set.of(FIRST, SECOND))).isEqualTo(Map.of(FIRST, 1L, SECOND, 1L));
  }

  @Test
  void batchesWithoutDeduplicationInBetweenAreLeftOut() throws Exception {
    versions().enter(3, Set.of(FIRST));

    assertThat(versions().enter(90, Set.of(FIRST))).isEqualTo(Map.of(FIRST, 1L));
  }

  @Test
  void aDamagedFileAndOneOfALaterBatchAreErrorsWithAFix() throws Exception {
    versions().enter(3, Set.of(FIRST));

    assertThatThrownBy(() -> versions().enter(2, Set.of(FIRST)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("/seen/: the changes that the output remembers")
        .hasMessageContaining("they are those of batch 3, and the next one is 2. Remove");

    Files.writeString(folder.resolve("seen/versions"), "millrace seen changes 1\n3\nrides\t0");
    Files.deleteIfExists(folder.resolve("seen/.versions.crc"));
    assertThatThrownBy(() -> versions().enter(4, Set.of(FIRST)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("the file versions can't be read");
  }
}
