package dev.millrace.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DemoCommandTest {

  private final DemoCommand.DurationConverter converter = new DemoCommand.DurationConverter();

  @Test
  void readsSecondsMinutesAndHours() {
    assertThat(converter.convert("60s")).isEqualTo(Duration.ofMinutes(1));
    assertThat(converter.convert("5m")).isEqualTo(Duration.ofMinutes(5));
    assertThat(converter.convert("2h")).isEqualTo(Duration.ofHours(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"60", "s", "-5s", "1.5m", "1d", ""})
  void refusesWhatIsNoTime(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("'" + text + "' is not a time. Use a number and s, m or h, such as 60s.");
  }

  @Test
  void knowsTheDemosByName() {
    assertThat(new DemoCommand.ScenarioConverter().convert("rides").title())
        .isEqualTo("Postgres -> Debezium -> Kafka -> Spark");
  }

  @Test
  void namesTheDemosWhereOneIsUnknown() {
    assertThatThrownBy(() -> new DemoCommand.ScenarioConverter().convert("trains"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageStartingWith("'trains' is not a demo. Use one of rides");
  }
}
