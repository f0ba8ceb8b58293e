package dev.millrace.decode;

import dev.millrace.error.JsonFault;

/** Bytes that are not strict JSON. Has no stack trace: a topic may hold millions of them. */
final class MalformedJson extends Exception {

  private static final long serialVersionUID = 1L;

  private final JsonFault fault;
  private final int position;

  MalformedJson(JsonFault fault, int position) {
    super(fault.name(), null, false, false);
    this.fault = fault;
    this.position = position;
  }

  JsonFault fault() {
    return fault;
  }

  /** Of the first byte that breaks the rules; the number of bytes where they end too early. */
  int position() {
    return position;
  }
}
