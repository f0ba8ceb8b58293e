package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.DecimalEncoding;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.MissingField;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TableDefinition.TextEncoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;

/**
 * Real messages, mutated, and JSON at random, thrown at decoders of every type, encoding and
 * policy. Each must be a change, rejected with a code and a message, or skipped; none may throw,
 * none may take long, and the decoder must read a good message after any of them as before.
 *
 * <p>{@code main} takes the number of messages and a seed; a seed repeats its messages.
 */
public final class MessageFuzz {

  /** Far more than a message takes, and far less than a loop without end. */
  private static final long MAX_NANOS = 10_000_000_000L;

  private static final int GOOD_MESSAGE_EVERY = 64;

  private static final byte[] GOOD = "{\"id\":1,\"text\":\"a\",\"__op\":\"c\"}".getBytes(UTF_8);

  /** What became of the messages. */
  public record Outcomes(long changes, long rejected, long skipped) {
    public long read() {
      return changes + rejected + skipped;
    }
  }

  private final SplittableRandom random;
  private final List<byte[]> seeds;
  private final List<Target> targets;
  private long changes;
  private long rejected;
  private long skipped;

  /** A decoder, and what lays its rows out as Spark does when it stores them. */
  private record Target(MessageReader reader, UnsafeProjection layout) {}

  private MessageFuzz(long seed) {
    this.random = new SplittableRandom(seed);
    this.seeds = seeds();
    this.targets = targets();
  }

