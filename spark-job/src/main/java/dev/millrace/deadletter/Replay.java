package dev.millrace.deadletter;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.deadletter.DeadLetter.Header;
import dev.millrace.deadletter.DeadLetter.Position;
import dev.millrace.error.DeadLetterErrors;
import dev.millrace.error.UserException;
import dev.millrace.kafka.CommittedRecords;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.source.SourceTopics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends corrected dead letters through the topic that the pipeline reads in addition to its own.
 * Driver only.
 *
 * <p>Each message is sent once, however often a file is replayed: each has the position of its dead
 * letter in its headers, and what the topic holds already is left out. They go in transactions of a
 * bounded size, which end long before the broker's timeout; a replay that is interrupted between
 * two of them is run again for the others. A transactional id by pipeline keeps two replays at a
 * time apart: the later one ends the earlier.
 */
public final class Replay {

  /** Of one transaction: it has to end within transaction.timeout.ms, a minute by default. */
  private static final int MAX_MESSAGES = 1_000;

  private static final long MAX_BYTES = 16L << 20;

  private final PipelineDefinition pipeline;
  private final KafkaSourceDefinition source;
  private final String topic;
  private final PrintWriter out;

  /**
   * Prepares a replay; nothing is read.
   *
   * @param out takes one line a message, and a sum
   * @throws UserException where the pipeline has no topic for it
   */
  public Replay(PipelineDefinition pipeline, PrintWriter out) {
    if (!(pipeline.source() instanceof KafkaSourceDefinition kafka)) {
      throw DeadLetterErrors.noMessages(pipeline.source().kind());
    }
    this.pipeline = pipeline;
    this.source = kafka;
    this.topic = kafka.replayTopic().orElseThrow(DeadLetterErrors::noReplayTopic);
    this.out = out;
  }

  /**
   * Sends what can be sent.
   *
   * @param file lines as {@link DeadLetterJson} writes them
   * @throws UserException where a line can't be read: then nothing is sent; where messages are
   *     still rejects: the others are sent; where Kafka refuses: the transactions before are sent
   */
  public void run(String file) {
    List<ReplayCandidate> corrected = new ArrayList<>();
    List<String> problems = read(file, corrected);
    try (SourceTopics topics = new SourceTopics(source)) {
      topics.require();
    }
    int sent = corrected.isEmpty() ? 0 : send(corrected);
    out.printf(
        "%d sent to %s, %d not sent%n", sent, topic, corrected.size() + problems.size() - sent);
    out.flush();
    if (!problems.isEmpty()) {
      throw DeadLetterErrors.notSent(problems);
    }
  }

  /** Reads and decodes every line; returns what is wrong with those that can't be sent. */
  private List<String> read(String file, List<ReplayCandidate> corrected) {
    List<String> malformed = new ArrayList<>();
    List<String> unsent = new ArrayList<>();
    Map<Position, Integer> lines = new HashMap<>();
    MessageValidator check = new MessageValidator(pipeline.table());
    try (BufferedReader reader = Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        try {
          DeadLetter letter = DeadLetterJson.parse(line);
          if (letter.isOfOutput()) {
            throw new IllegalArgumentException(DeadLetterErrors.ofOutput());
          }
          Integer first = lines.putIfAbsent(letter.position(), number);
          if (first != null) {
            throw new IllegalArgumentException(
                DeadLetterErrors.repeated(letter.position().toString(), first));
          }
          if (!source.topics().contains(letter.position().topic())) {
            throw new IllegalArgumentException(
                DeadLetterErrors.foreignTopic(letter.position().topic(), source.topics()));
          }
          MessageValidator.Result result =
              check.of(DeadLetter.array(letter.key()), DeadLetter.array(letter.value()));
          if (result.isChange()) {
            corrected.add(new ReplayCandidate(letter, result.lsn()));
          } else {
            unsent.add(
                DeadLetterErrors.atLine(
                    file, number, result.problem(letter.position().toString())));
          }
        } catch (IllegalArgumentException e) {
          malformed.add(DeadLetterErrors.atLine(file, number, e.getMessage()));
        }
      }
    } catch (IOException | InvalidPathException e) {
      throw DeadLetterErrors.unreadableExport(file, e);
    }
    if (!malformed.isEmpty()) {
      throw DeadLetterErrors.notSent(malformed);
    }
    return unsent;
  }

  private int send(List<ReplayCandidate> corrected) {
    List<ReplayCandidate> ordered =
        corrected.stream().sorted(ReplayCandidate.OLDEST_FIRST).toList();
    int sent = 0;
    try (KafkaProducer<byte[], byte[]> producer = producer();
        CommittedRecords messages = new CommittedRecords(KafkaConnection.of(source))) {
      // From here on no other replay of this pipeline can send: what is found is all that there is.
      producer.initTransactions();
      NewerChanges newer = new NewerChanges(pipeline.table(), source, topic, ordered);
      newer.lookThrough(messages);
      List<String> lines = new ArrayList<>();
      long bytes = 0;
      producer.beginTransaction();
      for (ReplayCandidate each : ordered) {
        String reason = newer.reasonNotToSend(each);
        if (reason == null) {
          bytes += send(producer, each);
          lines.add("sent      " + each.letter().position());
        } else {
          lines.add("not sent  " + each.letter().position() + ": " + reason);
        }
        if (lines.size() == MAX_MESSAGES || bytes >= MAX_BYTES) {
          sent += commit(producer, lines);
          bytes = 0;
          producer.beginTransaction();
        }
      }
      sent += commit(producer, lines);
      return sent;
    } catch (KafkaException e) {
      throw DeadLetterErrors.replayFailed(topic, sent, e);
    }
  }

  /** Makes what was sent visible, and prints the lines; how many of them were sent. */
  private int commit(KafkaProducer<byte[], byte[]> producer, List<String> lines) {
    producer.commitTransaction();
    lines.forEach(out::println);
    out.flush();
    int sent = (int) lines.stream().filter(line -> line.startsWith("sent")).count();
    lines.clear();
    return sent;
  }

  /** Sends a message, and returns its size; what it failed with is thrown by the commit. */
  @SuppressWarnings("FutureReturnValueIgnored")
  private long send(KafkaProducer<byte[], byte[]> producer, ReplayCandidate corrected) {
    DeadLetter letter = corrected.letter();
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(
            topic, DeadLetter.array(letter.key()), DeadLetter.array(letter.value()));
    for (Header header : letter.headers()) {
      if (!ReplayOrigin.isOne(header.key())) {
        message.headers().add(new RecordHeader(header.key(), DeadLetter.array(header.value())));
      }
    }
    ReplayOrigin.headers(letter).forEach(message.headers()::add);
    producer.send(message);
    return length(letter.key()) + length(letter.value());
  }

  private static long length(ByteBuffer bytes) {
    return bytes == null ? 0 : bytes.remaining();
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> properties =
        KafkaConnection.of(source)
            .client(
                Map.of("max.request.size", "16777216"),
                Map.of(
                    "enable.idempotence", "true",
                    "acks", "all",
                    "transactional.id", "millrace/" + pipeline.name() + "/replay"));
    properties.keySet().removeIf(key -> key.startsWith("fetch.") || key.startsWith("max.p"));
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
