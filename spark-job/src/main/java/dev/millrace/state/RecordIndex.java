package dev.millrace.state;

import java.util.function.LongConsumer;

/** The addresses of records by their keys. Not thread-safe. */
interface RecordIndex {

  /** The address of a key; {@link RecordPages#NONE} if it is not here. */
  long find(byte[] key, int from, int length);

  /** Sets the address of a key, which is in the record; the one it had. */
  long put(byte[] key, int from, int length, long address);

  /** Removes a key; the address that it had. */
  long remove(byte[] key, int from, int length);

  /** How many keys there are. */
  long count();

  /** All addresses. */
  void forEach(LongConsumer addresses);
}
