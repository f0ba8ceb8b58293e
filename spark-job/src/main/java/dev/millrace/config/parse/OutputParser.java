package dev.millrace.config.parse;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.OutputDefinition.Watermark;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.Values;
import dev.millrace.config.parse.SinkKind.SinkTemplate;
import dev.millrace.error.SinkErrors;
import dev.millrace.error.TableErrors;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Reads one of {@code outputs}. */
final class OutputParser {

  private final SourceDefinition source;
  private final TableDefinition table;
  private final StructType columns;
  private final SinkKinds kinds;
  private final Map<SinkKind, SinkTemplate> sinks;

  OutputParser(
      SourceDefinition source,
      TableDefinition table,
      SinkKinds kinds,
      Map<SinkKind, SinkTemplate> sinks) {
    this.source = source;
    this.table = table;
    this.columns = source.relation(table).columns();
    this.kinds = kinds;
    this.sinks = sinks;
  }

  OutputDefinition parse(Section outputs, Section output) {
    String name = output.name();
    if (!Values.isName(name)) {
      outputs.problem(name, UserErrors.invalidValue("'" + name + "'", UserErrors.expectName()));
    }
    Optional<String> sql = output.optional("sql", Values::text);
    Mode mode = output.optional("mode", Values.oneOf(Mode.class), "append");
    Scope scope = output.optional("scope", Values.oneOf(Scope.class), "stream");
    Optional<Watermark> watermark = watermark(output);
    List<String> key =
        output.list("key", Values::text, output.has("sql") ? List.of() : table.key());
    SinkKind kind = output.optional("sink", kinds.parser(), SinkKinds.DEFAULT);
    SinkDefinition sink = sinks.get(kind).forOutput(name);
    output.finish();

    Optional<String> stateless = source.objectionToState();
    if (mode != Mode.APPEND && stateless.isPresent()) {
      output.problem(
          "mode", UserErrors.onlyAppend(source.kind(), stateless.get(), Values.spelling(mode)));
    } else if (mode != Mode.APPEND) {
      if (scope == Scope.BATCH) {
        output.problem("mode", UserErrors.batchScopeAppends(Values.spelling(mode)));
      } else if (!output.has("sql")) {
        output.problem("mode", UserErrors.modeNeedsAggregation(Values.spelling(mode)));
      }
    }
    if (scope == Scope.BATCH && watermark.isPresent()) {
      output.problem("watermark", UserErrors.batchScopeHasNoWatermark());
    }
    if (output.has("key") && !output.has("sql") && !table.isInferred()) {
      TableParser.requireColumns(output, "key", key, List.of(columns.fieldNames()));
    }
    boolean keyComesLater = !output.has("sql") && !source.knowsColumns();
    // The key of a view follows from its SQL; of other SQL it is required once that is analysed.
    boolean mayBeView = output.has("sql") && table.name().isPresent();
    if (sink.isByKey() && key.isEmpty() && !keyComesLater && !mayBeView) {
      output.problem("key", SinkErrors.needsKey(sink.kind()));
    }
    return new OutputDefinition(
        name,
        sql,
        UserErrors.at(output.origin("sql").place(), output.path("sql")),
        mode,
        scope,
        watermark,
        key,
        sink);
  }

  private Optional<Watermark> watermark(Section output) {
    Section watermark = output.section("watermark");
    if (!output.has("watermark")) {
      return Optional.empty();
    }
    String column = watermark.required("column", Values::text, "", UserErrors.expectText());
    Duration delay =
        watermark.required("delay", Values::duration, Duration.ZERO, UserErrors.expectDuration());
    watermark.finish();
    // Of columns that are not known yet Spark reports the same once they are.
    if (!column.isEmpty() && !table.isInferred()) {
      DataType type =
          Arrays.stream(columns.fields())
              .filter(field -> field.name().equals(column))
              .map(StructField::dataType)
              .findFirst()
              .orElse(null);
      if (type == null) {
        watermark.problem(
            "column", TableErrors.unknownColumn(column, List.of(columns.fieldNames())));
      } else if (!type.equals(DataTypes.TimestampType)
          && !type.equals(TableParser.UNKNOWN_TYPE.sqlType())) {
        watermark.problem(
            "column", TableErrors.watermarkNeedsTimestamp(column, type.simpleString()));
      }
    }
    return Optional.of(new Watermark(column, delay));
  }
}
