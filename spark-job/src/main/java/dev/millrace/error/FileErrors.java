package dev.millrace.error;

import dev.millrace.error.data.DataError;
import dev.millrace.error.data.DataError.Code;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.lang3.StringUtils;

/** The part of the catalogue for files that are read: those of a source and those of lookups. */
public final class FileErrors {

  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_LIST = 2_000;

  private FileErrors() {}

  /** A folder of a store that does not rename atomically. */
  public static String expectAtomicRename(Collection<String> schemes) {
    return "A batch of files is published by renaming its folder, which object stores such as S3 do"
        + " file by file: readers would see parts of a batch. Use a folder of a file system that"
        + " renames atomically ("
        + String.join(", ", schemes)
        + "), or the sink kafka, and copy closed batches to the store.";
  }

  /** The same where only the default file system tells. */
  public static UserException withoutAtomicRename(String folder, Collection<String> schemes) {
    return RunErrors.runTime(
        null, "output folder " + folder + ": can't be used. " + expectAtomicRename(schemes));
  }

  /** A folder of copies that another checkpoint's batches were copied to. */
  public static UserException compactedByOther(
      String folder, String found, String batches, String expected) {
    return RunErrors.runTime(
        null,
        folder
            + ": holds copies of batches of the checkpoint "
            + found
            + "; the batches in "
            + batches
            + " are of the checkpoint "
            + expected
            + ". Copies of both would mix. Move the folder away, or delete it.");
  }

  /** A compaction that found its batches copied, or its files removed. */
  public static UserException compactedMeanwhile(String folder, Throwable cause) {
    return RunErrors.runTime(
        cause,
        folder
            + ": another compaction of this output is under way. Nothing was copied twice. Run one at"
            + " a time.");
  }

  /** Batches that could not be read, or copies that could not be written. */
  public static UserException notCompacted(String folder, Throwable cause) {
    return RunErrors.runTime(
        cause,
        folder
            + ": batches could not be copied here: "
            + Causes.message(cause)
            + ". No part of a copy was published, and the batches are as they were. Correct that, and"
            + " run it again.");
  }

  /** A column of an output that copies of its batches could not keep apart from their numbers. */
  public static UserException columnNamedBatch(String folder) {
    return RunErrors.wrongInput(
        folder
            + ": the output has a column 'batch', which its copies need for the number of each row's"
            + " batch. Select it under another name.");
  }

  /** Outputs of which none can be compacted. */
  public static UserException nothingToCompact(Collection<String> outputs) {
    return RunErrors.wrongInput(
        "compact: none of the outputs "
            + String.join(", ", outputs)
            + " is kept in files that can be rewritten. Expected an output with the sink parquet or"
            + " orc (mode append, or a view), or iceberg; --output and --sink choose it.");
  }

