package dev.millrace.sink;

import dev.millrace.config.CompactionOptions;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/**
 * Rewrites what a sink holds of one output into fewer and larger files, while runs deliver to it.
 * Driver only.
 */
public interface SinkCompaction {

  /**
   * Rewrites what there is now.
   *
   * @return what was done, a sentence for each thing; empty where nothing was to be done
   * @throws dev.millrace.error.UserException where another compaction is under way, or files can't
   *     be read or written; the sink's rows are as they were
   */
  List<String> run(SparkSession session, CompactionOptions options);
}
