package dev.millrace.decode.column;

import static dev.millrace.error.data.ValueFault.LITERAL_CUT_OFF;
import static dev.millrace.error.data.ValueFault.LITERAL_INVALID_CHARACTER;
import static dev.millrace.error.data.ValueFault.LITERAL_INVALID_ESCAPE;
import static dev.millrace.error.data.ValueFault.LITERAL_TRAILING_TEXT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.decode.json.JsonText;
import dev.millrace.error.data.ValueFault;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

public class PythonBytesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          b'1138.0'                 | 313133382e30
          b"Driver's fault"         | 4472697665722773206661756c74
          b'Caf\\xc3\\xa9'          | 436166c3a9
          b'\\\\\\'\\"\\n\\r\\t\\a\\b\\f\\v' | 5c27220a0d0907080c0b
          b'\\101\\60\\7\\777'      | 413007ff
          b'\\d\\N{x}\\u0041\\8'    | 5c645c4e7b787d5c75303034315c38
          B'x'                      | 78
          b'\\x4A\\x4a\\0'          | 4a4a00
          b'\\0012'                 | 0132
          b''                       | ~~
          """)
  void givesTheBytesThatPythonGives(String literal, String hex) throws InvalidValue {
    assertThat(HexFormat.of().formatHex(decode(literal))).isEqualTo(hex);
  }

  @Test
  void joinsALineThatIsContinued() throws InvalidValue {
    assertThat(decode("b'a\\\nb'")).asString(UTF_8).isEqualTo("ab");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Completed", "", "b", "'x'", "b-side", "rb'x'", "\"CNR1\"", "1138.0"})
  void takesTextThatIsNoLiteralAsItIs(String text) throws InvalidValue {
    assertThat(decode(text)).asString(UTF_8).isEqualTo(text);
  }

  static Stream<Arguments> quotedByCsv() {
    return Stream.of(
        arguments("b'\"CNR5884300\"'", "CNR5884300"),
        arguments("b'\\\"CNR5884300\\\"'", "CNR5884300"),
        arguments("b'\"\"\"CNR5884300\"\"\"'", "CNR5884300"),
        arguments("b'\"say \"\"hi\"\" twice\"'", "say \"hi\" twice"),
        arguments("b'\"a\" or \"b\"'", "\"a\" or \"b\""),
        arguments("b'\"open'", "\"open"),
        arguments("b'\"'", "\""),
        arguments("b'\"\"'", ""),
        arguments("b'\"\"\"'", "\"\"\""),
        arguments("b'\"\"\"\"'", "\""),
        arguments("b\"\\\"CNR1\\\"\"", "CNR1"));
  }

  @ParameterizedTest
  @MethodSource("quotedByCsv")
  void takesOffTheQuotesOfCsv(String literal, String expected) throws InvalidValue {
    assertThat(decode(literal)).asString(UTF_8).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b'", "b'a", "b'a\\", "b'a\\'", "b\"a'", "b'\\x41", "b'day party"})
  void refusesALiteralThatIsCutOff(String literal) {
    assertThat(faultOf(literal)).isEqualTo(LITERAL_CUT_OFF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b'a'b", "b'a' ", "b'a''", "b'a' b'b'", "b'''a'''", "b'\\n'x"})
  void refusesTextAfterTheClosingQuote(String literal) {
    assertThat(faultOf(literal)).isEqualTo(LITERAL_TRAILING_TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b'\\x4'", "b'\\xzz'", "b'\\x", "b'\\x4"})
  void refusesAHexadecimalEscapeWithoutTwoDigits(String literal) {
    assertThat(faultOf(literal)).isEqualTo(LITERAL_INVALID_ESCAPE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b'é'", "b'\\né'", "b'\\é'", "b'a\nb'", "b'a\rb'", "b'\\ta\nb'"})
  void refusesCharactersThatALiteralCannotHold(String literal) {
    assertThat(faultOf(literal)).isEqualTo(LITERAL_INVALID_CHARACTER);
  }

  private static ValueFault faultOf(String literal) {
    return catchThrowableOfType(InvalidValue.class, () -> decode(literal)).fault();
  }

  /** In the middle of a larger array, as in a message. */
  public static byte[] decode(String literal) throws InvalidValue {
    byte[] message = ("\"'" + literal + "'\"}").getBytes(UTF_8);
    byte[] untouched = message.clone();
    JsonText text = new JsonText();
    text.set(message, 2, message.length - 3);
    PythonBytes.decode(text);
    assertThat(message).isEqualTo(untouched);
    return text.toBytes();
  }
}
