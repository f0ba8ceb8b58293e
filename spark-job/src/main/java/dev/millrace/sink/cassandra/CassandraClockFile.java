package dev.millrace.sink.cassandra;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.error.RunErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.EnumSet;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Keeps a {@link CassandraClock} with the checkpoint whose batches it counts, as {@code
 * cassandra-clock.json}. Driver only.
 */
public record CassandraClockFile(Path checkpoint, Configuration hadoop) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Path file() {
    return new Path(checkpoint, "cassandra-clock.json");
  }

  /** The clock as it was saved; empty where it never was. */
  Optional<CassandraClock> load() {
    try {
      FileContext files = FileContext.getFileContext(checkpoint.toUri(), hadoop);
      if (!files.util().exists(file())) {
        return Optional.empty();
      }
      try (InputStream stream = files.open(file())) {
        return Optional.of(JSON.readValue(stream, CassandraClock.class));
      }
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file().toString(), e);
    }
  }

  /** Replaces what was saved; a crash leaves the old one or the new one. */
  void save(CassandraClock clock) {
    Path written = new Path(checkpoint, ".cassandra-clock.json.new");
    try {
      FileContext files = FileContext.getFileContext(checkpoint.toUri(), hadoop);
      // That of a view is below the position of all views, where nothing else is.
      files.mkdir(checkpoint, null, true);
      try (OutputStream stream =
          files.create(written, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
        JSON.writeValue(stream, clock);
      }
      files.rename(written, file(), Options.Rename.OVERWRITE);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file().toString(), e);
    }
  }
}
