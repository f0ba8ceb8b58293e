package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.MessageDecoder;
import dev.millrace.decode.MessageReader;
import dev.millrace.decode.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Whether the decoder reads values as a type: asks the decoder itself, with a table of one column.
 */
final class ValueTrial {

  private static final String COLUMN = "v";
  private static final int OUTCOME = 0;
  private static final int ROW = 2;

  private final MessageReader reader;
  private final String field;

  /** For values of a column that a pipeline declares. */
  ValueTrial(TableDefinition table, ColumnDefinition column) {
    this.field = column.from();
    this.reader =
        MessageReader.of(new MessageDecoder(table.onlyWith(column), Set.of(column.name())));
  }

  /** For values of a column that may be proposed. */
  ValueTrial(ProposedType type, boolean hasPythonBytes, List<String> nullTokens) {
    ProposedTable table =
        new ProposedTable(
            List.of(),
            hasPythonBytes,
            nullTokens,
            List.of(new ProposedColumn(COLUMN, COLUMN, type, List.of())),
            List.of());
    this.field = COLUMN;
    this.reader = MessageReader.of(new MessageDecoder(table.toDefinition(), Set.of(COLUMN)));
  }

  /** Whether the decoder takes a value. */
  boolean reads(JsonNode value) {
    return isChange(outcome(value));
  }

  /** The text of a value that a column of texts would hold; empty where the decoder refuses it. */
  Optional<String> text(JsonNode value) {
    InternalRow outcome = outcome(value);
    return isChange(outcome)
        ? Optional.of(outcome.getStruct(ROW, 1).getUTF8String(0).toString())
        : Optional.empty();
  }

  private InternalRow outcome(JsonNode value) {
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.set(field, value);
    message.put("__op", "c");
    return reader.read(null, message.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isChange(InternalRow outcome) {
    return outcome.getUTF8String(OUTCOME).toString().equals(Outcome.CHANGE);
  }
}
