package dev.millrace.state;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * Writes a file of the state: a header, blocks that LZ4 has compressed, and an end. Each part is
 * followed by the CRC-32C of all that is before it, so that a file that was cut or changed is
 * recognised.
 */
final class BlockWriter {

  static final byte[] HEADER = "millrace state 1\n".getBytes(StandardCharsets.US_ASCII);

  private final CRC32C crc = new CRC32C();
  private final DataOutputStream out;
  private final LZ4Compressor compressor = LZ4Factory.fastestInstance().fastCompressor();

  /** A block as {@link RecordPages#adopt} takes it: its first byte is not used. */
  private byte[] block = new byte[1 << 12];

  private int end = 1;
  private byte[] packed = new byte[0];

  /**
   * Writes the header.
   *
   * @param count of the records that the state has with this file
   * @param content as {@link MemoryTable#content}
   */
  BlockWriter(OutputStream out, long version, long count, long content) throws IOException {
    this.out = new DataOutputStream(new CheckedOutputStream(out, crc));
    this.out.write(HEADER);
    this.out.writeLong(version);
    this.out.writeLong(count);
    this.out.writeLong(content);
    writeCrc();
  }

  /** Writes a record; it is whole in one block. */
  void write(byte[] source, int from, int size) throws IOException {
    requireRoom(size);
    System.arraycopy(source, from, block, end, size);
    end += size;
  }

  /** Writes a tag and what belongs to it; both are in one block. */
  void write(byte tag, byte[] source, int from, int size) throws IOException {
    requireRoom(size + 1);
    block[end++] = tag;
    System.arraycopy(source, from, block, end, size);
    end += size;
  }

  private void requireRoom(int size) throws IOException {
    if (end + (long) size > RecordPages.PAGE_BYTES) {
      flush();
    }
    if (block.length - end < size) {
      int length = Math.max(Math.addExact(end, size), Math.min(2 * end, RecordPages.PAGE_BYTES));
      block = Arrays.copyOf(block, length);
    }
  }

  private void flush() throws IOException {
    if (end == 1) {
      return;
    }
    int most = compressor.maxCompressedLength(end);
    if (packed.length < most) {
      packed = new byte[most];
    }
    int length = compressor.compress(block, 0, end, packed, 0, most);
    out.writeInt(end);
    out.writeInt(length);
    writeCrc();
    out.write(packed, 0, length);
    writeCrc();
    end = 1;
    if (block.length > RecordPages.PAGE_BYTES) {
      block = new byte[RecordPages.PAGE_BYTES];
    }
  }

  /** Ends the file, and leaves its stream open. */
  void finish() throws IOException {
    flush();
    out.writeInt(0);
    out.writeInt(0);
    writeCrc();
    out.flush();
  }

  private void writeCrc() throws IOException {
    out.writeInt((int) crc.getValue());
  }
}
