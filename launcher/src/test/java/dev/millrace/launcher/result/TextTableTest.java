package dev.millrace.launcher.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void alignsColumns() {
    String table =
        TextTable.of(
            List.of("id", "status"), List.of(List.of("1", "Completed"), List.of("1000", "NULL")));

    assertThat(table.lines())
        .containsExactly("id    status", "----  ---------", "1     Completed", "1000  NULL");
  }

  @Test
  void showsHeadingOfEmptyResult() {
    assertThat(TextTable.of(List.of("id"), List.of()).lines()).containsExactly("id", "--");
  }

  @Test
  void keepsCellOnOneLineAndCutsAllButTheLastColumn() {
    String longText = "x".repeat(70);

    String table =
        TextTable.of(
            List.of("a", "b"), List.of(List.of("two\nlines", "c"), List.of(longText, longText)));

    assertThat(table.lines().skip(2))
        .containsExactly("two\\nlines" + " ".repeat(50) + "  c", "x".repeat(59) + "…  " + longText);
  }

  @Test
  void showsControlCharactersAsQuestionMarks() {
    assertThat(TextTable.of(List.of("a"), List.of(List.of("\u001b[2Jx\u009b31m\u0007"))).lines())
        .containsExactly("a", "----------", "?[2Jx?31m?");
  }
}
