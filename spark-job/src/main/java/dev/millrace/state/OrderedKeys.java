package dev.millrace.state;

import java.io.Serializable;

/**
 * Which keys of a store are read in their order. It follows from the first {@value #KIND_BYTES}
 * bytes of a key, and is asked for them, or for the whole of a key that is shorter.
 */
@FunctionalInterface
public interface OrderedKeys extends Serializable {

  /** How many bytes of a key decide. */
  int KIND_BYTES = 2;

  /** All keys of all stores. */
  OrderedKeys ALL = (store, key) -> true;

  /**
   * Whether keys that begin so are read in their order.
   *
   * @param store its name
   */
  boolean contains(String store, byte[] key);
}
