package dev.millrace.state;

import java.io.IOException;
import java.io.Serializable;
import java.util.concurrent.TimeoutException;

/** Makes stores of one kind; sent to executors. */
interface StoreEngine extends Serializable {

  /**
   * The versions of a partition, of which none is open yet.
   *
   * @param store the name of the store
   */
  OpenStore make(String location, String store);

  /** Opens a copy of a version that shares nothing with the store that commits the next one. */
  StateStore openCopy(String location, String store, long version)
      throws IOException, InterruptedException, TimeoutException;
}
