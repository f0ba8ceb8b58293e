package dev.millrace.infer;

import dev.millrace.config.TableDefinition;
import dev.millrace.decode.MessageDecoder;
import dev.millrace.decode.MessageForm;
import dev.millrace.decode.MessageReader;
import dev.millrace.decode.Outcome;
import dev.millrace.event.SampledMessage;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * What the decoder makes of a sample with a table's columns.
 *
 * @param firstReject why the first rejected message is rejected, if one is
 */
public record DecodedSample(
    MessageForm form, int changes, int skipped, int rejected, Optional<String> firstReject) {

  private static final int OUTCOME = 0;
  private static final int ERROR = 1;
  private static final int ERROR_FIELDS = 3;
  private static final int MESSAGE = 2;

  /** Decodes every message of a sample; those of a table without a key without their keys. */
  public static DecodedSample of(TopicSample sample, TableDefinition table) {
    MessageForm form =
        sample.form().isKeyed() && table.key().isEmpty() ? MessageForm.ROW : sample.form();
    MessageReader reader = MessageReader.of(new MessageDecoder(form, table, Set.of()));
    int changes = 0;
    int skipped = 0;
    int rejected = 0;
    Optional<String> firstReject = Optional.empty();
    for (SampledMessage message : sample.messages()) {
      InternalRow outcome = reader.read(message.key(), message.value());
      switch (outcome.getUTF8String(OUTCOME).toString()) {
        case Outcome.CHANGE -> changes++;
        case Outcome.SKIPPED -> skipped++;
        default -> {
          rejected++;
          if (firstReject.isEmpty()) {
            InternalRow error = outcome.getStruct(ERROR, ERROR_FIELDS);
            firstReject = Optional.of(error.getUTF8String(MESSAGE).toString());
          }
        }
      }
    }
    return new DecodedSample(form, changes, skipped, rejected, firstReject);
  }

  /** In words, a clause. */
  public String description() {
    return changes
        + (form == MessageForm.DEBEZIUM ? " changes, " : " rows, ")
        + skipped
        + " skipped, "
        + rejected
        + " rejected"
        + firstReject.map(reason -> "; the first reject: " + reason).orElse("");
  }
}
