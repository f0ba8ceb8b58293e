package dev.millrace.config;

import java.util.regex.Pattern;

/** Knows what must not be shown. */
public final class Secrets {

  public static final String MASK = "******";

  private static final Pattern SECRET_NAME =
      Pattern.compile(
          "password|passwd|secret|credential|sasl\\.jaas\\.config|ssl\\..*\\.key$"
              + "|(^|[._-])token($|[._-])|(access|account|api|encryption|private)[._-]?key",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern PASSWORD_IN_URL = Pattern.compile("(://[^/\\s:@]*):[^/\\s@]+@");

  /** Of a JDBC URL: {@code ?password=...}, {@code &sslpassword=...}. */
  private static final Pattern PASSWORD_PARAMETER =
      Pattern.compile("([?&][^=&\\s]*password=)[^&\\s]*", Pattern.CASE_INSENSITIVE);

  private Secrets() {}

  /** Whether a key or a variable of this name holds a secret. */
  public static boolean isSecretName(String name) {
    return SECRET_NAME.matcher(name).find();
  }

  /** The value without the passwords of the URLs in it. */
  public static String withoutPasswords(String value) {
    String withoutUser = PASSWORD_IN_URL.matcher(value).replaceAll("$1:" + MASK + "@");
    return PASSWORD_PARAMETER.matcher(withoutUser).replaceAll("$1" + MASK);
  }
}
