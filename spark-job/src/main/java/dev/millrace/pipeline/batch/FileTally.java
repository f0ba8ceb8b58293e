package dev.millrace.pipeline.batch;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkContext;
import org.apache.spark.util.AccumulatorV2;

/**
 * What became of files, by URI, as tasks read them. A file that is read more than once counts once.
 */
public final class FileTally extends AccumulatorV2<FileOutcome, Map<String, FileOutcome>> {

  private static final long serialVersionUID = 1L;

  private final TreeMap<String, FileOutcome> outcomes = new TreeMap<>();

  private FileTally() {}

  static FileTally in(SparkContext context) {
    FileTally tally = new FileTally();
    context.register(tally);
    return tally;
  }

  @Override
  public void add(FileOutcome outcome) {
    outcomes.put(outcome.file().uri(), outcome);
  }

  @Override
  public void merge(AccumulatorV2<FileOutcome, Map<String, FileOutcome>> other) {
    outcomes.putAll(other.value());
  }

  @Override
  public Map<String, FileOutcome> value() {
    return outcomes;
  }

  @Override
  public boolean isZero() {
    return outcomes.isEmpty();
  }

  @Override
  public AccumulatorV2<FileOutcome, Map<String, FileOutcome>> copy() {
    FileTally copy = new FileTally();
    copy.outcomes.putAll(outcomes);
    return copy;
  }

  @Override
  public void reset() {
    outcomes.clear();
  }
}
