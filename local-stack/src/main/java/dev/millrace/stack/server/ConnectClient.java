package dev.millrace.stack.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Polling;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/** Kafka Connect's REST interface, as far as the stack uses it. */
public final class ConnectClient {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final String url;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  public ConnectClient(String url) {
    this.url = url;
  }

  /** Whether the worker has started and takes requests. */
  public boolean isHealthy() throws IOException, InterruptedException {
    return send("GET", "/health", BodyPublishers.noBody()).statusCode() == 200;
  }

  /** Registers a connector, or changes the one of that name. */
  public void register(ConnectorDefinition connector) {
    request(
        "connector " + connector.name(),
        "PUT",
        "/connectors/" + connector.name() + "/config",
        BodyPublishers.ofString(connector.configJson()));
  }

  /** Deletes a connector; one that does not exist is fine. Its offsets and its slot remain. */
  public void delete(String connector) {
    request(
        "to delete connector " + connector,
        "DELETE",
        "/connectors/" + connector,
        BodyPublishers.noBody());
  }

  /**
   * What Connect reports about the connector and its tasks; empty while it does not know the
   * connector, or is rebalancing.
   */
  public Optional<ConnectorStatus> status(String connector) {
    HttpResponse<String> response =
        request(
            "the status of " + connector,
            "GET",
            "/connectors/" + connector + "/status",
            BodyPublishers.noBody());
    return response.statusCode() == 200
        ? Optional.of(ConnectorStatus.parse(parse(response.body())))
        : Optional.empty();
  }

  private HttpResponse<String> request(
      String what, String method, String path, BodyPublisher body) {
    try {
      HttpResponse<String> response = send(method, path, body);
      // While its group rebalances, the worker answers 409 to what it would take a moment later.
      for (int i = 0; response.statusCode() == CONFLICT && i < 100; i++) {
        Polling.pause("waiting for Kafka Connect");
        response = send(method, path, body);
      }
      int status = response.statusCode();
      if (status >= 400 && status != NOT_FOUND) {
        throw StackErrors.connectRefused(
            what, status, parse(response.body()).path("message").asText(response.body()));
      }
      return response;
    } catch (IOException e) {
      throw StackErrors.connectUnreachable(url, e);
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("talking to Kafka Connect", e);
    }
  }

  private HttpResponse<String> send(String method, String path, BodyPublisher body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .method(method, body)
            .build(),
        BodyHandlers.ofString());
  }

  private static JsonNode parse(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }
}
