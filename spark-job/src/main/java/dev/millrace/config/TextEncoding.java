package dev.millrace.config;

/** How the table's text columns hold their text. */
public enum TextEncoding {
  /** The text itself. */
  NONE,
  /** A Python bytes literal, {@code b'1138.0'}: the text of {@code repr(bytes)}. */
  PYTHON_BYTES,
  /** Base64 of the text in UTF-8; padding may be absent, line breaks are passed over. */
  BASE64
}
