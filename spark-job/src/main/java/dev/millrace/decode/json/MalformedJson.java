package dev.millrace.decode.json;

import dev.millrace.error.data.JsonFault;

/** Bytes that are not strict JSON. Has no stack trace: a topic may hold millions of them. */
public final class MalformedJson extends Exception {

  private static final long serialVersionUID = 1L;

  private final JsonFault fault;
  private final int position;

  MalformedJson(JsonFault fault, int position) {
    super(fault.name(), null, false, false);
    this.fault = fault;
    this.position = position;
  }

  public JsonFault fault() {
    return fault;
  }

  /** Of the first byte that breaks the rules; the number of bytes where they end too early. */
  public int position() {
    return position;
  }
}
