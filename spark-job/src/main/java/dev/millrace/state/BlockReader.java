package dev.millrace.state;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** Reads what {@link BlockWriter} wrote. */
final class BlockReader {

  private final CRC32C crc = new CRC32C();
  private final DataInputStream in;
  private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();
  private byte[] packed = new byte[0];
  private final long count;
  private final long content;

  /**
   * Reads the header.
   *
   * @throws DamagedStateException if it is that of another version, or of something else
   */
  BlockReader(InputStream in, long version) throws IOException {
    this.in = new DataInputStream(new CheckedInputStream(in, crc));
    byte[] header = new byte[BlockWriter.HEADER.length];
    try {
      this.in.readFully(header);
      if (!Arrays.equals(header, BlockWriter.HEADER) || this.in.readLong() != version) {
        throw new DamagedStateException("it does not begin as version " + version + " does");
      }
      count = this.in.readLong();
      content = this.in.readLong();
      requireCrc();
    } catch (EOFException e) {
      throw cut(e);
    }
  }

  /** The next block, whose first byte is not used; null at the end. */
  byte[] next() throws IOException {
    try {
      int length = in.readInt();
      int packedLength = in.readInt();
      requireCrc();
      if (length == 0) {
        return null;
      }
      if (packed.length < packedLength) {
        packed = new byte[packedLength];
      }
      in.readFully(packed, 0, packedLength);
      requireCrc();
      byte[] block = new byte[length];
      if (decompressor.decompress(packed, 0, packedLength, block, 0, length) != length) {
        throw new DamagedStateException("a block has another length");
      }
      return block;
    } catch (EOFException e) {
      throw cut(e);
    } catch (LZ4Exception e) {
      throw new DamagedStateException("a block can't be decompressed", e);
    }
  }

  private static DamagedStateException cut(EOFException cause) {
    return new DamagedStateException("it ends before its end", cause);
  }

  private void requireCrc() throws IOException {
    int expected = (int) crc.getValue();
    if (in.readInt() != expected) {
      throw new DamagedStateException("its checksum differs");
    }
  }

  /** How many records the state has with the file. */
  long count() {
    return count;
  }

  /** As {@link MemoryTable#content}. */
  long content() {
    return content;
  }
}
