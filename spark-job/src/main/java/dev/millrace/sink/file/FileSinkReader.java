package dev.millrace.sink.file;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.struct;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.RunErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.file.BatchFolders.Compacted;
import dev.millrace.sql.Columns;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The newest row of each key in the batches of a view, or the batch that is the whole result.
 *
 * <pre>
 *   batch=3  op r  id 1 a      a whole result, which batches before it do not count for
 *   batch=3  op r  id 2 b
 *   batch=4  op u  id 1 c
 *   batch=5  op d  id 2 b
 *   held           id 1 c
 * </pre>
 */
record FileSinkReader(OutputDefinition output, Configuration hadoop) implements SinkReader {

  private static final String BATCH = "millrace.batch";

  @Override
  public Optional<Held> read(SparkSession session, StructType result) {
    TreeMap<Long, Path> batches;
    List<Compacted> compactions;
    try {
      BatchFolders folders = BatchFolders.of((FileSink) output.sink(), hadoop);
      batches = folders.published();
      // After the batches: what is copied meanwhile is in both, and what is removed is here.
      compactions = folders.compactions();
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("output folder", ((FileSink) output.sink()).path(), e);
    }
    if (batches.isEmpty()) {
      return Optional.of(
          new Held(session.createDataFrame(List.of(), result), OptionalLong.empty()));
    }
    OptionalLong newest = OptionalLong.of(batches.lastKey());
    Column[] columns =
        Arrays.stream(result.fieldNames()).map(Columns::named).toArray(Column[]::new);
    if (output.mode() == Mode.COMPLETE) {
      return Optional.of(
          new Held(read(session, batches.lastEntry().getValue(), result).select(columns), newest));
    }
    StructType stored = result.add(ChangeColumns.OP, DataTypes.StringType);
    long copied = compactions.isEmpty() ? -1 : compactions.get(compactions.size() - 1).last();
    Dataset<Row> all =
        Stream.concat(
                compactions.stream()
                    .map(
                        each ->
                            read(
                                    session,
                                    each.path(),
                                    stored.add(BatchFolders.BATCH_COLUMN, DataTypes.LongType))
                                .withColumnRenamed(BatchFolders.BATCH_COLUMN, BATCH)),
                batches.tailMap(copied + 1).entrySet().stream()
                    .map(
                        batch ->
                            read(session, batch.getValue(), stored)
                                .withColumn(BATCH, lit(batch.getKey()))))
            .reduce(Dataset::unionByName)
            .orElseThrow();
    Row whole =
        all.where(col(ChangeColumns.OP).equalTo("r"))
            .agg(max(Columns.named(BATCH)))
            .collectAsList()
            .get(0);
    Dataset<Row> rows =
        all.where(Columns.named(BATCH).geq(whole.isNullAt(0) ? 0 : whole.getLong(0)))
            .groupBy(output.key().stream().map(Columns::named).toArray(Column[]::new))
            .agg(
                max_by(
                        struct(
                            Stream.concat(Stream.of(col(ChangeColumns.OP)), Stream.of(columns))
                                .toArray(Column[]::new)),
                        Columns.named(BATCH))
                    .as("newest"))
            .where(col("newest.op").notEqual("d"))
            .select(
                Arrays.stream(result.fieldNames())
                    .map(name -> col("newest").getField(name).as(name))
                    .toArray(Column[]::new));
    return Optional.of(new Held(rows, newest));
  }

  private Dataset<Row> read(SparkSession session, Path batch, StructType columns) {
    return session
        .read()
        .schema(columns.asNullable())
        .format(output.sink().kind())
        .option("basePath", batch.toString())
        .option("mode", "FAILFAST")
        .option("timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX")
        .option("timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS")
        .load(batch.toString());
  }
}
