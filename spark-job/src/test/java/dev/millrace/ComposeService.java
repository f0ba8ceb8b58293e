package dev.millrace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A service of docker-compose.yml, as far as a container of the tests is made from it.
 *
 * @param imageVariable the variable of the environment that chooses another image
 * @param image the one without that variable
 * @param command empty for the image's own
 */
record ComposeService(
    String imageVariable, String image, List<String> command, Map<String, String> environment) {

  private static final Pattern IMAGE = Pattern.compile("\\$\\{(\\w+):-([^}]+)}");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):\\?[^}]*}");

  /**
   * Reads one service of the file.
   *
   * @param variables what the environment has to bring, by name
   */
  static ComposeService load(Path file, String name, Map<String, String> variables) {
    Map<?, ?> root;
    try {
      root = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<?, ?> service = (Map<?, ?>) ((Map<?, ?>) root.get("services")).get(name);
    Matcher image = IMAGE.matcher(service.get("image").toString());
    if (!image.matches()) {
      throw new AssertionError(
          "%s: image of %s: expected ${VARIABLE:-image}, found %s"
              .formatted(file, name, service.get("image")));
    }
    List<String> command =
        service.get("command") instanceof List<?> words
            ? words.stream().map(Object::toString).toList()
            : List.of();
    Map<String, String> environment = new LinkedHashMap<>();
    ((Map<?, ?>) service.get("environment"))
        .forEach(
            (key, value) ->
                environment.put(
                    key.toString(),
                    VARIABLE
                        .matcher(value.toString())
                        .replaceAll(
                            found -> Matcher.quoteReplacement(variables.get(found.group(1))))));
    return new ComposeService(image.group(1), image.group(2), command, environment);
  }
}
