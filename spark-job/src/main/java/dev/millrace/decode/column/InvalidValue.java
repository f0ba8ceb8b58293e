package dev.millrace.decode.column;

import dev.millrace.error.data.ValueFault;

/** A value that its column can't take. Has no stack trace: a topic may hold millions of them. */
public final class InvalidValue extends Exception {

  private static final long serialVersionUID = 1L;

  private final ValueFault fault;

  public InvalidValue(ValueFault fault) {
    super(fault.name(), null, false, false);
    this.fault = fault;
  }

  ValueFault fault() {
    return fault;
  }
}
