package dev.millrace.infer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.TableDefinition;
import dev.millrace.config.parse.TableLoader;
import dev.millrace.event.SampledMessage;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TableComparisonTest {

  private static List<String> differences(String columns, String... rows) {
    TableDefinition declared =
        TableLoader.parse("table:\n  columns:\n" + columns.indent(4), "declared.yaml");
    TopicSample sample =
        TopicSample.of(
            Stream.of(rows)
                .map(row -> "{" + row + ",\"__op\":\"c\"}")
                .map(row -> new SampledMessage(null, row.getBytes(UTF_8)))
                .toList());
    return TableComparison.differences(declared, TableProposer.byValues(sample, declared), sample);
  }

  @Test
  void findsNothingWhereAllIsDeclared() {
    assertThat(
            differences(
                """
                id: {type: bigint}
                renamed: {from: name, type: string}
                """,
                "\"id\":1,\"name\":\"x\""))
        .isEmpty();
  }

  @Test
  void tellsWhatIsNewNeverSeenAndOtherwise() {
    assertThat(
            differences(
                """
                id: {type: int}
                gone: {from: was/here, type: string}
                value: {type: int}
                """,
                "\"id\":1,\"value\":\"x\",\"new/one\":true",
                "\"id\":2,\"value\":12,\"new/one\":null"))
        .containsExactly(
            "new: the field 'new/one' is not declared; proposed as one boolean",
            "never seen: gone is declared, and no message has its field 'was/here'",
            "type: id is declared as int, proposed as bigint; the declared type reads all 2 values",
            "type: value is declared as int, proposed as string; the declared type can't read 1 of"
                + " 2 values, such as \"x\"");
  }
}
