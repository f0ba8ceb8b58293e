package dev.millrace.decode.column;

import dev.millrace.decode.json.JsonText;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The texts that mean null, compared byte by byte. Immutable. */
final class NullTokens implements Serializable {

  private static final long serialVersionUID = 1L;

  private final byte[][] tokens;

  /** One bit for each length below 63 that a token has; the last one stands for all above. */
  private final long lengths;

  NullTokens(Set<String> tokens) {
    this.tokens =
        tokens.stream()
            .sorted()
            .map(token -> token.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
    long found = 0;
    for (byte[] token : this.tokens) {
      found |= lengthBit(token.length);
    }
    this.lengths = found;
  }

  boolean contains(JsonText text) {
    if ((lengths & lengthBit(text.length())) == 0) {
      return false;
    }
    for (byte[] token : tokens) {
      if (text.isEqualTo(token)) {
        return true;
      }
    }
    return false;
  }

  private static long lengthBit(int length) {
    return 1L << Math.min(length, 63);
  }
}
