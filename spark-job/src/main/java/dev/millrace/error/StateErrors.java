package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for the state of views. */
public final class StateErrors {

  private StateErrors() {}

  /** A version of the state that can't be read. */
  public static UserException unreadable(String location, long version, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: version %d of the views' state is lost or damaged: %s. The views can't"
                    + " continue without it. Run './millrace rebuild PIPELINE' to build the state"
                    + " again.",
                location, version, Causes.message(cause))),
        cause);
  }
}
