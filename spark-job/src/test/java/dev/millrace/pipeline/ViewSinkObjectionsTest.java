package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Views of the shipped pipeline whose sink can't have them, before anything runs. */
class ViewSinkObjectionsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @Test
  void aKeyByWhichIcebergFindsNoRowsIsRejected() {
    PipelineDefinition pipeline =
        pipeline(
            "outputs.mirror.sql=SELECT ride_distance, count(*) AS rides FROM bookings GROUP BY ride_distance",
            "outputs.open-rides.sql=SELECT DISTINCT split(pickup_location, ' ') AS words FROM bookings",
            "sinks.iceberg.partition-by=[days(created_at_ts)]");

    assertThatThrownBy(() -> planned(pipeline))
        .hasMessageContaining(
            "the column 'ride_distance' (double) of the key can't identify a row of a table of Iceberg,")
        .hasMessageContaining(
            "Make it one of these in the output's SQL, as in GROUP BY CAST(ride_distance AS STRING).")
        .hasMessageContaining("the column 'words' (array<string>) of the key can't identify a row")
        .hasMessageContaining(
            "sinks.iceberg.partition-by names the column 'created_at_ts', which the result does not have. Use one of vehicle_type, rides, revenue, km.");
  }

  @Test
  void otherKeysAreAccepted() {
    PipelineDefinition pipeline =
        pipeline(
            "outputs.mirror.sql=SELECT vehicle_type, booking_date, created_at_ts, CAST(ride_distance AS STRING) AS km,"
                + " count(*) AS rides FROM bookings GROUP BY vehicle_type, booking_date, created_at_ts, km",
            "sinks.iceberg.partition-by=[]");

    assertThat(planned(pipeline).all())
        .extracting(view -> view.output().name())
        .containsExactly("completed-by-vehicle", "open-rides", "mirror");
  }

  @Test
  void allProblemsOfTheViewsAreToldAtOnce() {
    PipelineDefinition pipeline =
        pipeline(
            "outputs.completed-by-vehicle.sql=SELECT id FROM bookings WHERE ride_distance > (SELECT avg(ride_distance) FROM bookings)",
            "outputs.open-rides.sql=SELECT a.customer_id, b.booking_status FROM bookings a JOIN bookings b ON a.drop_location = b.pickup_location",
            "outputs.mirror.sql=SELECT a.id FROM bookings a FULL JOIN bookings b ON a.id = b.id",
            "sinks.iceberg.partition-by=[]");

    assertThatThrownBy(() -> planned(pipeline))
        .hasMessageContaining("a subquery in an expression is not supported in a view. Use EXISTS")
        .hasMessageContaining("(SELECT max(x) FROM bookings b WHERE b.g = a.g).")
        .hasMessageContaining(
            "the sink iceberg stores rows by their key, which is that of both sides of the join here. Add id of each side to the SELECT list, under names of their own.")
        .hasMessageContaining("a FULL JOIN of the table with itself is not supported in a view.");
  }

  private static ViewOutputs planned(PipelineDefinition pipeline) {
    return ViewOutputs.plan(SPARK.session(), pipeline, List.of(), SinkConnectors.STANDARD)
        .orElseThrow();
  }

  private static PipelineDefinition pipeline(String... settings) {
    String file =
        Path.of(System.getProperty("millrace.home"), "pipelines", "ride-views.yaml").toString();
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(
            file,
            new Overrides(
                new OutputChoice.All(),
                Optional.of("iceberg"),
                List.of(settings),
                Optional.empty(),
                Optional.empty()))
        .definition();
  }
}
