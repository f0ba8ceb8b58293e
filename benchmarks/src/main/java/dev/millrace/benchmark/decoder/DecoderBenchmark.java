package dev.millrace.benchmark.decoder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.benchmark.contender.RidePipeline;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.MessageDecoder;
import dev.millrace.decode.MessageReader;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.TimeZoneAwareExpression;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Messages a second on one core, from the bytes of a value to a row of Catalyst's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@OperationsPerInvocation(DecoderMessages.COUNT)
public class DecoderBenchmark {

  private static final JsonFactory JSON = new JsonFactory();

  private List<byte[]> messages;
  private MessageReader allColumns;
  private MessageReader sixColumns;
  private Expression fromJson;

  /** Makes the messages and what reads them. */
  @Setup
  public void prepare() {
    messages = DecoderMessages.values();
    TableDefinition table = RidePipeline.table(1);
    Set<String> all = new HashSet<>(Set.of("op"));
    table.columns().forEach(column -> all.add(column.name()));
    allColumns = MessageReader.of(new MessageDecoder(table, all));
    sixColumns =
        MessageReader.of(
            new MessageDecoder(
                table,
                Set.of(
                    "id",
                    "booking_status",
                    "booking_value",
                    "ride_distance",
                    "created_at_ts",
                    "op")));
    fromJson = fromJson(table);
  }

  /** This job, all 24 columns and the operation. */
  @Benchmark
  public void decodeAllColumns(Blackhole hole) {
    for (byte[] message : messages) {
      hole.consume(allColumns.read(null, message));
    }
  }

  /** This job, six columns; every message is validated all the same. */
  @Benchmark
  public void decodeSixColumns(Blackhole hole) {
    for (byte[] message : messages) {
      hole.consume(sixColumns.read(null, message));
    }
  }

  /** Jackson's streaming parser over every token, the text of every scalar taken. */
  @Benchmark
  public void jacksonTokens(Blackhole hole) throws IOException {
    for (byte[] message : messages) {
      long length = 0;
      try (JsonParser parser = JSON.createParser(message)) {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          if (token.isScalarValue()) {
            length += parser.getTextLength();
          }
        }
      }
      hole.consume(length);
    }
  }

  /** Spark's from_json into 24 columns and the operation; literals stay as they are. */
  @Benchmark
  public void fromJson(Blackhole hole) {
    GenericInternalRow row = new GenericInternalRow(1);
    for (byte[] message : messages) {
      row.update(0, UTF8String.fromBytes(message));
      hole.consume((InternalRow) fromJson.eval(row));
    }
  }

  private static Expression fromJson(TableDefinition table) {
    StructType schema = new StructType();
    for (var column : table.columns()) {
      boolean isNumber =
          column.type().sqlType().equals(DataTypes.LongType)
              || column.type().sqlType().equals(DataTypes.TimestampType);
      schema =
          schema.add(column.from(), isNumber ? DataTypes.LongType : DataTypes.StringType, true);
    }
    schema = schema.add("__op", DataTypes.StringType, true);
    Column value = new Column(new BoundReference(0, DataTypes.StringType, true));
    Expression parsed = functions.from_json(value, schema, Map.of()).expr();
    return (Expression) ((TimeZoneAwareExpression) parsed).withTimeZone("UTC");
  }
}
