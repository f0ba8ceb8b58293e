package dev.millrace.simulator.error;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.ExitCode;

/** What can be wrong with files that are read or written. */
public final class FileErrors {

  private static final int MAX_PROBLEMS_SHOWN = 20;

  private FileErrors() {}

  /** All that is wrong with the contents of a file; of many problems the first twenty. */
  public static SimulatorException invalidFile(List<String> problems) {
    List<String> shown =
        new ArrayList<>(problems.subList(0, Math.min(MAX_PROBLEMS_SHOWN, problems.size())));
    if (problems.size() > shown.size()) {
      shown.add("... and %,d problems more.".formatted(problems.size() - shown.size()));
    }
    return new SimulatorException(ExitCode.USAGE, String.join(System.lineSeparator(), shown), null);
  }

  /** The file can't be opened or read to its end. */
  public static SimulatorException cannotRead(Path file, String flag, IOException cause) {
    return new SimulatorException(
        ExitCode.USAGE,
        "%s: cannot read %s: %s. Name a CSV file in UTF-8 that you can read."
            .formatted(flag, file, reason(cause)),
        cause);
  }

  /** A file or the folder for it can't be written. */
  public static SimulatorException cannotWrite(Path folder, IOException cause) {
    return new SimulatorException(
        ExitCode.SOFTWARE,
        "--to: cannot write to %s: %s. Name a folder that can be written to; it is made if missing."
            .formatted(folder, reason(cause)),
        cause);
  }

  /** The option that names the files' folder is missing. */
  public static String noFolder() {
    return "--to: missing. Name the folder that the files go to: --to FOLDER.";
  }

  /** Empty if the header has each expected column once, and, if it has to be exact, no other. */
  public static Optional<String> invalidHeader(
      Path file, List<String> header, List<String> expected, boolean isExact) {
    List<String> faults = new ArrayList<>();
    addFault(faults, "lacks ", expected.stream().filter(column -> !header.contains(column)));
    addFault(
        faults,
        "repeats ",
        header.stream()
            .distinct()
            .filter(expected::contains)
            .filter(column -> Collections.frequency(header, column) > 1));
    if (isExact) {
      addFault(
          faults, "has unknown ", header.stream().filter(column -> !expected.contains(column)));
    }
    return faults.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s:1: the header %s. Expected the columns %s, in any order: correct the header or name another file."
                .formatted(file, String.join(", ", faults), String.join(",", expected)));
  }

  private static void addFault(List<String> faults, String fault, Stream<String> columns) {
    String quoted = columns.map(column -> '\'' + column + '\'').collect(joining(", "));
    if (!quoted.isEmpty()) {
      faults.add(fault + quoted);
    }
  }

  /** A file with nothing in it, not even a header. */
  public static String emptyFile(Path file, List<String> expected) {
    return "%s:1: the file is empty. Expected a header with the columns %s, and rows below it."
        .formatted(file, String.join(",", expected));
  }

  /** A file with a header alone. */
  public static String noRows(Path file, String things) {
    return "%s:2: no %s below the header. Expected at least one row.".formatted(file, things);
  }

  /** A row that is longer or shorter than the header. */
  public static String invalidWidth(Path file, long line, int values, int columns) {
    return "%s:%d: %d values, where the header has %d columns. Put a value with a comma in it between double quotes."
        .formatted(file, line, values, columns);
  }

  /** A value that is not what its column holds. */
  public static String invalidValue(
      Path file, long line, String column, String value, String expectation) {
    return "%s:%d: %s: invalid value '%s'. Expected %s: correct or remove the row."
        .formatted(file, line, column, value, expectation);
  }

  /** What the CSV parser could not make sense of, and all that follows it. */
  public static SimulatorException notCsv(Path file, long line, IOException cause) {
    return new SimulatorException(
        ExitCode.USAGE,
        "%s:%d: not CSV from here on: %s. Expected values between commas, double quotes around a value with commas, and each double quote inside doubled."
            .formatted(file, line, cause.getMessage()),
        cause);
  }

  /** The file was whole when it was checked. */
  public static SimulatorException changedMeanwhile(Path file) {
    return new SimulatorException(
        ExitCode.SOFTWARE,
        "%s: the file was cut off while it was read. What was committed is in the table; run again once the file is whole."
            .formatted(file),
        null);
  }

  private static String reason(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "the file does not exist";
    }
    if (cause instanceof AccessDeniedException) {
      return "access denied";
    }
    if (cause instanceof FileAlreadyExistsException) {
      return "it is a file";
    }
    if (cause instanceof CharacterCodingException) {
      return "it is not UTF-8";
    }
    return String.valueOf(cause.getMessage());
  }
}
