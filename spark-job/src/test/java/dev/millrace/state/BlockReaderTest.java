package dev.millrace.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Files of the state, on file systems that verify nothing. */
class BlockReaderTest {

  private static final long VERSION = 7;

  private static byte[] file(int records, int size) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BlockWriter writer = new BlockWriter(out, VERSION, records, 42);
    Random random = new Random(1);
    byte[] record = new byte[size];
    for (int i = 0; i < records; i++) {
      random.nextBytes(record);
      writer.write(record, 0, size);
    }
    writer.finish();
    return out.toByteArray();
  }

  /** How many bytes of records a file has. */
  private static long read(byte[] file) throws IOException {
    BlockReader reader = new BlockReader(new ByteArrayInputStream(file), VERSION);
    long bytes = 0;
    for (byte[] block = reader.next(); block != null; block = reader.next()) {
      bytes += block.length - 1;
    }
    return bytes;
  }

  @Test
  void recordsOfAnySizeAreRead() throws IOException {
    assertThat(read(file(0, 1))).isZero();
    assertThat(read(file(100_000, 100))).isEqualTo(10_000_000);
    assertThat(read(file(3, RecordPages.PAGE_BYTES + 1)))
        .isEqualTo(3L * (RecordPages.PAGE_BYTES + 1));
  }

  @Test
  void aChangedBitIsRecognised() throws IOException {
    byte[] file = file(10, 20);
    for (int i = 0; i < file.length; i++) {
      byte[] changed = file.clone();
      changed[i] ^= (byte) (1 << (i % 8));

      assertThatThrownBy(() -> read(changed))
          .as("byte %d", i)
          .isInstanceOf(DamagedStateException.class);
    }
  }

  @Test
  void aFileThatWasCutIsRecognised() throws IOException {
    byte[] file = file(10, 20);
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);

      assertThatThrownBy(() -> read(cut))
          .as("%d bytes", length)
          .isInstanceOf(DamagedStateException.class);
    }
  }

  @Test
  void theFileOfAnotherVersionIsRecognised() throws IOException {
    byte[] file = file(10, 20);

    assertThatThrownBy(() -> new BlockReader(new ByteArrayInputStream(file), VERSION + 1))
        .isInstanceOf(DamagedStateException.class);
  }
}