  /**
   * Runs so many messages.
   *
   * @throws AssertionError with the message that did not end as it should
   */
  public static Outcomes run(long messages, long seed) {
    MessageFuzz fuzz = new MessageFuzz(seed);
    for (long i = 0; i < messages; i++) {
      byte[] message = fuzz.message();
      byte[] key = fuzz.random.nextInt(4) == 0 ? fuzz.message() : null;
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

  /** Runs the first argument's number of messages from the seed of the second. */
  public static void main(String[] arguments) {
    long messages = arguments.length > 0 ? Long.parseLong(arguments[0]) : 10_000_000;
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    long start = System.nanoTime();
    Outcomes outcomes = run(messages, seed);
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "seed %d: %,d messages in %.0f s (%,.0f/s) = %,d changes + %,d rejected + %,d skipped%n",
        seed,
        outcomes.read(),
        seconds,
        outcomes.read() / seconds,
        outcomes.changes(),
        outcomes.rejected(),
        outcomes.skipped());
  }

  private void decode(Target target, byte[] key, byte[] message) {
    long start = System.nanoTime();
    InternalRow decoded = target.reader().read(key, message);
    target.layout().apply(decoded);
    if (System.nanoTime() - start > MAX_NANOS) {
      throw new AssertionError("took " + (System.nanoTime() - start) / 1_000_000 + " ms");
    }
    switch (decoded.getUTF8String(0).toString()) {
      case Decode.CHANGE -> {
        require(!decoded.isNullAt(2) && decoded.isNullAt(1), decoded);
        changes++;
      }
      case Decode.REJECTED -> {
        InternalRow error = decoded.getStruct(1, 3);
        require(decoded.isNullAt(2) && !error.isNullAt(0), decoded);
        require(error.getUTF8String(2).numChars() > 20, decoded);
        rejected++;
      }
      case Decode.SKIPPED -> {
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
    require(decoded.getUTF8String(0).toString().equals(Decode.CHANGE), decoded);
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
      targets.add(new Target(decoder.newReader(), UnsafeProjection.create(type)));
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

  // ------------------------------------------------------------------ messages

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1.5",
          "1e400",
          "9223372036854775808",
          "1762514972953131",
          "9223372036825200000",
          "\"\"",
          "\"b'\\\\xc3\\\\xa9'\"",
          "\"b\\\"cut\"",
          "\"BNI=\"",
          "\"AP8\"",
          "\"NaN\"",
          "\"12.34\"",
          "\"2025-11-07Z\"",
          "\"11:29:32.953131Z\"",
          "\"2025-11-07T11:29:32.953131Z\"",
          "\"infinity\"",
          "\"P0Y0M3DT4H5M6.789S\"",
          "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
          "\"__debezium_unavailable_value\"",
          "[\"__debezium_unavailable_value\"]",
          "{\"scale\":2,\"value\":\"ew==\"}",
          "{\"a\":\"1\",\"b\":null}",
          "\"{\\\"a\\\":\\\"1\\\"}\"",
          "[1,null,-3]",
          "[\"a\",null]",
          "{\"x\":1.5,\"wkb\":\"AQEAAAAAAAAAAAD4PwAAAAAAAADA\",\"srid\":null}",
          "[[1],[]]",
          "{}",
          "\"\\ud83d\\ude95\\u0000\"");

  private static List<byte[]> seeds() {
    return Stream.of(
            "unwrapped.jsonl",
            "envelope.jsonl",
            "one-of-each-unwrapped.jsonl",
            "one-of-each-envelope.jsonl")
        .flatMap(name -> Samples.load(name).stream())
        .map(Samples.Message::value)
        .filter(value -> value != null)
        .toList();
  }

  private byte[] message() {
    int kind = random.nextInt(100);
    if (kind == 0) {
      return random.nextBoolean() ? null : new byte[0];
    }
    if (kind < 3) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] message = kind < 40 ? seeds.get(random.nextInt(seeds.size())) : typed().getBytes(UTF_8);
    return random.nextInt(3) == 0 ? message : mutated(message);
  }

  /** Values of every form in columns of every type, in one of the shapes. */
  private String typed() {
    String row = row();
    String message =
        switch (random.nextInt(4)) {
          case 0 -> "{" + row + ",\"__op\":\"" + operation() + "\"}";
          case 1 -> "{\"before\":null,\"after\":{" + row + "},\"op\":\"" + operation() + "\"}";
          case 2 ->
              "{\"before\":{" + row() + "},\"after\":{" + row + "},\"op\":\"" + operation() + "\"}";
          default -> "{\"before\":{" + row + "},\"after\":null,\"op\":\"d\"}";
        };
    return random.nextInt(8) == 0
        ? "{\"schema\":{\"type\":\"struct\",\"fields\":[]},\"payload\":" + message + "}"
        : message;
  }

  private String row() {
    StringBuilder row = new StringBuilder("\"id\":").append(random.nextInt());
    for (int field = random.nextInt(8); field > 0; field--) {
      row.append(",\"c")
          .append(random.nextInt(27))
          .append(random.nextInt(10) == 0 ? "\\u0030" : "")
          .append("\":")
          .append(VALUES.get(random.nextInt(VALUES.size())));
    }
    return row.toString();
  }

  private char operation() {
    return "ccuudrt".charAt(random.nextInt(7));
  }

  private byte[] mutated(byte[] message) {
    byte[] mutated = message.clone();
    for (int i = 1 + random.nextInt(3); i > 0 && mutated.length > 0; i--) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(6)) {
        case 0 -> mutated[at] = (byte) random.nextInt(256);
        case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> mutated = Arrays.copyOf(mutated, at);
        case 3 -> mutated = spliced(mutated, at, 0, new byte[] {interesting()});
        case 4 -> mutated = spliced(mutated, at, 1 + random.nextInt(8), new byte[0]);
        default ->
            mutated =
                spliced(mutated, at, 0, VALUES.get(random.nextInt(VALUES.size())).getBytes(UTF_8));
      }
    }
    return mutated;
  }

  private byte interesting() {
    String characters = "{}[]\",:\\ue0123456789.-+\n\u0000tdbxPTZ='\u007f";
    return (byte) characters.charAt(random.nextInt(characters.length()));
  }

  private static byte[] spliced(byte[] bytes, int at, int removed, byte[] inserted) {
    int rest = Math.min(bytes.length, at + removed);
    byte[] result = Arrays.copyOf(bytes, at + inserted.length + bytes.length - rest);
    System.arraycopy(inserted, 0, result, at, inserted.length);
    System.arraycopy(bytes, rest, result, at + inserted.length, bytes.length - rest);
    return result;
  }
}
