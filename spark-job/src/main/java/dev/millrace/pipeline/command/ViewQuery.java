package dev.millrace.pipeline.command;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.error.QueryErrors;
import dev.millrace.error.StateErrors;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.SparkSessions;
import dev.millrace.sink.console.TextTable;
import dev.millrace.sql.SqlText;
import dev.millrace.view.plan.ViewPlanner;
import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** SQL over the current results of a pipeline's views and the current rows of its table. */
public final class ViewQuery {

  /**
   * The versions of the last 100 batches are kept; a reader that is slower than that tries again.
   */
  private static final int MAX_ATTEMPTS = 3;

  private final PipelineDefinition pipeline;
  private final PrintWriter out;
  private final int width;

  /**
   * @param width characters a line of {@code out} has
   */
  public ViewQuery(PipelineDefinition pipeline, PrintWriter out, int width) {
    this.pipeline = pipeline;
    this.out = out;
    this.width = width;
  }

  /**
   * Prints the result of a query. Reads the checkpoint and nothing else, and writes nothing to it.
   *
   * @param maxRows the most rows that are printed
   * @throws UserException where there is no state yet, or the SQL can't be analysed
   */
  public void show(String sql, int maxRows) {
    try (SparkSession session =
        SparkSessions.open("millrace query " + pipeline.name(), pipeline.sparkConf())) {
      for (int attempt = 1; ; attempt++) {
        CurrentViews current = CurrentViews.open(session, pipeline);
        try {
          show(session, current, sql, maxRows);
          return;
        } catch (RuntimeException e) {
          // The run removes old versions, perhaps the one that is being read.
          boolean isOvertaken =
              !isWrongInput(e)
                  && CurrentViews.open(session, pipeline).batchId() > current.batchId();
          if (!isOvertaken || attempt == MAX_ATTEMPTS) {
            throw QueryErrors.failed("SQL", e);
          }
        }
      }
    }
  }

  private static boolean isWrongInput(RuntimeException failure) {
    return failure instanceof UserException known && known.exitCode() == UserException.WRONG_INPUT;
  }

  private void show(SparkSession session, CurrentViews current, String sql, int maxRows) {
    session.conf().set("spark.sql.ansi.enabled", "true");
    String quoted = quoteNames(sql, current.names());
    for (String name : current.names()) {
      if (ViewPlanner.reads(session, quoted, name)) {
        current.rows(name).createOrReplaceTempView("`" + name + "`");
      }
    }
    Dataset<Row> result = analyzed(session, current, quoted);
    List<String[]> rows = Preview.asText(result.limit(maxRows + 1));
    out.print(
        TextTable.render(
            List.of(result.columns()), rows.subList(0, Math.min(maxRows, rows.size())), width));
    out.printf(
        "(%s%,d row%s, as of batch %d)%n",
        rows.size() > maxRows ? "the first " : "",
        Math.min(maxRows, rows.size()),
        rows.size() == 1 ? "" : "s",
        current.batchId());
    out.flush();
  }

  private static Dataset<Row> analyzed(SparkSession session, CurrentViews current, String sql) {
    try {
      SqlText.requireQuery(session, sql, "SQL", current.names().get(0));
      return session.sql(sql);
    } catch (Exception e) {
      // Scala's methods do not declare what they throw, so Java can't catch it by its name.
      if (e instanceof AnalysisException analysis) {
        if ("TABLE_OR_VIEW_NOT_FOUND".equals(analysis.getErrorClass())) {
          throw StateErrors.unknownRelation(
              analysis.getMessageParameters().get("relationName").replace("`", ""),
              current.names());
        }
        throw QueryErrors.invalidSql("SQL", analysis.getSimpleMessage(), e);
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  /** Outputs have dashes in their names, which SQL wants in backquotes: they are added. */
  static String quoteNames(String sql, List<String> names) {
    String dashed =
        names.stream()
            .filter(name -> name.contains("-"))
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    if (dashed.isEmpty()) {
      return sql;
    }
    // Texts, and names in quotes, are passed over.
    Pattern pattern =
        Pattern.compile(
            "'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|(?<![\\w-])("
                + dashed
                + ")(?![\\w-])");
    return pattern
        .matcher(sql)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    found.group(1) == null ? found.group() : "`" + found.group(1) + "`"));
  }
}
