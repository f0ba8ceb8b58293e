package dev.millrace.sink.iceberg;

import dev.millrace.config.CompactionOptions;
import dev.millrace.config.CompactionOptions.Retention;
import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.sink.SinkCompaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.actions.RewriteDataFiles;
import org.apache.iceberg.actions.SizeBasedFileRewritePlanner;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.spark.actions.SparkActions;
import org.apache.spark.sql.SparkSession;

/**
 * Rewrites the data files of a table together with the deletes that apply to them, and expires
 * snapshots. A snapshot of compaction has no mark; the mark before it counts, and where that one
 * has expired, the table's properties have it ({@link BatchMark}).
 */
record IcebergCompaction(IcebergSink sink, Configuration hadoop) implements SinkCompaction {

  private static final int ATTEMPTS = 3;

  @Override
  public List<String> run(SparkSession session, CompactionOptions options) {
    try (OpenCatalog catalog = OpenCatalog.open(sink, hadoop)) {
      Optional<Table> table = catalog.table().filter(each -> each.currentSnapshot() != null);
      if (table.isEmpty()) {
        return List.of();
      }
      List<String> done = new ArrayList<>();
      rewriteDespiteCommits(session, table.get(), options).ifPresent(done::add);
      options.keep().flatMap(keep -> expire(table.get(), keep)).ifPresent(done::add);
      return done;
    } catch (Exception e) {
      // Spark's own exception is checked, and its methods do not declare it.
      throw CatalogFailures.refusal(sink.place(), e);
    }
  }

  /** Iceberg gives up where batches were committed at each of its attempts. */
  private Optional<String> rewriteDespiteCommits(
      SparkSession session, Table table, CompactionOptions options) {
    for (int attempt = 1; ; attempt++) {
      try {
        return rewrite(session, table, options);
      } catch (CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        table.refresh();
      }
    }
  }

  private Optional<String> rewrite(SparkSession session, Table table, CompactionOptions options) {
    RewriteDataFiles rewrite =
        SparkActions.get(session)
            .rewriteDataFiles(table)
            .binPack()
            .option(
                SizeBasedFileRewritePlanner.TARGET_FILE_SIZE_BYTES,
                Long.toString(options.fileBytes()))
            .option(BinPackRewriteFilePlanner.DELETE_FILE_THRESHOLD, "1")
            .option(RewriteDataFiles.REMOVE_DANGLING_DELETES, "true");
    if (!options.isFullOnly()) {
      rewrite.option(SizeBasedFileRewritePlanner.MIN_INPUT_FILES, "2");
    }
    RewriteDataFiles.Result result = rewrite.execute();
    return result.rewrittenDataFilesCount() == 0 && result.removedDeleteFilesCount() == 0
        ? Optional.empty()
        : Optional.of(
            "rewrote %,d data files (%,d bytes) of %s as %,d, and removed %,d files of deletes that no row needs"
                .formatted(
                    result.rewrittenDataFilesCount(),
                    result.rewrittenBytesCount(),
                    sink.place(),
                    result.addedDataFilesCount(),
                    result.removedDeleteFilesCount()));
  }

  private Optional<String> expire(Table table, Retention keep) {
    table.refresh();
    long before = count(table);
    long oldest = System.currentTimeMillis() - keep.age().orElse(Duration.ZERO).toMillis();
    table
        .expireSnapshots()
        .expireOlderThan(oldest)
        .retainLast(Math.max(1, keep.newest().orElse(1)))
        .commit();
    table.refresh();
    long expired = before - count(table);
    return expired == 0
        ? Optional.empty()
        : Optional.of("expired %,d snapshots of %s".formatted(expired, sink.place()));
  }

  private static long count(Table table) {
    return StreamSupport.stream(table.snapshots().spliterator(), false).count();
  }
}
