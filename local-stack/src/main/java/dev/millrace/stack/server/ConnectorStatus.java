package dev.millrace.stack.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The state of a connector and of its tasks, in Connect's words.
 *
 * @param state of the connector: RUNNING, FAILED, UNASSIGNED, ...
 * @param taskStates of its tasks; empty where none has started yet
 * @param trace of the first failure; empty where there is none
 */
public record ConnectorStatus(String state, List<String> taskStates, String trace) {

  private static final String FAILED = "FAILED";
  private static final String RUNNING = "RUNNING";

  static ConnectorStatus parse(JsonNode status) {
    List<String> tasks = new ArrayList<>();
    status.path("tasks").forEach(task -> tasks.add(task.path("state").asText()));
    String trace = status.path("connector").path("trace").asText();
    for (JsonNode task : status.path("tasks")) {
      if (trace.isEmpty()) {
        trace = task.path("trace").asText();
      }
    }
    return new ConnectorStatus(
        status.path("connector").path("state").asText(), List.copyOf(tasks), trace);
  }

  public boolean hasFailed() {
    return states().anyMatch(FAILED::equals);
  }

  public boolean isRunning() {
    return !taskStates.isEmpty() && states().allMatch(RUNNING::equals);
  }

  private Stream<String> states() {
    return Stream.concat(Stream.of(state), taskStates.stream());
  }
}
