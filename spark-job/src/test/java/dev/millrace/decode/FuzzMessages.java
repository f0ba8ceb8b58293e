package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.decode.json.JsonScanner;
import dev.millrace.decode.json.MalformedJson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Messages at random: noise, values of every form in columns of every type, and real messages, as
 * they are or changed; by their members (another value, another name, one twice, one gone) or byte
 * by byte.
 */
final class FuzzMessages {

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

  private final SplittableRandom random;
  private final List<Sample> samples;

  /** A real message, and the members of all its objects. */
  private static final class Sample {
    private final byte[] bytes;
    private final List<Member> members = new ArrayList<>();

    Sample(byte[] bytes) {
      this.bytes = bytes;
      addMembers(bytes, 0, bytes.length, members);
    }
  }

  /** Where a field's name begins, and its value; where the value ends. */
  private record Member(int name, int value, int end) {}

  FuzzMessages(SplittableRandom random) {
    this.random = random;
    this.samples = samples();
  }

  private static List<Sample> samples() {
    return Stream.of(
            "unwrapped.jsonl",
            "envelope.jsonl",
            "one-of-each-unwrapped.jsonl",
            "one-of-each-envelope.jsonl")
        .flatMap(name -> Samples.load(name).stream())
        .map(Samples.Message::value)
        .filter(value -> value != null)
        .map(Sample::new)
        .toList();
  }

  private static void addMembers(byte[] json, int start, int end, List<Member> members) {
    JsonScanner scanner = new JsonScanner();
    scanner.reset(json, start, end);
    try {
      boolean hasField = scanner.openObject();
      while (hasField) {
        scanner.field();
        int name = scanner.valueStart() - 1;
        byte kind = scanner.value();
        boolean isText = kind == JsonScanner.STRING || kind == JsonScanner.ESCAPED_STRING;
        int quote = isText ? 1 : 0;
        Member member = new Member(name, scanner.valueStart() - quote, scanner.valueEnd() + quote);
        members.add(member);
        if (kind == JsonScanner.OBJECT) {
          addMembers(json, member.value(), member.end(), members);
        }
        hasField = scanner.hasNextField();
      }
    } catch (MalformedJson e) {
      throw new IllegalStateException("a sample is not JSON", e);
    }
  }

  /** The next message; null for a tombstone. */
  byte[] next() {
    int kind = random.nextInt(100);
    if (kind == 0) {
      return random.nextBoolean() ? null : new byte[0];
    }
    if (kind < 3) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] message = kind < 50 ? sample() : typed().getBytes(UTF_8);
    return random.nextInt(3) == 0 ? mutated(message) : message;
  }

  private byte[] sample() {
    Sample sample = any(samples);
    return random.nextInt(4) == 0 ? sample.bytes : rebuilt(sample);
  }

  /** A sample with one member that is not as it was. */
  private byte[] rebuilt(Sample sample) {
    byte[] bytes = sample.bytes;
    Member member = any(sample.members);
    int length = member.end() - member.value();
    return switch (random.nextInt(7)) {
      case 0 -> spliced(bytes, member.value(), length, bytes(any(VALUES)));
      case 1 -> {
        Sample other = any(samples);
        Member theirs = any(other.members);
        yield spliced(
            bytes,
            member.value(),
            length,
            Arrays.copyOfRange(other.bytes, theirs.value(), theirs.end()));
      }
      case 2 -> spliced(bytes, member.name(), member.end() - member.name(), new byte[0]);
      case 3 -> {
        boolean isLast = bytes[member.end()] != ',';
        yield spliced(
            bytes, member.name(), member.end() - member.name() + (isLast ? 0 : 1), new byte[0]);
      }
      case 4 -> {
        byte[] twice = Arrays.copyOfRange(bytes, member.name(), member.end() + 1);
        twice[twice.length - 1] = ',';
        yield spliced(bytes, member.name(), 0, twice);
      }
      case 5 ->
          spliced(
              bytes, member.name(), member.value() - member.name(), bytes("\"" + name() + "\":"));
      default -> {
        byte[] wrapped = spliced(bytes, member.end(), 0, bytes(random.nextBoolean() ? "]" : "}"));
        yield spliced(wrapped, member.value(), 0, bytes(random.nextBoolean() ? "[" : "{\"a\":"));
      }
    };
  }

  /** One that means something somewhere. */
  private String name() {
    List<String> known =
        List.of(
            "id", "text", "op", "before", "after", "source", "payload", "schema", "__op", "lsn");
    return random.nextBoolean() ? any(known) : "c" + random.nextInt(27);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
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
          .append(any(VALUES));
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
        default -> mutated = spliced(mutated, at, 0, bytes(any(VALUES)));
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
