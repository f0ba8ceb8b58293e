package dev.millrace.decode;

import dev.millrace.error.data.DataError;

/** The end of a message that becomes no change. Has no stack trace, like similar exceptions. */
final class Rejected extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient DataError error;

  Rejected(DataError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  DataError error() {
    return error;
  }
}
