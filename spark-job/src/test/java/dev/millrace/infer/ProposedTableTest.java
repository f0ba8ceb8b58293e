package dev.millrace.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProposedTableTest {

  private static ProposedTable table(String name, String from, String... doubts) {
    return new ProposedTable(
        List.of(name),
        false,
        List.of(),
        List.of(new ProposedColumn(name, from, ProposedType.BIGINT, List.of(doubts))),
        List.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain", "a b", " a", "a ", "a: b", "a, b", "{a}", "[a]", "a #b", "#a", "'a'", "\"a\"",
        "a\\b", "null", "Yes", "~", "12", "1.5", "- a", "?", "a\nb", "a\tb", "${HOME}", "$${A}",
        "${A:-b}", "数量", "🚕", "&a", "*a", "!a", "%a", "@a", "`a`", "|", ">", "a\u0085b",
        "a (b)", "a (b", "a\u2028b", "=", "<<"
      })
  void writesAnyFieldSoThatItIsReadAsItWas(String field) {
    TableDefinition read = table("x", field).toDefinition();

    assertThat(read.columns()).extracting(ColumnDefinition::from).containsExactly(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "yes", "on", "no", "n", "true", "x"})
  void writesAnyNameSoThatItIsReadAsItWas(String name) {
    TableDefinition read = table(name, "field").toDefinition();

    assertThat(read.columns()).extracting(ColumnDefinition::name).containsExactly(name);
    assertThat(read.key()).containsExactly(name);
  }

  @Test
  void keepsADoubtOnItsLine() {
    assertThat(table("x", "x", "one\ntwo\r\nthree\u0007").toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [x]
              columns:
                # one two three\s
                x: {type: bigint}
            """);
  }
}
