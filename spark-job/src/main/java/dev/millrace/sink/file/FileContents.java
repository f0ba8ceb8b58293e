package dev.millrace.sink.file;

import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.RunErrors;
import dev.millrace.sink.SinkContents;
import dev.millrace.sink.file.BatchFolders.Compacted;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;

/** The batches of a folder, compacted ones included. What the sink has not written stays. */
final class FileContents implements SinkContents {

  private final String path;
  private final BatchFolders folders;

  FileContents(FileSink sink, Configuration hadoop) {
    this.path = sink.path();
    try {
      this.folders = BatchFolders.of(sink, hadoop);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", path, e);
    }
  }

  @Override
  public Optional<String> description() {
    try {
      Collection<Path> batches = folders.published().values();
      if (batches.isEmpty() && folders.owner().isEmpty()) {
        return Optional.empty();
      }
      List<Path> compactions = compactions();
      String published = "%,d batches (%s) in %s".formatted(batches.size(), size(batches), path);
      return Optional.of(
          compactions.isEmpty()
              ? published
              : published
                  + ", compacted ones (%s) in %s"
                      .formatted(size(compactions), folders.compacted().toUri().getPath()));
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", path, e);
    }
  }

  private String size(Collection<Path> all) throws IOException {
    long count = 0;
    long bytes = 0;
    for (Path each : all) {
      var found = folders.files().util().listFiles(each, true);
      while (found.hasNext()) {
        bytes += found.next().getLen();
        count++;
      }
    }
    return "%,d files, %,d bytes".formatted(count, bytes);
  }

  @Override
  public void delete() {
    try {
      delete(folders.compacted(), compactions());
      delete(folders.batches(), folders.published().values());
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", path, e);
    }
  }

  private void delete(Path folder, Collection<Path> contents) throws IOException {
    FileContext files = folders.files();
    if (!files.util().exists(folder)) {
      return;
    }
    for (Path each : contents) {
      files.delete(each, true);
    }
    // Last: a folder with batches and no owner is refused.
    files.delete(BatchFolders.ownerFile(folder), false);
    if (!files.listStatus(folder).hasNext()) {
      files.delete(folder, false);
    }
  }

  private List<Path> compactions() throws IOException {
    return folders.compactions().stream().map(Compacted::path).toList();
  }
}
