package dev.millrace.launcher.demo;

import static dev.millrace.stack.process.Component.CASSANDRA;
import static dev.millrace.stack.process.Component.CONNECT;
import static dev.millrace.stack.process.Component.KAFKA;
import static dev.millrace.stack.process.Component.POSTGRES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.millrace.stack.process.Component;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DemoTest {

  static Stream<Arguments> startsTheServersOfItsSourceAndSinkAlone() {
    return Stream.of(
        arguments("rides", "console", Set.of(POSTGRES, KAFKA, CONNECT)),
        arguments("rides", "cassandra", Set.of(POSTGRES, KAFKA, CONNECT, CASSANDRA)),
        arguments("rides", "postgres", Set.of(POSTGRES, KAFKA, CONNECT)),
        arguments("rides", "iceberg", Set.of(POSTGRES, KAFKA, CONNECT)),
        arguments("users", "postgres", Set.of(KAFKA, POSTGRES)),
        arguments("users", "cassandra", Set.of(KAFKA, CASSANDRA)),
        arguments("users", "parquet", Set.of(KAFKA)),
        arguments("songs", "cassandra", Set.of(KAFKA, CASSANDRA)),
        arguments("songs", "parquet", Set.of(KAFKA)),
        arguments("cassandra-export", "kafka", Set.of(CASSANDRA, KAFKA)),
        arguments("cassandra-export", "parquet", Set.of(CASSANDRA)),
        arguments("interval", "parquet", Set.of(KAFKA)),
        arguments("files", "parquet", Set.of()),
        arguments("files", "kafka", Set.of(KAFKA)));
  }

  @ParameterizedTest
  @MethodSource
  void startsTheServersOfItsSourceAndSinkAlone(String name, String sink, Set<Component> servers) {
    assertThat(Demo.components(scenario(name), sink)).isEqualTo(servers);
  }

  @Test
  void knowsWhereTheResultsGoByDefault() {
    assertThat(Demos.all())
        .extracting(scenario -> scenario.name() + " -> " + scenario.defaultSink())
        .containsExactly(
            "rides -> console",
            "users -> cassandra",
            "songs -> cassandra",
            "cassandra-export -> kafka",
            "interval -> parquet",
            "files -> parquet");
  }

  private static DemoScenario scenario(String name) {
    return Demos.all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }
}
