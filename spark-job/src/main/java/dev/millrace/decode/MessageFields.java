package dev.millrace.decode;

import io.debezium.connector.AbstractSourceInfo;
import io.debezium.data.Envelope;

/** Names of the fields by which Debezium states where a row comes from. */
final class MessageFields {

  // The envelope; its names are constants, inlined by the compiler.
  static final String BEFORE = Envelope.FieldName.BEFORE;
  static final String AFTER = Envelope.FieldName.AFTER;
  static final String SOURCE = Envelope.FieldName.SOURCE;
  static final String OPERATION = Envelope.FieldName.OPERATION;

  // The envelope's source block.
  static final String LSN = "lsn";
  static final String TX_ID = "txId";
  static final String TS_MILLIS = AbstractSourceInfo.TIMESTAMP_KEY;
  static final String TS_MICROS = AbstractSourceInfo.TIMESTAMP_US_KEY;
  static final String SNAPSHOT = AbstractSourceInfo.SNAPSHOT_KEY;

  // What the transform ExtractNewRecordState adds to a row, by its default prefix.
  static final String ADDED = "__";
  static final String ADDED_FROM_SOURCE = "__source_";
  static final String DELETED = "__deleted";

  // What the JSON converter wraps a message in with schemas.enable=true.
  static final String SCHEMA = "schema";
  static final String PAYLOAD = "payload";

  private MessageFields() {}
}
