package dev.millrace.simulator.command;

import dev.millrace.simulator.Pace;
import dev.millrace.simulator.RideRows;
import dev.millrace.simulator.error.FileErrors;
import dev.millrace.simulator.error.SimulatorErrors;
import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.EventSink;
import dev.millrace.simulator.files.CsvFiles;
import dev.millrace.simulator.files.CsvRows;
import dev.millrace.simulator.files.FolderSink;
import dev.millrace.simulator.users.UserRows;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code simulate files}. */
@Command(
    name = "files",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Drops small CSV files into a folder, each with a header, each complete as soon as it can be"
          + " seen: ROWS-SEED-00001.csv, ROWS-SEED-00002.csv, ... The same seed gives the same"
          + " files.",
      ""
    },
    footer = {"", "Exit codes: 0 done or stopped by Ctrl-C, 1 failed at run time, 2 wrong input."})
final class FilesCommand extends EventCommand {

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      description = "Where the files go. It is made if missing.")
  private Path folder;

  @Option(
      names = "--of",
      defaultValue = "rides",
      paramLabel = "ROWS",
      description = "What the rows are: rides or users. Default: ${DEFAULT-VALUE}.")
  private String kind;

  @Option(
      names = "--rate",
      defaultValue = "1",
      paramLabel = "FILES",
      description = "Files per second. 0: as fast as possible. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--files",
      defaultValue = "0",
      paramLabel = "FILES",
      description = "Files to write. 0: continue until Ctrl-C. Default: ${DEFAULT-VALUE}.")
  private long files;

  @Option(
      names = "--rows-per-file",
      defaultValue = "100",
      paramLabel = "ROWS",
      description = "Rows of each file. Default: ${DEFAULT-VALUE}.")
  private int rowsPerFile;

  @Override
  Stream<Optional<String>> problems() {
    return Stream.of(
        folder == null ? Optional.of(FileErrors.noFolder()) : Optional.empty(),
        SimulatorErrors.notOneOf("--of", kind, "rides", "users"),
        SimulatorErrors.invalidRate("--rate", rate, "files per second"),
        SimulatorErrors.invalidCount("--files", files, "files", "to continue until Ctrl-C"),
        SimulatorErrors.invalidCount(
            "--rows-per-file", rowsPerFile, "rows", "for files with nothing but a header"));
  }

  @Override
  Iterator<Event> events() {
    CsvRows rows =
        kind.equals("users")
            ? new CsvRows(UserRows.header(), new UserRows(seed()))
            : new CsvRows(RideRows.header(), new RideRows(seed()));
    String prefix = String.format(Locale.ROOT, "%s-%d", kind, seed());
    return new CsvFiles(prefix, rows, count(), rowsPerFile);
  }

  @Override
  EventSink openSink() {
    return FolderSink.open(folder);
  }

  @Override
  Pace pace() {
    return new Pace(rate);
  }

  @Override
  long count() {
    return countOrEndless(files);
  }

  @Override
  String things() {
    return "files";
  }

  @Override
  String destination() {
    return folder.toString();
  }
}
