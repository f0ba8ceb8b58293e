package dev.millrace.table;

import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.error.InferErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.error.UserException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Path;

/**
 * The table that was inferred at a pipeline's first start: one file next to the positions of its
 * outputs, written once. Driver only.
 */
public final class InferredTableFile {

  private final FileContext files;
  private final Path file;
  private final SourceDefinition source;

  public InferredTableFile(FileContext files, Path file, SourceDefinition source) {
    this.files = files;
    this.file = file;
    this.source = source;
  }

  /** Where the file is or would be, as a person names it. */
  public String place() {
    return file.toUri().getPath();
  }

  /**
   * The table, if there is one.
   *
   * @throws UserException where the file is there and can't be read
   */
  Optional<TableDefinition> read() {
    String yaml;
    try (InputStream in = files.open(file)) {
      yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      requireAbsent(e);
      return Optional.empty();
    } catch (IOException e) {
      throw InferErrors.unreadableFrozenTable(place(), e);
    }
    try {
      return Optional.of(TableLoader.parse(yaml, place(), source));
    } catch (UserException e) {
      throw InferErrors.invalidFrozenTable(e);
    }
  }

  /** Java reports a file that this user may not read as not found. */
  private void requireAbsent(FileNotFoundException notFound) {
    try {
      if (files.util().exists(file)) {
        throw InferErrors.unreadableFrozenTable(place(), notFound);
      }
    } catch (IOException e) {
      throw InferErrors.unreadableFrozenTable(place(), e);
    }
  }

  /** Writes the file, whole or not at all. One that another run has written meanwhile stays. */
  void write(String yaml) {
    Path unfinished = new Path(file.getParent(), ".unfinished-" + UUID.randomUUID());
    try {
      files.mkdir(file.getParent(), null, true);
      try (var out =
          files.create(unfinished, EnumSet.of(CreateFlag.CREATE), CreateOpts.createParent())) {
        out.write(yaml.getBytes(StandardCharsets.UTF_8));
      }
      rename(unfinished);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.getParent().toString(), e);
    }
  }

  private void rename(Path unfinished) throws IOException {
    try {
      files.rename(unfinished, file);
    } catch (FileAlreadyExistsException e) {
      files.delete(unfinished, false);
    }
  }
}
