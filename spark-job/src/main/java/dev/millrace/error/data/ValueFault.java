package dev.millrace.error.data;

import dev.millrace.error.data.DataError.Code;

/** Why a value can't be stored in its column. */
public enum ValueFault {
  NOT_OF_TYPE(
      Code.INVALID_VALUE,
      "it is not of this type",
      "Declare the column as string to keep it, or add it to table.null-tokens if it means null.",
      "Declare the column as string to keep it; it is part of table.key, so it can't be null."),
  OUT_OF_RANGE(
      Code.OUT_OF_RANGE, "it is out of the type's range", "Declare a wider type for the column."),
  FRACTION(
      Code.OUT_OF_RANGE,
      "it has a fraction that the type can't hold",
      "Declare the column as double or decimal, or as decimal with a larger scale."),
  TOO_FINE(
      Code.OUT_OF_RANGE,
      "it is finer than a microsecond",
      "Declare the column as bigint, or as string with text, to keep it."),
  INFINITE(
      Code.OUT_OF_RANGE,
      "it is Postgres' infinity, or a time that Postgres can't hold",
      "Store null for a time that never comes, or declare the column as bigint, or as string with"
          + " text, to keep what was sent.",
      "Declare the column as bigint, or as string with text, to keep what was sent; it is part of"
          + " table.key, so it can't be null."),
  HAS_MONTHS(
      Code.OUT_OF_RANGE,
      "it has years or months, which do not have a fixed number of days",
      "Declare the column as string to keep it, or set interval.handling.mode=numeric in the"
          + " connector for months of 30.4375 days."),
  NOT_BASE64(
      Code.INVALID_VALUE,
      "it is not base64",
      "Set binary.handling.mode=bytes or base64 in the connector."),
  DECIMAL_NOT_BASE64(
      Code.INVALID_VALUE,
      "it is not base64",
      "Remove encoding: base64 from the column, or set decimal.handling.mode=precise in the"
          + " connector."),
  TEXT_NOT_BASE64(
      Code.INVALID_VALUE,
      "it is not base64",
      "Set text-encoding: none on the column if its text is not encoded."),
  TEXT_NOT_UTF8(
      Code.INVALID_UTF8,
      "the bytes that the base64 stands for are not UTF-8",
      "Declare the column as binary to keep them as they are."),
  NOT_A_MAP(
      Code.INVALID_VALUE,
      "it is not a JSON object, or it has a duplicate key",
      "Declare the column as string to keep it."),
  LITERAL_CUT_OFF(
      Code.INVALID_LITERAL,
      "the bytes literal has no closing quote",
      "Set table.text-encoding=none if the text is not a bytes literal."),
  LITERAL_TRAILING_TEXT(
      Code.INVALID_LITERAL,
      "text follows the closing quote of the bytes literal",
      "Set table.text-encoding=none if the text is not a bytes literal."),
  LITERAL_INVALID_ESCAPE(
      Code.INVALID_LITERAL,
      "\\x is not followed by two hexadecimal digits",
      "Set table.text-encoding=none if the text is not a bytes literal."),
  LITERAL_INVALID_CHARACTER(
      Code.INVALID_LITERAL,
      "a bytes literal holds ASCII without line breaks, other bytes are written as \\xNN",
      "Set table.text-encoding=none if the text is not a bytes literal."),
  LITERAL_NOT_UTF8(
      Code.INVALID_UTF8,
      "the bytes of the literal are not UTF-8",
      "Declare the column as binary to keep them as they are."),
  UNAVAILABLE(
      Code.UNAVAILABLE_VALUE,
      "it is Debezium's placeholder for an unchanged value that Postgres did not send",
      "Run ALTER TABLE ... REPLICA IDENTITY FULL.");

  private final Code code;
  private final String description;
  private final String fix;
  private final String keyFix;

  ValueFault(Code code, String description, String fix) {
    this(code, description, fix, fix);
  }

  ValueFault(Code code, String description, String fix, String keyFix) {
    this.code = code;
    this.description = description;
    this.fix = fix;
    this.keyFix = keyFix;
  }

  Code code() {
    return code;
  }

  String description() {
    return description;
  }

  String fix() {
    return fix;
  }

  /** The fix for a column of {@code table.key}, which has no nulls. */
  String keyFix() {
    return keyFix;
  }
}
