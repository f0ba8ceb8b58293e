package dev.millrace.table;

import dev.millrace.config.FileFormat;
import dev.millrace.config.FileSourceDefinition;
import dev.millrace.event.FileColumns;
import dev.millrace.event.SampledMessage;
import dev.millrace.infer.ProposedTable;
import dev.millrace.infer.RowProposer;
import dev.millrace.infer.RowProposer.Values;
import dev.millrace.source.file.FileSample;
import dev.millrace.source.file.SourceFile;
import dev.millrace.source.file.UnreadableFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * The files that are in a folder. The oldest that can be read states the columns; of CSV and JSON,
 * where the values say the types, those after it that have the same columns are read, too.
 */
final class FilesInferenceOrigin implements InferenceOrigin {

  private static final int MAX_FILES = 20;
  private static final int MAX_ROWS = 10_000;
  private static final long POLL_INTERVAL_MILLIS = 500;

  private final FileSourceDefinition source;
  private final Set<String> nullTokens;
  private final FileSample sample;
  private List<SourceFile> seen = List.of();

  FilesInferenceOrigin(SparkSession session, FileSourceDefinition source, Set<String> nullTokens) {
    this.source = source;
    this.nullTokens = nullTokens;
    this.sample = new FileSample(session, source);
  }

  @Override
  public Optional<Inferred> infer() {
    seen = sample.files(MAX_FILES);
    return source.format().isDecoded() ? byValues(seen) : bySchema(seen);
  }

  private Optional<Inferred> bySchema(List<SourceFile> files) {
    for (SourceFile each : files) {
      Optional<StructType> schema = schema(each);
      if (schema.isPresent()) {
        String file = "file " + each.name();
        return Optional.of(
            new Inferred(
                RowProposer.bySchema(file, schema.get(), FileColumns.POSITION),
                file + " in " + source.path()));
      }
    }
    return Optional.empty();
  }

  private Optional<Inferred> byValues(List<SourceFile> files) {
    Map<SourceFile, StructType> schemas = new LinkedHashMap<>();
    List<SampledMessage> rows = new ArrayList<>();
    for (SourceFile each : files) {
      Optional<StructType> schema = schema(each).filter(found -> isLike(found, schemas));
      if (schema.isPresent() && rows.size() < MAX_ROWS) {
        Optional<List<SampledMessage>> read = rows(each, MAX_ROWS - rows.size());
        read.ifPresent(
            some -> {
              schemas.put(each, schema.get());
              rows.addAll(some);
            });
      }
    }
    if (schemas.isEmpty()) {
      return Optional.empty();
    }
    List<String> columns = List.of(schemas.values().iterator().next().fieldNames());
    ProposedTable table =
        RowProposer.byValues(
            columns,
            rows,
            source.format() == FileFormat.CSV ? Values.TEXTS : Values.TYPED,
            nullTokens,
            FileColumns.POSITION);
    if (table.columns().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Inferred(
            table,
            "%d row%s of %d file%s in %s"
                .formatted(
                    rows.size(),
                    rows.size() == 1 ? "" : "s",
                    schemas.size(),
                    schemas.size() == 1 ? "" : "s",
                    source.path())));
  }

  /** Whether a file has the columns of those before it, in any order. */
  private static boolean isLike(StructType found, Map<SourceFile, StructType> before) {
    return before.isEmpty()
        || Set.copyOf(Arrays.asList(found.fieldNames()))
            .equals(Set.copyOf(Arrays.asList(before.values().iterator().next().fieldNames())));
  }

  private Optional<StructType> schema(SourceFile file) {
    try {
      return Optional.of(sample.schema(file));
    } catch (Exception e) {
      requireFault(e);
      return Optional.empty();
    }
  }

  private Optional<List<SampledMessage>> rows(SourceFile file, int most) {
    try {
      return Optional.of(sample.rows(file, most));
    } catch (Exception e) {
      requireFault(e);
      return Optional.empty();
    }
  }

  /** A file that can't be read teaches nothing; the query will say what is wrong with it. */
  private void requireFault(Exception failure) {
    if (UnreadableFile.reason(source.format().spelling(), failure).isEmpty()) {
      throw failure instanceof RuntimeException unchecked
          ? unchecked
          : new IllegalStateException(failure);
    }
  }

  @Override
  public boolean awaitMore(BooleanSupplier isStopped) throws InterruptedException {
    while (!isStopped.getAsBoolean()) {
      if (!sample.files(MAX_FILES).equals(seen)) {
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MILLIS);
    }
    return false;
  }

  @Override
  public String awaited() {
    return "a first file in " + source.path() + " to infer the columns from";
  }

  @Override
  public String emptiness() {
    return "there is no file in " + source.path() + " that can be read";
  }
}
