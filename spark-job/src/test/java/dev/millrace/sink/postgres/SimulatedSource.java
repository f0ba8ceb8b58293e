package dev.millrace.sink.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * A table, transactions on it, and what Debezium sends of them: TOAST values that an update leaves
 * out, keys that change, keys that are occupied twice for a moment, snapshots, and changes that are
 * sent again. Tells what a copy of the table has after any number of messages.
 */
final class SimulatedSource {

  private static final int PARTITIONS = 3;
  private static final int KEYS = 40;
  private static final int MAX_REPEATED = 30;
  private static final int MAX_SHOWN = 300;

  /** A row without its key. */
  private record Content(Integer n, String notes) {}

  /** A message, and what it does to a copy. */
  private record Message(
      int partition,
      long offset,
      String op,
      long lsn,
      long transaction,
      long id,
      Content content,
      boolean isUnsent,
      Consumer<Copy> effect) {

    Row row() {
      List<String> unsent = isUnsent ? List.of("notes") : null;
      return RowFactory.create(
          id,
          content == null ? null : content.n(),
          content == null || isUnsent ? null : content.notes(),
          op,
          partition,
          offset,
          op.equals("r") ? null : transaction,
          op,
          lsn,
          unsent == null ? null : unsent.toArray(),
          unsent == null ? null : unsent.toArray());
    }
  }

  /** What a copy has. */
  private static final class Copy {
    private final TreeMap<Long, Content> rows = new TreeMap<>();

    /** Keys of rows with a value that was never sent. */
    private final TreeSet<Long> unknown = new TreeSet<>();

    /** The position of the message of this batch that lacks a value, by key. */
    private final TreeMap<Long, String> refused = new TreeMap<>();

    void put(long id, Content content) {
      rows.put(id, content);
      unknown.remove(id);
      refused.remove(id);
    }

    void remove(long id) {
      rows.remove(id);
      unknown.remove(id);
      refused.remove(id);
    }

    void refuse(long id, String position) {
      rows.remove(id);
      unknown.add(id);
      refused.put(id, position);
    }

    void update(long id, Content content, boolean isUnsent, String position) {
      if (isUnsent && unknown.contains(id)) {
        refuse(id, position);
      } else {
        put(id, isUnsent ? new Content(content.n(), rows.get(id).notes()) : content);
      }
    }
  }

  private final Random random;
  private final int notesLength;
  private final TreeMap<Long, Content> table = new TreeMap<>();
  private final List<Message> sent = new ArrayList<>();
  private final long[] offsets = new long[PARTITIONS];
  private final Copy copy = new Copy();
  private int taken;
  private int batchSize;
  private long lsn = 100;
  private long transaction = 7;

  SimulatedSource(Random random, int notesLength) {
    this.random = random;
    this.notesLength = notesLength;
  }

  /** The next messages, in their order. */
  List<Row> next(int count) {
    while (sent.size() < taken + count) {
      run();
    }
    copy.refused.clear();
    List<Message> batch = sent.subList(taken, taken + count);
    batch.forEach(message -> message.effect().accept(copy));
    taken += count;
    batchSize = count;
    return batch.stream().map(Message::row).toList();
  }

  /** The newest messages, a line each, those of the last batch behind a bar. */
  String messages() {
    StringBuilder lines = new StringBuilder();
    for (int i = Math.max(0, taken - MAX_SHOWN); i < taken; i++) {
      Message message = sent.get(i);
      lines.append(
          "%n%s %s %d, offset %d, LSN %d, transaction %d%s"
              .formatted(
                  i < taken - batchSize ? " " : "|",
                  message.op(),
                  message.id(),
                  message.offset(),
                  message.lsn(),
                  message.transaction(),
                  message.isUnsent() ? ", notes not sent" : ""));
    }
    return lines.toString();
  }

  /** The rows that a copy has now, notes without the dots that make them long. */
  List<String> expected() {
    return copy.rows.entrySet().stream()
        .map(
            row ->
                row.getKey()
                    + "|"
                    + row.getValue().n()
                    + "|"
                    + String.valueOf(row.getValue().notes()).replace(".", ""))
        .toList();
  }

  /** Partition and offset of the messages of the last batch that a copy can't apply. */
  List<String> refused() {
    return copy.refused.values().stream().sorted().toList();
  }

