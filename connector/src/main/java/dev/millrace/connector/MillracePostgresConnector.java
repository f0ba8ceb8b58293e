package dev.millrace.connector;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/**
 * Debezium's connector, which resumes after exactly those changes that Connect has stored as sent.
 *
 * <p>COPY writes the rows of a page as one record of the write-ahead log, so they share an LSN. An
 * offset of Debezium counts the changes sent of its LSN. When Debezium 3.7 resumes, it takes a
 * count of 1 for all rows of the LSN, and so loses the others; and it counts a BEGIN of the same
 * LSN as a change, and so sends a row again.
 *
 * <p>Settings and offsets are those of {@link PostgresConnector}: {@code connector.class} can be
 * changed to this class and back at any time.
 */
public final class MillracePostgresConnector extends PostgresConnector {

  @Override
  public Class<? extends Task> taskClass() {
    return MillracePostgresConnectorTask.class;
  }
}
