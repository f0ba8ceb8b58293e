package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.TableDefinition;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * How fast one core decodes ride bookings with all 24 columns filled, beside a Jackson parser that
 * only passes over the same bytes and takes each value's text. Counts the thread's CPU time, so
 * that what else runs on the machine disturbs little; garbage collection is not in it. A yardstick
 * to run by hand; it asserts nothing.
 */
public final class DecodeThroughput {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int MESSAGES = 4_000;
  private static final int ROUNDS = 12;

  private DecodeThroughput() {}

  /** Prints rows and bytes a second for each way, in rounds that take turns. */
  public static void main(String[] arguments) throws IOException {
    List<byte[]> messages = messages();
    long bytes = messages.stream().mapToLong(message -> message.length).sum();
    System.out.printf("%d messages of %d bytes%n", messages.size(), bytes / messages.size());
    TableDefinition table = Tables.rideBookings();
    Set<String> few = new HashSet<>(Set.of("id", "op", "created_at", "booking_value"));
    for (int round = 0; round < ROUNDS; round++) {
      report("all columns", messages, bytes, decoder(table, Tables.allColumns(table)));
      report("four columns", messages, bytes, decoder(table, few));
      report("Jackson, tokens", messages, bytes, DecodeThroughput::jackson);
    }
  }

  private interface Work {
    long run(byte[] message) throws IOException;
  }

  private static Work decoder(TableDefinition table, Set<String> columns) {
    MessageReader reader = new MessageDecoder(table, columns).newReader();
    return message -> {
      InternalRow decoded = reader.read(null, message);
      if (decoded.getUTF8String(0).numBytes() != Decode.CHANGE.length()) {
        throw new IllegalStateException("no change: " + decoded.getStruct(1, 3).getUTF8String(2));
      }
      return decoded.getStruct(2, 1).numFields();
    };
  }

  private static final JsonFactory JSON = new JsonFactory();

  private static long jackson(byte[] message) throws IOException {
    long length = 0;
    try (JsonParser parser = JSON.createParser(message)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          length += parser.getTextLength();
        }
      }
    }
    return length;
  }

  private static void report(String name, List<byte[]> messages, long bytes, Work work)
      throws IOException {
    long start = THREADS.getCurrentThreadCpuTime();
    long sum = 0;
    int passes = 20;
    for (int pass = 0; pass < passes; pass++) {
      for (byte[] message : messages) {
        sum += work.run(message);
      }
    }
    double seconds = (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
    System.out.printf(
        "%-18s %,10.0f rows/s %7.0f MB/s  (%d)%n",
        name, passes * messages.size() / seconds, passes * bytes / seconds / 1e6, sum);
  }

  /** Rides of about 1.27 kB: a sample with every column filled. */
  private static List<byte[]> messages() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Samples.Message sample = Samples.load("unwrapped.jsonl").get(0);
    List<byte[]> messages = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      ObjectNode sent = (ObjectNode) mapper.readTree(sample.value());
      ObjectNode ride = mapper.createObjectNode();
      Tables.rideBookings()
          .columns()
          .forEach(column -> ride.set(column.from(), sent.get(column.from())));
      String csv = "ncr_ride_bookings.csv/";
      ride.put("id", i);
      ride.put(csv + "booking+id", "b'\"CNR" + (1_000_000 + i) + "\"'");
      ride.put(csv + "customer+id", "b'\"CID" + (2_000_000 + i) + "\"'");
      ride.put(csv + "avg+vtat", "b'" + i % 200 / 10.0 + "'");
      ride.put(csv + "avg+ctat", "b'" + i % 450 / 10.0 + "'");
      ride.put(csv + "cancelled+rides+by+customer", i % 3 == 0 ? "b'1.0'" : "b'nan'");
      ride.put(
          csv + "reason+for+cancelling+by+customer", i % 3 == 0 ? "b'Wrong Address'" : "b'null'");
      ride.put(csv + "cancelled+rides+by+driver", i % 3 == 1 ? "b'1.0'" : "b'nan'");
      ride.put(
          csv + "driver+cancellation+reason", i % 3 == 1 ? "b'Customer related issue'" : "b'null'");
      ride.put(csv + "incomplete+rides", i % 3 == 2 ? "b'1.0'" : "b'nan'");
      ride.put(csv + "incomplete+rides+reason", i % 3 == 2 ? "b\"Driver's fault\"" : "b'null'");
      ride.put(csv + "booking+value", "b'" + (50 + i % 2950) + ".0'");
      ride.put(csv + "ride+distance", "b'" + (100 + i % 4900) / 100.0 + "'");
      ride.put(csv + "driver+ratings", "b'" + (30 + i % 20) / 10.0 + "'");
      ride.put(csv + "customer+rating", "b'" + (30 + i % 20) / 10.0 + "'");
      sent.fields()
          .forEachRemaining(
              field -> {
                if (field.getKey().startsWith("__")) {
                  ride.set(field.getKey(), field.getValue());
                }
              });
      messages.add(ride.toString().getBytes(UTF_8));
    }
    return messages;
  }
}
