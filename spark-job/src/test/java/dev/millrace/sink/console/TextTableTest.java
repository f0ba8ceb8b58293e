package dev.millrace.sink.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void alignsColumnsAndShowsNull() {
    String table =
        TextTable.render(
            List.of("id", "status"),
            List.of(new String[] {"1", "Completed"}, new String[] {"75204", null}),
            80);

    assertThat(table)
        .isEqualTo(
            """
             id    | status
            -------+----------
             1     | Completed
             75204 | null
            """);
  }

  @Test
  void namesTheColumnsThatDoNotFit() {
    String table =
        TextTable.render(
            List.of("id", "status", "op"),
            List.<String[]>of(new String[] {"1", "Completed", "r"}),
            15);

    assertThat(table)
        .isEqualTo(
            """
             id | status
            ----+----------
             1  | Completed
            1 more column: op
            """);
  }

  @Test
  void showsTheFirstColumnHoweverNarrowTheTerminal() {
    assertThat(TextTable.render(List.of("a", "b"), List.of(), 1))
        .isEqualTo(
            """
             a
            --
            1 more column: b
            """);
  }

  @Test
  void cutsLongCellsAndControlCharacters() {
    String table =
        TextTable.render(
            List.of("a"),
            List.of(new String[] {"x".repeat(40)}, new String[] {"1\n2\u001b[0m"}),
            80);

    assertThat(table.lines().skip(2)).containsExactly(" " + "x".repeat(31) + "…", " 1 2 [0m");
  }
}
