package dev.millrace.config;

import dev.millrace.error.UserErrors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads {@code source.files}, and what lookups of files have in common with it. */
final class FileSourceParser {

  private static final String OWN_KEY = "write it as ";

  /** Spark's options that Millrace sets, and why; Spark's names ignore case. */
  private static final Map<String, String> RESERVED =
      Map.of(
          "path", OWN_KEY + "path.",
          "maxfilespertrigger", OWN_KEY + "max-files-per-trigger.",
          "mode", "a file with a line that can't be read is rejected.",
          "columnnameofcorruptrecord", "a file with a line that can't be read is rejected.",
          "inferschema", "the types are those that are declared.",
          "enforceschema", "a file's header has to name the columns.",
          "recursivefilelookup", "the files of one folder are read.",
          "cleansource", "files that were read are left where they are.",
          "ignorecorruptfiles", "a file that can't be read is rejected.",
          "ignoremissingfiles", "a file that can't be read is rejected.");

  private FileSourceParser() {}

  static FileSourceDefinition parse(Section files) {
    return new FileSourceDefinition(
        files.required("path", Values::text, "", UserErrors.expectText()),
        format(files),
        files.optional("max-files-per-trigger", Values.number(1, 100_000), "100"),
        options(files));
  }

  static FileFormat format(Section files) {
    List<String> formats = Arrays.stream(FileFormat.values()).map(FileFormat::spelling).toList();
    return files.required(
        "format", Values.oneOf(FileFormat.class), FileFormat.CSV, UserErrors.oneOf("", formats));
  }

  static Map<String, String> options(Section files) {
    return files.options("options", FileSourceParser::objection);
  }

  private static Optional<String> objection(String option) {
    return Optional.ofNullable(RESERVED.get(option.toLowerCase(Locale.ROOT)))
        .map(reason -> UserErrors.reservedOption(option, reason));
  }
}
