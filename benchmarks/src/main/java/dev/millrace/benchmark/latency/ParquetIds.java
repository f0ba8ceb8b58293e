package dev.millrace.benchmark.latency;

import java.io.IOException;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/** Reads the column {@code id} of files. */
final class ParquetIds {

  private final Configuration configuration = new Configuration();

  /**
   * @param isRequired whether the files' schema declares that no id is null
   */
  ParquetIds(boolean isRequired) {
    configuration.set(
        ReadSupport.PARQUET_READ_SCHEMA,
        "message row { %s int64 id; }".formatted(isRequired ? "required" : "optional"));
  }

  void read(Path file, LongConsumer ids) throws IOException {
    try (ParquetReader<Group> rows =
        ParquetReader.builder(new GroupReadSupport(), file).withConf(configuration).build()) {
      for (Group row = rows.read(); row != null; row = rows.read()) {
        ids.accept(row.getLong("id", 0));
      }
    }
  }
}
