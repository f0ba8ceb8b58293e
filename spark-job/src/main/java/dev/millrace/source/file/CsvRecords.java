package dev.millrace.source.file;

import dev.millrace.config.CsvDialect;
import dev.millrace.error.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.commons.io.ByteOrderMark;
import org.apache.commons.io.input.BOMInputStream;

/**
 * The records of a file of CSV, the header among them, in their order; one is in memory at a time.
 * A byte-order mark is not part of them, and gives the encoding. Not thread-safe.
 *
 * <p>Not a library's parser: that of Spark loses the CR of a quoted CR LF, FastCSV 4.1 takes two
 * records for one behind a quoted value that ends with CR, and Commons CSV reads U+FFFE as an
 * escape.
 */
final class CsvRecords implements AutoCloseable {

  /** Most characters of a value: what a quote that is not closed may take up. */
  static final int MAX_CHARACTERS = 1 << 24;

  /** Where a fault of the file as a whole is. */
  static final long WHOLE_FILE = 0;

  private static final int NONE = -1;

  private final CsvDialect dialect;
  private final Charset encoding;
  private final Reader reader;
  private final char separatorStart;
  private final char quote;
  private final StringBuilder value = new StringBuilder();
  private char[] buffer = new char[1 << 14];
  private int at;
  private int limit;
  private long line = 1;
  private int width;

  /**
   * A record.
   *
   * @param line where it begins, 1 for the file's first line
   * @param values null for a value without characters or quotes; none for a line without characters
   */
  record CsvRecord(long line, List<String> values) {}

  /** What keeps a file from being read further. */
  static final class MalformedCsv extends Exception {
    private static final long serialVersionUID = 1L;

    private final long line;

    MalformedCsv(long line, String reason) {
      super(reason);
      this.line = line;
    }

    /** Where the record begins that can't be read, or {@link #WHOLE_FILE}. */
    long line() {
      return line;
    }
  }

