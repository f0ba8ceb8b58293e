package dev.millrace.error.data;

import dev.millrace.error.data.DataError.Code;

/** How a message breaks the rules of JSON. */
public enum JsonFault {
  CUT_OFF(Code.INVALID_JSON, "it ends in the middle"),
  TRAILING_TEXT(Code.INVALID_JSON, "text follows the end of the object"),
  EXPECTED_VALUE(Code.INVALID_JSON, "expected a value"),
  EXPECTED_FIELD_NAME(Code.INVALID_JSON, "expected a field name in double quotes"),
  EXPECTED_COLON(Code.INVALID_JSON, "expected ':' after the field name"),
  EXPECTED_COMMA_OR_BRACE(Code.INVALID_JSON, "expected ',' or '}'"),
  EXPECTED_COMMA_OR_BRACKET(Code.INVALID_JSON, "expected ',' or ']'"),
  INVALID_NUMBER(Code.INVALID_JSON, "the number is not written as JSON writes numbers"),
  INVALID_ESCAPE(Code.INVALID_JSON, "no such escape in a JSON string"),
  UNPAIRED_SURROGATE(Code.INVALID_JSON, "half of a surrogate pair stands for no character"),
  CONTROL_CHARACTER(Code.INVALID_JSON, "a control character stands unescaped in a string"),
  INVALID_UTF8(Code.INVALID_UTF8, "the bytes are not UTF-8"),
  NOT_AN_OBJECT(Code.NOT_AN_OBJECT, "expected an object"),
  DUPLICATE_FIELD(Code.DUPLICATE_FIELD, "the object has this field twice");

  private final Code code;
  private final String description;

  JsonFault(Code code, String description) {
    this.code = code;
    this.description = description;
  }

  Code code() {
    return code;
  }

  String description() {
    return description;
  }
}
