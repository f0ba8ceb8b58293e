package dev.millrace.state;

import java.io.IOException;

/** A file of the state that does not have what was written to it. */
final class DamagedStateException extends IOException {

  private static final long serialVersionUID = 1L;

  DamagedStateException(String message) {
    super(message);
  }

  DamagedStateException(String message, Throwable cause) {
    super(message, cause);
  }
}
