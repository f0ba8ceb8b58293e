package dev.millrace.pipeline.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.event.FileColumns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Files that are named by a time of day, say, which Hadoop takes for the scheme of a URI. */
public class ColonInNamesTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final TableDefinition TABLE =
      new TableDefinition(
          List.of(),
          TextEncoding.NONE,
          Set.of(),
          OnError.REJECT,
          List.of(new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE)));

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      mode = Mode.EXCLUDE,
      names = {"ORC", "TEXT"})
  void readsAFileWithAColonInItsName(FileFormat format) throws Exception {
    String name = "2026-11-29T17:05:00." + format.spelling();
    Path file = write(format, folder.resolve(name));

    FileBatch batch =
        FileBatches.of(SPARK.session(), format, Map.of(), TABLE, FileBatches.files(file));

    assertThat(FileBatches.rejected(batch)).isEmpty();
    assertThat(batch.rows().select("id", FileColumns.FILE).collectAsList())
        .extracting(row -> row.getLong(0), row -> row.getString(1))
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(7L, name),
            org.assertj.core.groups.Tuple.tuple(8L, name));
  }

  private static Path write(FileFormat format, Path file) throws Exception {
    if (format == FileFormat.CSV) {
      return Files.writeString(file, "id\n7\n8\n");
    }
    if (format == FileFormat.JSON) {
      return Files.writeString(file, "{\"id\":7}\n{\"id\":8}\n");
    }
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT unnest([7, 8])::BIGINT AS id) TO '%s' (FORMAT parquet)".formatted(file));
    }
    return file;
  }
}
