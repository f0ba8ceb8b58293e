package dev.millrace.sink.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.cql.Statement;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.ServerError;
import dev.millrace.error.UserException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CassandraWritesTest {

  private final List<String> sent = new ArrayList<>();

  @Test
  void sendsAgainWhatHadNoAnswer() throws InterruptedException {
    CassandraWrites writes =
        writes(
            statement ->
                sent.size() <= 2
                    ? CompletableFuture.failedFuture(new DriverTimeoutException("no answer"))
                    : CompletableFuture.completedFuture(null),
            Duration.ofMinutes(1));

    writes.send(SimpleStatement.newInstance("first"));
    writes.send(SimpleStatement.newInstance("second"));
    writes.finish();

    assertThat(sent).containsExactly("first", "first", "first", "second");
  }

  @Test
  void endsWhereTheRetryTimeoutExpires() throws InterruptedException {
    CassandraWrites writes =
        writes(
            statement -> CompletableFuture.failedFuture(new DriverTimeoutException("no answer")),
            Duration.ZERO);
    writes.send(SimpleStatement.newInstance("first"));

    assertThatThrownBy(writes::finish)
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cassandra at host:9042: no answer within 0 s (no answer). Start it (./millrace stack up"
                + " --cassandra), name another with CASSANDRA_CONTACT_POINTS, or wait longer with"
                + " sinks.cassandra.retry-timeout.");
  }

  /** Nothing suggests that such an error goes away by itself. */
  @Test
  void reportsAnErrorThatTheServerAnswersWith() throws InterruptedException {
    CassandraWrites writes =
        writes(
            statement ->
                CompletableFuture.failedFuture(
                    new ServerError(null, "java.lang.IllegalStateException: disk failure policy")),
            Duration.ZERO);
    writes.send(SimpleStatement.newInstance("first"));

    assertThatThrownBy(writes::finish)
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cassandra at host:9042: answers with an error, also after retries for 0 s"
                + " (java.lang.IllegalStateException: disk failure policy). It answers so at every"
                + " start until the cause is removed: the log of the server names it. Change the"
                + " server's settings, the table or the rows accordingly.");
  }

  @Test
  void doesNotRepeatWhatTheServerRefuses() throws InterruptedException {
    CassandraWrites writes =
        writes(
            statement ->
                CompletableFuture.failedFuture(
                    new InvalidQueryException(null, "table rides does not exist")),
            Duration.ofMinutes(1));
    writes.send(SimpleStatement.newInstance("first"));

    assertThatThrownBy(writes::finish)
        .isInstanceOf(UserException.class)
        .hasMessage("Cassandra refuses to write to taxi.rides (table rides does not exist).");
    assertThat(sent).containsExactly("first");
  }

  @Test
  void waitsWithANewStatementUntilOneIsFree() throws InterruptedException {
    List<CompletableFuture<Object>> answers = new ArrayList<>();
    CassandraWrites writes =
        writes(
            statement -> {
              CompletableFuture<Object> answer = new CompletableFuture<>();
              answers.add(answer);
              // The third has to wait for the first.
              if (answers.size() == 2) {
                answers.get(0).complete(null);
              } else if (answers.size() == 3) {
                answers.get(1).complete(null);
                answer.complete(null);
              }
              return answer;
            },
            Duration.ofMinutes(1));

    writes.send(SimpleStatement.newInstance("first"));
    writes.send(SimpleStatement.newInstance("second"));
    writes.send(SimpleStatement.newInstance("third"));
    writes.finish();

    assertThat(sent).containsExactly("first", "second", "third");
  }

  private CassandraWrites writes(
      Function<Statement<?>, CompletionStage<?>> answer, Duration retryTimeout) {
    return new CassandraWrites(
        statement -> {
          sent.add(((SimpleStatement) statement).getQuery());
          return answer.apply(statement);
        },
        "taxi.rides",
        "host:9042",
        2,
        retryTimeout);
  }
}
