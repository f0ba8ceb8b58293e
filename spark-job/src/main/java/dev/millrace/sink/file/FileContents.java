package dev.millrace.sink.file;

import dev.millrace.error.RunErrors;
import dev.millrace.sink.SinkContents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;

/** The batches of a folder. What the sink has not written stays. */
public final class FileContents implements SinkContents {

  private final String path;
  private final FileContext files;
  private final Path folder;

  public FileContents(String path, Configuration hadoop) {
    this.path = path;
    try {
      this.files = FileContext.getFileContext(new Path(path).toUri(), hadoop);
      this.folder = files.makeQualified(new Path(path));
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", path, e);
    }
  }

  @Override
  public Optional<String> description() {
    try {
      if (!files.util().exists(folder)) {
        return Optional.empty();
      }
      long count = 0;
      long bytes = 0;
      List<Path> batches = batches();
      for (Path batch : batches) {
        var found = files.util().listFiles(batch, true);
        while (found.hasNext()) {
          bytes += found.next().getLen();
          count++;
        }
      }
      return batches.isEmpty() && !files.util().exists(owner())
          ? Optional.empty()
          : Optional.of(
              "%,d batches (%,d files, %,d bytes) in %s"
                  .formatted(batches.size(), count, bytes, path));
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", path, e);
    }
  }

  @Override
  public void delete() {
    try {
      for (Path batch : batches()) {
        files.delete(batch, true);
      }
      // Last: a folder with batches and no owner is refused.
      files.delete(owner(), false);
      if (!files.listStatus(folder).hasNext()) {
        files.delete(folder, false);
      }
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", path, e);
    }
  }

  private Path owner() {
    return new Path(folder, FileBatchSink.OWNER);
  }

  private List<Path> batches() throws IOException {
    List<Path> batches = new ArrayList<>();
    var statuses = files.listStatus(folder);
    while (statuses.hasNext()) {
      Path found = statuses.next().getPath();
      if (found.getName().startsWith(FileBatchSink.BATCH)) {
        batches.add(found);
      }
    }
    return batches;
  }
}
