package dev.millrace.stack.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.error.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectorDefinitionTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"ride-bookings", "ride-bookings-envelope"})
  void shippedConnectorsTakeAddressAndSecretsFromEnvironment(String name) {
    ConnectorDefinition connector = shipped(name);

    assertThat(connector.name()).isEqualTo(name);
    assertThat(connector.config())
        .containsEntry("database.hostname", "${env:POSTGRES_HOST}")
        .containsEntry("database.port", "${env:POSTGRES_PORT}")
        .containsEntry("database.dbname", "${env:POSTGRES_DB}")
        .containsEntry("database.password", "${env:DEBEZIUM_PASSWORD}");
  }

  @Test
  void shippedConnectorsShareNoTopicAndNoSlot() {
    ConnectorDefinition unwrapped = shipped("ride-bookings");
    ConnectorDefinition envelope = shipped("ride-bookings-envelope");

    for (String key : List.of("topic.prefix", "slot.name", "offsets.storage.topic")) {
      assertThat(unwrapped.setting(key)).isNotEqualTo(envelope.setting(key));
    }
  }

  @Test
  void changesOneSettingAndLeavesTheRest() {
    ConnectorDefinition connector = new ConnectorDefinition("a", Map.of("x", "1", "y", "2"));

    ConnectorDefinition changed = connector.named("b").with("y", "3");

    assertThat(changed).isEqualTo(new ConnectorDefinition("b", Map.of("x", "1", "y", "3")));
    assertThat(connector.setting("y")).isEqualTo("2");
  }

  @Test
  void refusesFileWithoutConfig() throws IOException {
    Path file = Files.writeString(folder.resolve("broken.json"), "{\"name\": \"a\"}");

    assertThatThrownBy(() -> ConnectorDefinition.load(file))
        .isInstanceOf(StackException.class)
        .hasMessage(
            file
                + " is not a connector: \"name\" or \"config\" is missing. Expected {\"name\":"
                + " \"...\", \"config\": {\"key\": \"value\", ...}}.");
  }

  private static ConnectorDefinition shipped(String name) {
    return ConnectorDefinition.load(
        LocalStackOptions.homeFromSystemProperty()
            .resolve("connect-config")
            .resolve(name + ".json"));
  }
}
