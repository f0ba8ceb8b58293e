package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.DecimalEncoding;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.MissingField;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;

/**
 * {@link FuzzMessages} thrown at decoders of every type, encoding and policy. Each must be a
 * change, rejected with a code and a message, or skipped; none may throw, none may take long, and
 * the decoder must read a good message after any of them as before. A seed repeats its messages.
 */
final class MessageFuzz {

  /** Far more than a message takes, and far less than a loop without end. */
  private static final long MAX_NANOS = 10_000_000_000L;

  private static final int GOOD_MESSAGE_EVERY = 64;

  private static final byte[] GOOD = "{\"id\":1,\"text\":\"a\",\"__op\":\"c\"}".getBytes(UTF_8);

  /** What became of the messages. */
  record Outcomes(long changes, long rejected, long skipped) {
    long read() {
      return changes + rejected + skipped;
    }

    @Override
    public String toString() {
      return "%,d messages = %,d changes + %,d rejected + %,d skipped"
          .formatted(read(), changes, rejected, skipped);
    }
  }

  private final SplittableRandom random;
  private final FuzzMessages messages;
  private final List<Target> targets;
  private long changes;
  private long rejected;
  private long skipped;

  /** A decoder, and what lays its rows out as Spark does when it stores them. */
  private record Target(MessageReader reader, UnsafeProjection layout) {}

  private MessageFuzz(long seed) {
    this.random = new SplittableRandom(seed);
    this.messages = new FuzzMessages(random);
    this.targets = targets();
  }

  /**
   * Runs so many messages.
   *
   * @throws AssertionError with the message that did not end as it should
   */
  static Outcomes run(long messages, long seed) {
    MessageFuzz fuzz = new MessageFuzz(seed);
    for (long i = 0; i < messages; i++) {
      byte[] message = fuzz.messages.next();
      byte[] key = fuzz.random.nextInt(4) == 0 ? fuzz.messages.next() : null;
      Target target = fuzz.targets.get(fuzz.random.nextInt(fuzz.targets.size()));
      try {
        fuzz.decode(target, key, message);
        if (i % GOOD_MESSAGE_EVERY == 0) {
          requireChange(target.reader());
        }
      } catch (RuntimeException | StackOverflowError | AssertionError e) {
        throw new AssertionError(
            "seed " + seed + ", message " + i + ": " + (message == null ? null : text(message)), e);
      }
    }
    return new Outcomes(fuzz.changes, fuzz.rejected, fuzz.skipped);
  }

  private void decode(Target target, byte[] key, byte[] message) {
    long start = System.nanoTime();
    InternalRow decoded = target.reader().read(key, message);
    target.layout().apply(decoded);
    if (System.nanoTime() - start > MAX_NANOS) {
      throw new AssertionError("took " + (System.nanoTime() - start) / 1_000_000 + " ms");
    }
    switch (decoded.getUTF8String(0).toString()) {
      case Outcome.CHANGE -> {
        require(!decoded.isNullAt(2) && decoded.isNullAt(1), decoded);
        changes++;
      }
      case Outcome.REJECTED -> {
        InternalRow error = decoded.getStruct(1, 3);
        require(decoded.isNullAt(2) && !error.isNullAt(0), decoded);
        require(error.getUTF8String(2).numChars() > 20, decoded);
        rejected++;
      }
      case Outcome.SKIPPED -> {
        require(decoded.isNullAt(1) && decoded.isNullAt(2), decoded);
        skipped++;
      }
      default -> throw new AssertionError("no outcome: " + decoded);
    }
  }

  private static void require(boolean holds, InternalRow decoded) {
    if (!holds) {
      throw new AssertionError("contradicts itself: " + decoded);
    }
  }

  private static void requireChange(MessageReader reader) {
    InternalRow decoded = reader.read(null, GOOD);
    require(decoded.getUTF8String(0).toString().equals(Outcome.CHANGE), decoded);
  }

  private static String text(byte[] message) {
    return new String(message, 0, Math.min(message.length, 4000), UTF_8);
  }

  // ------------------------------------------------------------------ decoders

  private static List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    for (TableDefinition table :
        List.of(
            Tables.rideBookings(),
            everyType(TextEncoding.NONE, OnError.REJECT, DecimalEncoding.BASE64, TimeUnit.MICROS),
            everyType(TextEncoding.BASE64, OnError.NULL, DecimalEncoding.TEXT, TimeUnit.MILLIS),
            everyType(
                TextEncoding.PYTHON_BYTES, OnError.NULL, DecimalEncoding.TEXT, TimeUnit.ISO))) {
      MessageDecoder decoder = new MessageDecoder(table, Tables.allColumns(table));
      StructType type = Outcome.type(decoder.rowType());
      targets.add(new Target(MessageReader.of(decoder), UnsafeProjection.create(type)));
    }
    return targets;
  }

  private static TableDefinition everyType(
      TextEncoding encoding, OnError onError, DecimalEncoding decimals, TimeUnit unit) {
    List<String> types =
        List.of(
            "boolean",
            "smallint",
            "int",
            "float",
            "double",
            "decimal(12,2)",
            "decimal(38,10)",
            "binary",
            "date",
            "time",
            "timetz",
            "timestamp",
            "interval",
            "uuid",
            "json",
            "map<string,string>",
            "geometry",
            "array<int>",
            "array<string>",
            "array<decimal(10,2)>",
            "array<timestamp>",
            "array<binary>",
            "array<map<string,string>>");
    List<ColumnDefinition> columns = new ArrayList<>();
    columns.add(column("id", "bigint", decimals, unit));
    columns.add(column("text", "string", decimals, unit));
    for (String type : types) {
      columns.add(column("c" + columns.size(), type, decimals, unit));
    }
    return new TableDefinition(
        List.of("id"),
        encoding,
        Tables.NULL_TOKENS,
        onError,
        MissingField.NULL,
        TableDefinition.UNAVAILABLE_VALUE,
        true,
        ReplicaIdentity.FULL,
        columns);
  }

  private static ColumnDefinition column(
      String name, String type, DecimalEncoding decimals, TimeUnit unit) {
    ColumnType parsed = ColumnType.parse(type);
    TimeUnit own =
        switch (parsed.scalarKind()) {
          case DATE -> unit == TimeUnit.ISO ? TimeUnit.ISO : TimeUnit.DAYS;
          case TIME, TIMESTAMP -> unit;
          case TIMETZ -> TimeUnit.ISO;
          default -> TimeUnit.NONE;
        };
    return new ColumnDefinition(
        name, name, parsed, own, decimals, Optional.empty(), Optional.empty());
  }
}
