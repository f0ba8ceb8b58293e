package dev.millrace.benchmark.topic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.benchmark.topic.RideMessages.Message;
import dev.millrace.simulator.RideChange.Operation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RideTableTest {

  @Test
  void holdsTheNewestVersionOfEachRowAndCountsEveryChange() {
    RideTable table = new RideTable();
    table.apply(message(1, Operation.INSERT, 10, false));
    table.apply(message(2, Operation.INSERT, 20, false));
    table.apply(message(1, Operation.UPDATE, 30, true));
    table.apply(message(2, Operation.DELETE, 40, true));
    table.apply(message(100_000, Operation.INSERT, 2 * TableFigures.MODULUS + 1, true));

    assertThat(table.rows()).isEqualTo(new TableFigures(2, 100_001, 30 + 100_000, 2));
    assertThat(table.changes()).isEqualTo(new TableFigures(5, 100_006, 10 + 40 + 30 + 100_000, 2));
    assertThat(table.has(1)).isTrue();
    assertThat(table.has(2)).isFalse();
    assertThat(table.has(Integer.MAX_VALUE)).isFalse();
  }

  @Test
  void figuresSurviveALineOfText() {
    TableFigures figures = new TableFigures(1, 2, Long.MAX_VALUE, 4);

    assertThat(TableFigures.parse(figures.toWords())).isEqualTo(figures);
  }

  @Test
  void aLargeTableIsInsertedFirstAndThenChangedAllOver() {
    RideTable table = new RideTable();
    RideMessages messages = new RideMessages(1, new LargeTableChanges(1_000, table));
    Set<Long> inserted = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      Message message = messages.next();
      table.apply(message);
      assertThat(message.operation()).isEqualTo(Operation.INSERT);
      inserted.add(message.id());
    }
    assertThat(inserted).hasSize(1_000).allMatch(id -> id >= 1 && id <= 1_000);

    Map<Operation, Integer> counts = new HashMap<>();
    Set<Long> touched = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      Message message = messages.next();
      assertThat(table.has(message.id())).isEqualTo(message.operation() != Operation.INSERT);
      table.apply(message);
      counts.merge(message.operation(), 1, Integer::sum);
      touched.add(message.id());
    }
    assertThat(counts)
        .isEqualTo(Map.of(Operation.INSERT, 50, Operation.UPDATE, 400, Operation.DELETE, 50));
    assertThat(touched).hasSizeGreaterThan(300);
    assertThat(table.rows().rows()).isEqualTo(1_000);
  }

  @Test
  void messagesTellWhatTheirJsonHolds() {
    RideMessages messages = new RideMessages(1);

    LongStream.range(0, 2_000)
        .mapToObj(i -> messages.next())
        .forEach(
            message ->
                assertThat(message.value())
                    .contains(
                        "\"updated_at\":" + message.updatedMicros() + ",",
                        "\"__op\":\"" + letter(message.operation()) + "\"",
                        "booking+status\":\"b'" + (message.isCompleted() ? "Completed'" : "")));
  }

  private static char letter(Operation operation) {
    return switch (operation) {
      case INSERT -> 'c';
      case UPDATE -> 'u';
      case DELETE -> 'd';
    };
  }

  private static Message message(
      long id, Operation operation, long updatedMicros, boolean isCompleted) {
    return new Message(id, operation, updatedMicros, isCompleted, "{}");
  }
}