  private void run() {
    transaction++;
    long id = random.nextInt(KEYS);
    switch (random.nextInt(22)) {
      case 0 -> snapshot();
      case 1 -> sendAgain();
      case 2, 3 -> moveUp(id);
      case 4, 5 -> move(id);
      case 6, 7 -> comeAndGo(id);
      case 8, 9, 10, 11 -> delete(id);
      default -> write(id);
    }
  }

  private Content content() {
    return new Content(
        random.nextInt(10) == 0 ? null : random.nextInt(1000),
        random.nextInt(10) == 0 ? null : random.nextInt(1000) + ".".repeat(notesLength));
  }

  private void write(long id) {
    Content before = table.get(id);
    Content written = content();
    if (before == null) {
      table.put(id, written);
      send("c", id, written, false, (position, all) -> all.put(id, written));
      return;
    }
    boolean isUnsent = before.notes() != null && random.nextBoolean();
    Content after = isUnsent ? new Content(written.n(), before.notes()) : written;
    table.put(id, after);
    send("u", id, after, isUnsent, (position, all) -> all.update(id, after, isUnsent, position));
  }

  private void delete(long id) {
    if (table.remove(id) != null) {
      sendDelete(id);
    }
  }

  private void sendDelete(long id) {
    send("d", id, null, false, (position, all) -> all.remove(id));
  }

  /** The row gets another key. */
  private void move(long from) {
    long to = random.nextInt(KEYS);
    if (!table.containsKey(from) || table.containsKey(to)) {
      return;
    }
    Content moved = table.remove(from);
    table.put(to, moved);
    boolean isUnsent = moved.notes() != null && random.nextBoolean();
    sendDelete(from);
    send(
        "c",
        to,
        moved,
        isUnsent,
        (position, all) -> {
          if (isUnsent) {
            all.refuse(to, position);
          } else {
            all.put(to, moved);
          }
        });
  }

  /** {@code UPDATE t SET id = id + 1 WHERE id >= ...}, the key being deferrable. */
  private void moveUp(long first) {
    Map<Long, Content> before = new TreeMap<>(table.tailMap(first));
    for (Map.Entry<Long, Content> row : before.entrySet()) {
      long from = row.getKey();
      long to = from + 1;
      boolean isOfOlder = before.containsKey(from - 1);
      send(
          "d",
          from,
          null,
          false,
          (position, all) -> {
            if (!isOfOlder) {
              all.remove(from);
            }
          });
      send("c", to, row.getValue(), false, (position, all) -> all.put(to, row.getValue()));
    }
    before.keySet().forEach(table::remove);
    before.forEach((id, content) -> table.put(id + 1, content));
  }

  /** A row that is created and deleted by one transaction. */
  private void comeAndGo(long id) {
    if (!table.containsKey(id)) {
      Content content = content();
      send("c", id, content, false, (position, all) -> all.put(id, content));
      sendDelete(id);
    }
  }

  private void snapshot() {
    table.forEach(
        (id, content) -> send("r", id, content, false, (position, all) -> all.put(id, content)));
  }

  /** The connector begins again before its last messages. */
  private void sendAgain() {
    List<Message> last =
        List.copyOf(
            sent.subList(Math.max(0, sent.size() - random.nextInt(MAX_REPEATED)), sent.size()));
    for (Message message : last) {
      if (!message.op().equals("r")) {
        sent.add(
            new Message(
                message.partition(),
                offsets[message.partition()]++,
                message.op(),
                message.lsn(),
                message.transaction(),
                message.id(),
                message.content(),
                message.isUnsent(),
                all -> {}));
      }
    }
  }

  private interface Effect {
    void accept(String position, Copy copy);
  }

  private void send(String op, long id, Content content, boolean isUnsent, Effect effect) {
    int partition = (int) (id % PARTITIONS);
    long offset = offsets[partition];
    // Transactions leave markers.
    offsets[partition] += 1 + random.nextInt(2);
    String position = partition + " " + offset;
    sent.add(
        new Message(
            partition,
            offset,
            op,
            op.equals("r") ? lsn : ++lsn,
            transaction,
            id,
            content,
            isUnsent,
            all -> effect.accept(position, all)));
  }
}
