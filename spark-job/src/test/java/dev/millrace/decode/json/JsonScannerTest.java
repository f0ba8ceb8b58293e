package dev.millrace.decode.json;

import static dev.millrace.error.data.JsonFault.CONTROL_CHARACTER;
import static dev.millrace.error.data.JsonFault.CUT_OFF;
import static dev.millrace.error.data.JsonFault.EXPECTED_COLON;
import static dev.millrace.error.data.JsonFault.EXPECTED_COMMA_OR_BRACE;
import static dev.millrace.error.data.JsonFault.EXPECTED_COMMA_OR_BRACKET;
import static dev.millrace.error.data.JsonFault.EXPECTED_FIELD_NAME;
import static dev.millrace.error.data.JsonFault.EXPECTED_VALUE;
import static dev.millrace.error.data.JsonFault.INVALID_ESCAPE;
import static dev.millrace.error.data.JsonFault.INVALID_NUMBER;
import static dev.millrace.error.data.JsonFault.INVALID_UTF8;
import static dev.millrace.error.data.JsonFault.TRAILING_TEXT;
import static dev.millrace.error.data.JsonFault.UNPAIRED_SURROGATE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.error.data.JsonFault;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonScannerTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          null             | 1
          true             | 2
          false            | 3
          0                | 4
          -0               | 4
          1762514972953131 | 4
          1.0              | 5
          -0.5e-7          | 5
          1E+2             | 5
          "a"              | 6
          "\\n"            | 7
          {}               | 8
          {"a":[{}]}       | 8
          []               | 9
          [1,[2,{"a":3}]]  | 9
          """)
  void tellsTheKindOfAValue(String json, byte kind) throws MalformedJson {
    assertThat(scan(json.getBytes(UTF_8))).isEqualTo(kind);
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        arguments("", CUT_OFF, 0),
        arguments("  ", CUT_OFF, 2),
        arguments("nul", CUT_OFF, 3),
        arguments("nulL", EXPECTED_VALUE, 0),
        arguments("NaN", EXPECTED_VALUE, 0),
        arguments("'a'", EXPECTED_VALUE, 0),
        arguments("+1", EXPECTED_VALUE, 0),
        arguments(".5", EXPECTED_VALUE, 0),
        arguments("01", INVALID_NUMBER, 0),
        arguments("-01", INVALID_NUMBER, 1),
        arguments("1.", CUT_OFF, 2),
        arguments("1.x", INVALID_NUMBER, 2),
        arguments("-", CUT_OFF, 1),
        arguments("1e", CUT_OFF, 2),
        arguments("1e+]", INVALID_NUMBER, 3),
        arguments("1 2", TRAILING_TEXT, 2),
        arguments("{}}", TRAILING_TEXT, 2),
        arguments("\"abc", CUT_OFF, 4),
        arguments("\"abc\\", CUT_OFF, 5),
        arguments("\"abc\\\"", CUT_OFF, 6),
        arguments("\"a\tb\"", CONTROL_CHARACTER, 2),
        arguments("\"a long enough text \u0001\"", CONTROL_CHARACTER, 20),
        arguments("\"\\x\"", INVALID_ESCAPE, 1),
        arguments("\"\\u12g4\"", INVALID_ESCAPE, 5),
        arguments("\"\\u12", CUT_OFF, 5),
        arguments("\"\\ud800\"", UNPAIRED_SURROGATE, 1),
        arguments("\"\\ud800\\n\"", UNPAIRED_SURROGATE, 1),
        arguments("\"\\ud800\\ud800\"", UNPAIRED_SURROGATE, 1),
        arguments("\"\\udc00\"", UNPAIRED_SURROGATE, 1),
        arguments("\"\u00C3\"", INVALID_UTF8, 1),
        arguments("\"\u00C0\u0080\"", INVALID_UTF8, 1),
        arguments("\"\u00E0\u0080\u0080\"", INVALID_UTF8, 1),
        arguments("\"\u00ED\u00A0\u0080\"", INVALID_UTF8, 1),
        arguments("\"\u00F0\u0080\u0080\u0080\"", INVALID_UTF8, 1),
        arguments("\"\u00F4\u0090\u0080\u0080\"", INVALID_UTF8, 1),
        arguments("\"\u00F5\u0080\u0080\u0080\"", INVALID_UTF8, 1),
        arguments("{", CUT_OFF, 1),
        arguments("{1:2}", EXPECTED_FIELD_NAME, 1),
        arguments("{\"a\" 1}", EXPECTED_COLON, 5),
        arguments("{\"a\":}", EXPECTED_VALUE, 5),
        arguments("{\"a\":1 \"b\":2}", EXPECTED_COMMA_OR_BRACE, 7),
        arguments("{\"a\":1,}", EXPECTED_FIELD_NAME, 7),
        arguments("{\"a\":1]", EXPECTED_COMMA_OR_BRACE, 6),
        arguments("[1,]", EXPECTED_VALUE, 3),
        arguments("[1 2]", EXPECTED_COMMA_OR_BRACKET, 3),
        arguments("[1}", EXPECTED_COMMA_OR_BRACKET, 2),
        arguments("[", CUT_OFF, 1));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void saysWhatIsWrongAndWhere(String json, JsonFault fault, int position) {
    // One byte for each character, so that a text can hold what is not UTF-8.
    byte[] bytes = json.getBytes(ISO_8859_1);

    MalformedJson thrown = catchThrowableOfType(MalformedJson.class, () -> scan(bytes));

    assertThat(thrown.fault()).isEqualTo(fault);
    assertThat(thrown.position()).isEqualTo(position);
  }

  @Test
  void nestsAsDeepAsTheMessageIsLong() throws MalformedJson {
    int depth = 5_000_000;
    assertThat(scan(("[".repeat(depth) + "]".repeat(depth)).getBytes(UTF_8)))
        .isEqualTo(JsonScanner.ARRAY);
    assertThat(scan(("{\"a\":".repeat(depth) + "1" + "}".repeat(depth)).getBytes(UTF_8)))
        .isEqualTo(JsonScanner.OBJECT);
    byte[] open = "[{\"a\":".repeat(depth).getBytes(UTF_8);
    assertThat(catchThrowableOfType(MalformedJson.class, () -> scan(open)).fault())
        .isEqualTo(CUT_OFF);
  }

  @Test
  void keepsToItsPartOfTheBytes() {
    byte[] bytes = "[1]]".getBytes(UTF_8);
    JsonScanner json = new JsonScanner();
    json.reset(bytes, 0, 2);

    assertThat(catchThrowableOfType(MalformedJson.class, json::value).fault()).isEqualTo(CUT_OFF);
  }

  private static byte scan(byte[] bytes) throws MalformedJson {
    JsonScanner json = new JsonScanner();
    json.reset(bytes, 0, bytes.length);
    byte kind = json.value();
    json.close();
    return kind;
  }
}
