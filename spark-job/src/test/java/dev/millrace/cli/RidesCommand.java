package dev.millrace.cli;

import dev.millrace.pipeline.ParquetFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The shipped pipeline as a user runs it, in this process, on topics and folders of a test. */
record RidesCommand(String servers) {

  static final String FILE =
      Path.of(System.getProperty("millrace.home"), "pipelines", "ride-bookings.yaml").toString();

  /** How a command ended and what it printed. */
  record Ended(int exitCode, String out, String err) {}

  /**
   * Runs to the end of what is there.
   *
   * @param place a folder for the output and the checkpoints
   */
  Ended run(String topic, Path place, String... flags) {
    List<String> arguments = new ArrayList<>(List.of("run", FILE, "--available-now"));
    arguments.addAll(List.of(flags));
    return execute(topic, place, arguments);
  }

  /** Runs a command that takes the pipeline's file. */
  Ended execute(String topic, Path place, List<String> arguments) {
    Map<String, String> environment =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            servers,
            "KAFKA_TOPIC",
            topic,
            "OUTPUT_DIR",
            place.resolve("output").toString(),
            "OUTPUT_TOPIC",
            topic + "-{output}",
            "KAFKA_REPLAY_TOPIC",
            topic + "-replay",
            "CHECKPOINT_DIR",
            place.resolve("checkpoints").toString());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Millrace.commandLine(environment, new SparkEngine(environment))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments.toArray(String[]::new));
    return new Ended(exitCode, out.toString(), err.toString());
  }

  /** Appends values, of which a null is a tombstone, to a topic of one partition. */
  void produce(String topic, List<byte[]> values) throws ExecutionException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (byte[] value : values) {
        producer.send(new ProducerRecord<>(topic, value)).get();
      }
    }
  }

  /** The ids in the files of the output bookings, repeated ones too. */
  static List<Object> ids(Path place) throws SQLException {
    return ParquetFiles.query(place.resolve("output/bookings"), "SELECT id FROM rows ORDER BY id")
        .stream()
        .map(row -> row.get("id"))
        .toList();
  }
}
