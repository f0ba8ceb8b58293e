package dev.millrace.error;

/** Marks, among the causes of a failure, that a server did not answer for as long as was waited. */
final class Outage extends Exception {

  private static final long serialVersionUID = 1L;

  Outage(Throwable cause) {
    super(cause);
  }
}
