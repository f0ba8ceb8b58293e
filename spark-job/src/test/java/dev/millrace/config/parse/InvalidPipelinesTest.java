package dev.millrace.config.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.error.UserException;
import dev.millrace.pipeline.SinkConnectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each {@code pipelines/invalid/NAME.yaml} has next to it, in {@code NAME.txt}, every message that
 * it must give, line by line. A comment {@code # environment: A=1 B=2} sets variables.
 */
class InvalidPipelinesTest {

  private static final Path FOLDER = Path.of("src/test/resources/pipelines/invalid");

  private static final Pattern VARIABLE = Pattern.compile("(\\w+)=(\\S+)");

  static List<String> pipelines() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".yaml"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pipelines")
  void tellsEveryProblem(String pipeline) throws IOException {
    Path file = FOLDER.resolve(pipeline);
    Path expected = FOLDER.resolve(pipeline.replace(".yaml", ".txt"));

    UserException problem =
        catchThrowableOfType(
            UserException.class,
            () ->
                new PipelineLoader(environment(file), SinkConnectors.STANDARD.kinds())
                    .load(file.toString(), Overrides.none()));

    assertThat(problem).isNotNull();
    assertThat(problem.exitCode()).isEqualTo(2);
    assertThat(
            problem.problems().stream().map(message -> message.replace(FOLDER + "/", "")).toList())
        .isEqualTo(Files.readAllLines(expected));
  }

  private static Map<String, String> environment(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("# environment: "))
        .flatMap(line -> VARIABLE.matcher(line).results())
        .collect(Collectors.toMap((MatchResult match) -> match.group(1), match -> match.group(2)));
  }
}
