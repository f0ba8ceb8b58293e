package dev.millrace.config.parse;

import dev.millrace.config.CsvDialect;
import dev.millrace.config.FileFormat;
import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.Values;
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
      Map.ofEntries(
          Map.entry("path", OWN_KEY + "path."),
          Map.entry("maxfilespertrigger", OWN_KEY + "max-files-per-trigger."),
          Map.entry("multiline", "values in quotes may have line breaks."),
          Map.entry("mode", "a file with a line that can't be read is rejected."),
          Map.entry(
              "columnnameofcorruptrecord", "a file with a line that can't be read is rejected."),
          Map.entry("inferschema", "the types are those that are declared."),
          Map.entry("enforceschema", "a file's header has to name the columns."),
          Map.entry("recursivefilelookup", "the files of one folder are read."),
          Map.entry("cleansource", "files that were read are left where they are."),
          Map.entry("ignorecorruptfiles", "a file that can't be read is rejected."),
          Map.entry("ignoremissingfiles", "a file that can't be read is rejected."));

  private FileSourceParser() {}

  static FileSourceDefinition parse(Section files) {
    FileFormat format = format(files);
    return new FileSourceDefinition(
        files.required("path", Values::text, "", UserErrors.expectText()),
        format,
        files.optional("max-files-per-trigger", Values.number(1, 100_000), "100"),
        options(files, format));
  }

  static FileFormat format(Section files) {
    List<String> formats = Arrays.stream(FileFormat.values()).map(FileFormat::spelling).toList();
    return files.required(
        "format", Values.oneOf(FileFormat.class), FileFormat.CSV, UserErrors.oneOf("", formats));
  }

  /** Options of the reader: of CSV those of {@link CsvDialect}, of others those of Spark. */
  static Map<String, String> options(Section files, FileFormat format) {
    if (format != FileFormat.CSV) {
      return files.options("options", FileSourceParser::objection);
    }
    Map<String, String> options =
        files.options(
            "options",
            option -> objection(option).or(() -> CsvDialect.objection(option)),
            CsvDialect::parser);
    CsvDialect.contradiction(options).ifPresent(text -> files.problem("options", text));
    return options;
  }

  private static Optional<String> objection(String option) {
    return Optional.ofNullable(RESERVED.get(option.toLowerCase(Locale.ROOT)))
        .map(reason -> UserErrors.reservedOption(option, reason));
  }
}