  /**
   * Opens a file.
   *
   * @param in uncompressed; closed with the records
   */
  CsvRecords(InputStream in, CsvDialect dialect) throws IOException {
    this.dialect = dialect;
    this.separatorStart = dialect.separator().charAt(0);
    this.quote = dialect.quote();
    BOMInputStream bytes =
        BOMInputStream.builder()
            .setInputStream(in)
            .setByteOrderMarks(ByteOrderMark.UTF_8, ByteOrderMark.UTF_16LE, ByteOrderMark.UTF_16BE)
            .get();
    this.encoding =
        bytes.hasBOM() ? Charset.forName(bytes.getBOMCharsetName()) : dialect.encoding();
    this.reader =
        new InputStreamReader(
            bytes,
            encoding
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  /** The next record; empty after the last. */
  Optional<CsvRecord> next() throws IOException, MalformedCsv {
    while (isComment()) {
      skipLine();
    }
    int first = peek();
    if (first == NONE) {
      return Optional.empty();
    }
    long start = line;
    if (isLineBreak(first)) {
      endLine();
      return Optional.of(new CsvRecord(start, List.of()));
    }
    List<String> values = new ArrayList<>(width);
    boolean isFollowed = true;
    while (isFollowed) {
      isFollowed = readValue(start, values);
    }
    width = values.size();
    return Optional.of(new CsvRecord(start, Collections.unmodifiableList(values)));
  }

  /** Reads a value and what ends it; whether that is a separator. */
  private boolean readValue(long start, List<String> values) throws IOException, MalformedCsv {
    value.setLength(0);
    skipBlanks(dialect.trimsStart());
    if (peek() == quote) {
      at++;
      readQuoted(start);
      values.add(value.toString());
      skipBlanks(dialect.trimsEnd());
      return isFollowed(start);
    }
    boolean isFollowed = readUnquoted(start);
    values.add(unquoted());
    return isFollowed;
  }

  /** Reads to the quote that closes the value, and over it. */
  private void readQuoted(long start) throws IOException, MalformedCsv {
    while (true) {
      int from = at;
      while (at < limit && !isSpecialInQuotes(buffer[at])) {
        at++;
      }
      append(from, start);
      int found = peek();
      if (found == NONE) {
        throw new MalformedCsv(start, FileErrors.unclosedQuote());
      }
      if (!isSpecialInQuotes((char) found)) {
        // The buffer ended here, and has been filled.
        continue;
      }
      at++;
      if (found == quote) {
        if (peek() != quote) {
          return;
        }
        at++;
      } else if (isLineBreak(found)) {
        countLine(found);
      } else if (peek() == quote || peek() == found) {
        found = buffer[at++];
      }
      value.append((char) found);
    }
  }

  /** Reads to the value's end, and over it; whether that is a separator. */
  private boolean readUnquoted(long start) throws IOException, MalformedCsv {
    while (true) {
      int from = at;
      while (at < limit && buffer[at] != separatorStart && !isLineBreak(buffer[at])) {
        at++;
      }
      append(from, start);
      int found = peek();
      if (found == NONE) {
        return false;
      }
      if (isLineBreak(found)) {
        endLine();
        return false;
      }
      if (found == separatorStart) {
        if (skipSeparator()) {
          return true;
        }
        value.append(buffer[at++]);
      }
    }
  }

  private void append(int from, long start) throws MalformedCsv {
    value.append(buffer, from, at - from);
    if (value.length() > MAX_CHARACTERS) {
      throw new MalformedCsv(start, FileErrors.longValue(MAX_CHARACTERS));
    }
  }

  private String unquoted() {
    int end = value.length();
    while (dialect.trimsEnd() && end > 0 && isBlank(value.charAt(end - 1))) {
      end--;
    }
    if (end == 0) {
      return null;
    }
    String found = value.substring(0, end);
    return dialect.nullText().filter(found::equals).isPresent() ? null : found;
  }

  /** Reads what is behind a closing quote; whether that is a separator. */
  private boolean isFollowed(long start) throws IOException, MalformedCsv {
    int found = peek();
    if (found == NONE) {
      return false;
    }
    if (isLineBreak(found)) {
      endLine();
      return false;
    }
    if (skipSeparator()) {
      return true;
    }
    throw new MalformedCsv(start, FileErrors.textAfterQuote((char) found));
  }

  private boolean skipSeparator() throws IOException, MalformedCsv {
    String separator = dialect.separator();
    if (!isFilled(separator.length())) {
      return false;
    }
    for (int i = 0; i < separator.length(); i++) {
      if (buffer[at + i] != separator.charAt(i)) {
        return false;
      }
    }
    at += separator.length();
    return true;
  }

  private void skipBlanks(boolean isWanted) throws IOException, MalformedCsv {
    while (isWanted && isBlank(peek())) {
      at++;
    }
  }

  private boolean isComment() throws IOException, MalformedCsv {
    return dialect.comment().isPresent() && peek() == dialect.comment().get();
  }

  private void skipLine() throws IOException, MalformedCsv {
    int found = peek();
    while (found != NONE && !isLineBreak(found)) {
      at++;
      found = peek();
    }
    if (found != NONE) {
      endLine();
    }
  }

  private void endLine() throws IOException, MalformedCsv {
    char found = buffer[at++];
    if (found == '\r' && peek() == '\n') {
      at++;
    }
    line++;
  }

  /** Counts a line break within quotes; CR LF is one. */
  private void countLine(int found) throws IOException, MalformedCsv {
    if (found == '\n' || peek() != '\n') {
      line++;
    }
  }

  private boolean isSpecialInQuotes(char character) {
    return character == quote
        || isLineBreak(character)
        || (dialect.escape().isPresent() && character == dialect.escape().get());
  }

  private static boolean isLineBreak(int character) {
    return character == '\n' || character == '\r';
  }

  private boolean isBlank(int character) {
    return (character == ' ' || character == '\t') && character != separatorStart;
  }

  /** The next character, which is not read yet; {@link #NONE} at the end. */
  private int peek() throws IOException, MalformedCsv {
    return at < limit || isFilled(1) ? buffer[at] : NONE;
  }

  /** Whether the file has some more characters, which are in the buffer then. */
  private boolean isFilled(int count) throws IOException, MalformedCsv {
    if (limit - at >= count) {
      return true;
    }
    System.arraycopy(buffer, at, buffer, 0, limit - at);
    limit -= at;
    at = 0;
    if (buffer.length < count) {
      buffer = Arrays.copyOf(buffer, count);
    }
    while (limit < count) {
      int read = read();
      if (read < 0) {
        return false;
      }
      limit += read;
    }
    return true;
  }

  private int read() throws IOException, MalformedCsv {
    try {
      return reader.read(buffer, limit, buffer.length - limit);
    } catch (CharacterCodingException e) {
      throw new MalformedCsv(WHOLE_FILE, FileErrors.otherEncoding(encoding.name()));
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
