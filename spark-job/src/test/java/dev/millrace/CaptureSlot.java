package dev.millrace;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/** A replication slot, made and read as Debezium does; it goes when its session is closed. */
final class CaptureSlot {

  private final PGReplicationStream stream;
  private final List<String> changes = new ArrayList<>();

  private CaptureSlot(PGReplicationStream stream) {
    this.stream = stream;
  }

  /**
   * Makes a slot of {@code pgoutput}, which holds what is committed from now on.
   *
   * @param session of the replication protocol
   */
  static CaptureSlot open(Connection session, String name, String publication) throws SQLException {
    PGConnection protocol = session.unwrap(PGConnection.class);
    protocol
        .getReplicationAPI()
        .createReplicationSlot()
        .logical()
        .withSlotName(name)
        .withOutputPlugin("pgoutput")
        .withTemporaryOption()
        .make();
    return new CaptureSlot(
        protocol
            .getReplicationAPI()
            .replicationStream()
            .logical()
            .withSlotName(name)
            .withSlotOption("proto_version", 1)
            .withSlotOption("publication_names", publication)
            .start());
  }

  /**
   * All changes of rows so far, as soon as there are {@code count}. Each is its kind (I, U or D),
   * what row comes first (N the new one, O the whole old one, K the old key alone), and the first
   * column of that row.
   */
  List<String> awaitChanges(int count) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              for (ByteBuffer message = stream.readPending();
                  message != null;
                  message = stream.readPending()) {
                describe(message).ifPresent(changes::add);
              }
              return changes.size() >= count;
            });
    return List.copyOf(changes);
  }

  private static Optional<String> describe(ByteBuffer message) {
    char kind = (char) message.get();
    if ("IUD".indexOf(kind) < 0) {
      return Optional.empty();
    }
    int relationBytes = Integer.BYTES;
    message.position(message.position() + relationBytes);
    char row = (char) message.get();
    int columnCountAndFormatBytes = Short.BYTES + Byte.BYTES;
    message.position(message.position() + columnCountAndFormatBytes);
    byte[] column = new byte[message.getInt()];
    message.get(column);
    return Optional.of("%c %c %s".formatted(kind, row, new String(column, UTF_8)));
  }
}