  /** The folder of a source that is not there. */
  public static UserException noFolder(String path) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            "source.files.path: there is no folder "
                + path
                + ". Make it, or name another; files are read as they appear in it."),
        null);
  }

  /** The folder of a source that can't be looked at. */
  public static UserException unreachableFolder(String path, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of("source.files.path: can't look into " + path + " (" + Causes.message(cause) + ")."),
        cause);
  }

  /** A file that is not taken, for any reason. */
  public static DataError rejectedFile(String file, String reason) {
    return new DataError(
        Code.INVALID_FILE,
        null,
        "Cannot take the file "
            + printable(file)
            + ": "
            + reason
            + " Nothing of it was taken. Correct it and put it into the folder under another"
            + " name.");
  }

  /**
   * Why a file with lines that can't be read is not taken.
   *
   * @param line the first of them
   */
  public static String unreadableLines(long count, long line, String reason) {
    return count == 1
        ? atLine(line, reason)
        : count + " records can't be read, the first of them in " + atLine(line, reason);
  }

  /** What is wrong with a line of a file. */
  public static String atLine(long line, String reason) {
    return "line " + line + ": " + reason;
  }

  /** A file that Spark can't read. */
  public static String unreadable(String format, Throwable cause) {
    return "it can't be read as " + format + " (" + Causes.message(cause) + ").";
  }

  /** A file that was found and is gone. */
  public static String gone() {
    return "it was found in the folder and is not there any more.";
  }

  public static String replacedByFolder() {
    return "it is a folder now.";
  }

  /** A file that is not the one that was found, or that was written to while it was read. */
  public static String changed(Instant found, Instant now) {
    return "it was modified at "
        + now
        + ", after it had been found (then modified at "
        + found
        + "). Write files elsewhere and move them into the folder when they are complete.";
  }

  /** A column of Parquet that has more digits than a timestamp of Spark. */
  public static String nanoseconds(String column) {
    return "its column "
        + printable(column)
        + " has timestamps in nanoseconds; expected microseconds or milliseconds (pandas:"
        + " to_parquet(..., coerce_timestamps=\"us\")).";
  }

  /** Names of files and columns may have any character; a message has one line. */
  private static String printable(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .forEach(
            character -> {
              int type = Character.getType(character);
              if (type == Character.CONTROL
                  || type == Character.FORMAT
                  || type == Character.SURROGATE
                  || type == Character.LINE_SEPARATOR
                  || type == Character.PARAGRAPH_SEPARATOR) {
                shown.append(String.format("\\u%04x", character));
              } else {
                shown.appendCodePoint(character);
              }
            });
    return StringUtils.abbreviate(shown.toString(), LONGEST_NAME);
  }

  /** Another run has written to the log of the files that were read. */
  public static UserException overtakenLog(String log) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            "another run has written to "
                + log
                + ". Two runs share a checkpoint: end one of them, then start the other again."),
        null);
  }

  public static String inSubfolder(String folder) {
    return "it is in the folder '" + printable(folder) + "' below the one that is read.";
  }

  public static String otherColumns(List<String> found, List<String> expected) {
    return "its columns are "
        + (found.isEmpty() ? "none" : names(found))
        + "; expected "
        + names(expected)
        + ".";
  }

  /** Names with commas between; one that blanks or a comma would hide is in quotes. */
  private static String names(List<String> names) {
    String shown =
        names.stream()
            .map(
                name ->
                    name.equals(name.strip()) && !name.contains(",") && !name.isEmpty()
                        ? printable(name)
                        : '"' + printable(name) + '"')
            .collect(Collectors.joining(", "));
    return StringUtils.abbreviate(shown, LONGEST_LIST);
  }

  public static String otherType(String column, String found, String expected) {
    return "its column " + printable(column) + " is a " + found + "; expected " + expected + ".";
  }

  /** For a record of CSV with more or fewer values than the header. */
  public static String otherWidth(int found, int expected) {
    return "it has "
        + found
        + (found == 1 ? " value" : " values")
        + " instead of the "
        + expected
        + " of the header.";
  }

  /** For a quote of CSV that is opened and not closed before the file ends. */
  public static String unclosedQuote() {
    return "a quote is opened and not closed before the end of the file.";
  }

  /** For a quote of CSV that is closed in the middle of a value. */
  public static String textAfterQuote(char found) {
    return "'" + found + "' follows a closing quote. Quotes within quotes are doubled.";
  }

  /** For a value of CSV that no memory should be taken up by. */
  public static String longValue(int characters) {
    return "a value has more than %,d characters, or a quote is not closed.".formatted(characters);
  }

  /** Text that is not of the encoding that the file should have. */
  public static String otherEncoding(String encoding) {
    return "it is not "
        + encoding
        + " text. Write it in "
        + encoding
        + ", or name its encoding in"
        + " options: {encoding: ...}.";
  }

  public static String expectSeparator() {
    return "Use one character or more, such as ';' or '\\t', without line breaks.";
  }

  public static String expectCharacter() {
    return "Use one character.";
  }

  public static String expectEncoding() {
    return "Use the name of a character encoding, such as UTF-8, UTF-16LE or windows-1252.";
  }

  public static String expectLineSeparator() {
    return "Use \\n, \\r\\n or \\r.";
  }

  /** Why an option of a writer is none of a reader. */
  public static String anyLineBreak() {
    return "a line ends with LF, CR LF or CR.";
  }

  /** Why the sink csv has no escapes. */
  public static String quotesAreDoubled() {
    return "a quote within quotes is doubled, as RFC 4180 has it.";
  }

  /** A text for null that would be written in quotes. */
  public static String ambiguousNullText() {
    return "nullValue has a character of sep or quote, a line break, or a blank at its start or end, so it would not be read as null. Use another text, such as NULL or \\N.";
  }

  /** An encoding in which the file can't be written. */
  public static String unwritableDialect(String encoding) {
    return "the encoding %s can't be written, or lacks a character of sep, quote or nullValue. Use UTF-8, or others of these."
        .formatted(encoding);
  }

  /** Options of CSV that can't be told apart in a file. */
  public static String ambiguousDialect() {
    return "sep, quote, comment and escape have a character in common. Use different ones.";
  }

  /** For a line of JSON that has a field of another schema. */
  public static String unknownField(String field) {
    return "it has a field that is not declared: '" + printable(field) + "'";
  }

  /** Text that is not UTF-8. */
  public static String notUtf8() {
    return "it is not UTF-8 text.";
  }

  /** A lookup that can't be used when a run starts. */
  public static UserException unusableLookup(String name, String place, String reason) {
    return new UserException(
        UserException.RUN_TIME,
        List.of("lookups." + name + ": can't use " + place + ": " + reason),
        null);
  }

  public static String noFile() {
    return "there is no such file. Name a file or a folder of files.";
  }

  /** A query that ends at a rejected file. */
  public static UserException stoppedAtFile(DataError error) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            error.message()
                + " The query ends at such a file because table.on-error is fail; --set"
                + " table.on-error=reject sends it to the dead letters and continues."),
        null);
  }

  /** Why files feed no result that continues from batch to batch. */
  public static String takenWhole() {
    return "a file is taken as a whole or not at all";
  }
}
