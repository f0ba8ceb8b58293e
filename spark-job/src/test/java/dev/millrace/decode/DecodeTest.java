package dev.millrace.decode;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.event.DecodeCounts;
import dev.millrace.event.DecodeMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecodeTest {

  private static final StructType RAW =
      new StructType()
          .add("key", DataTypes.BinaryType)
          .add("value", DataTypes.BinaryType)
          .add("topic", DataTypes.StringType)
          .add("partition", DataTypes.IntegerType)
          .add("offset", DataTypes.LongType);

  private static final List<String> POSITION = List.of("topic", "partition", "offset");

  private static final TableDefinition RIDES = Tables.rideBookings();

  private static SparkSession spark;

  /** How Spark evaluates an expression. */
  enum Evaluation {
    WHOLE_STAGE_CODE("true", "CODEGEN_ONLY"),
    CODE_FOR_EACH_OPERATOR("false", "CODEGEN_ONLY"),
    INTERPRETED("false", "NO_CODEGEN");

    private final String isWholeStage;
    private final String factoryMode;

    Evaluation(String isWholeStage, String factoryMode) {
      this.isWholeStage = isWholeStage;
      this.factoryMode = factoryMode;
    }

    void configure(SparkSession session) {
      session.conf().set("spark.sql.codegen.wholeStage", isWholeStage);
      session.conf().set("spark.sql.codegen.factoryMode", factoryMode);
    }
  }

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", 1)
            .config("spark.sql.codegen.fallback", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @AfterEach
  void restoreDefaults() {
    Evaluation.WHOLE_STAGE_CODE.configure(spark);
  }

  @ParameterizedTest
  @EnumSource
  void givesTheSameHoweverSparkEvaluatesIt(Evaluation evaluation) {
    List<Samples.Message> messages = messages();
    evaluation.configure(spark);

    List<Row> decoded =
        Decode.messages(raw(messages), MessageForm.DEBEZIUM, RIDES, Tables.allColumns(RIDES))
            .select(col(Decode.DECODED + ".*"))
            .collectAsList();

    Decoding decoding = Decoding.of(RIDES);
    List<Row> expected =
        messages.stream().map(message -> decoding.decode(message.key(), message.value())).toList();
    assertThat(decoded).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void keepsTasksThatRunAtTheSameTimeApart(Evaluation evaluation) {
    List<Samples.Message> messages = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      messages.addAll(messages());
    }
    evaluation.configure(spark);

    Dataset<Row> decoded =
        Decode.messages(raw(messages, 8), MessageForm.DEBEZIUM, RIDES, Tables.allColumns(RIDES))
            .select(col(Decode.DECODED + ".*"));

    Decoding decoding = Decoding.of(RIDES);
    List<Row> expected =
        messages.stream().map(message -> decoding.decode(message.key(), message.value())).toList();
    assertThat(decoded.collectAsList()).isEqualTo(expected);
  }

  @Test
  void isPartOfTheGeneratedCodeOfItsStage() {
    String plan =
        Decode.changes(
                Decode.messages(
                    raw(messages()), MessageForm.DEBEZIUM, RIDES, Tables.allColumns(RIDES)),
                POSITION,
                POSITION,
                OnError.REJECT)
            .queryExecution()
            .executedPlan()
            .toString();

    assertThat(plan).containsPattern("\\*\\(1\\) Project \\[[^\n]*decode_message\\(");
  }

  @ParameterizedTest
  @EnumSource
  void readsEachMessageOnceWhateverTheQueryDoesWithIt(Evaluation evaluation) {
    Dataset<Row> raw = raw(messages());
    evaluation.configure(spark);
    Dataset<Row> messages = countedMessages(raw);
    Dataset<Row> changes = Decode.changes(messages, POSITION, POSITION, OnError.REJECT);
    long all = messages().size();

    assertThat(readsOf(changes)).isEqualTo(all);
    assertThat(readsOf(changes.where(col("booking_value").gt(10)))).isEqualTo(all);
    assertThat(
            readsOf(
                changes
                    .where(col("booking_value").gt(10))
                    .groupBy("op")
                    .agg(avg("booking_value"), count(lit(1)))))
        .isEqualTo(all);
    assertThat(readsOf(changes.groupBy().count())).isEqualTo(all);
    assertThat(readsOf(Decode.deadLetters(messages))).isEqualTo(all);
    assertThat(
            readsOf(
                messages.groupBy(col(Decode.DECODED + "." + Outcome.OUTCOME)).agg(count(lit(1)))))
        .isEqualTo(all);
    assertThat(
            readsOf(
                Decode.changes(
                    Decode.counted(messages, "outcomes"), POSITION, POSITION, OnError.REJECT)))
        .isEqualTo(all);
  }

  @Test
  void separatesChangesFromRejects() {
    Dataset<Row> messages =
        Decode.messages(
            raw(messages()),
            MessageForm.DEBEZIUM,
            RIDES,
            Set.of("id", "op", "booking_value", "offset"));

    Dataset<Row> changes = Decode.changes(messages, POSITION, POSITION, OnError.REJECT);
    assertThat(changes.columns())
        .containsExactly("id", "booking_value", "op", "topic", "partition", "offset");
    assertThat(changes.where("offset = 41 and topic like 'business_full%'").collectAsList())
        .contains(
            RowFactory.create(
                25L, 1138.0, "u", "business_full.public.business_ncr_ride_bookings", 0, 41L));

    Dataset<Row> deadLetters = Decode.deadLetters(messages);
    assertThat(deadLetters.columns())
        .containsExactly(
            "key", "value", "topic", "partition", "offset", "code", "column", "message");
    assertThat(deadLetters.select("topic", "offset", "code", "column").collectAsList())
        .containsExactly(
            RowFactory.create("bad", 0L, "INVALID_JSON", null),
            RowFactory.create("bad", 1L, "INVALID_VALUE", "ride_distance"),
            RowFactory.create("bad", 2L, "EMPTY_MESSAGE", null));
  }

  @Test
  void rejectsTheSameMessagesWhateverTheQueryNeeds() {
    Dataset<Row> deadLetters =
        Decode.deadLetters(
            Decode.messages(raw(messages()), MessageForm.DEBEZIUM, RIDES, Set.of("id")));

    assertThat(deadLetters.select("offset").collectAsList())
        .containsExactly(RowFactory.create(0L), RowFactory.create(1L), RowFactory.create(2L));
  }

  @Test
  void countsOutcomesThatAddUp() {
    Dataset<Row> messages = Decode.messages(raw(messages()), MessageForm.DEBEZIUM, RIDES, Set.of());

    DecodeCounts counts = DecodeMetrics.of(Decode.metrics(messages)).counts();

    assertThat(counts).isEqualTo(new DecodeCounts(142, 3, 8));
    assertThat(counts.read()).isEqualTo(messages.count());
  }

  @ParameterizedTest
  @EnumSource
  void talliesWhatAnActionDecodes(Evaluation evaluation) {
    List<Samples.Message> all = new ArrayList<>(messages());
    all.add(
        new Samples.Message(
            "odd", 0, 0, null, "{\"id\":9,\"tip\":5,\"note\":\"x\",\"__op\":\"c\"}"));
    Dataset<Row> raw = raw(all, 4);
    evaluation.configure(spark);
    DecodeTally tally = DecodeTally.in(spark.sparkContext());
    Dataset<Row> changes =
        Decode.changes(
            Decode.messages(raw, MessageForm.DEBEZIUM, RIDES, Set.of("id"), tally),
            POSITION,
            POSITION,
            OnError.REJECT);

    assertThat(tally.isZero()).isTrue();
    assertThat(changes.where("id > 1000000").collectAsList()).isEmpty();

    assertThat(tally.value())
        .isEqualTo(new DecodeMetrics(new DecodeCounts(143, 3, 8), List.of("note", "tip")));
  }

  @Test
  void endsTheQueryAtARejectThatMustNotBe() {
    Dataset<Row> messages =
        Decode.messages(raw(messages()), MessageForm.DEBEZIUM, RIDES, Set.of("id"));

    assertThatThrownBy(
            () -> Decode.changes(messages, POSITION, POSITION, OnError.FAIL).collectAsList())
        .hasMessageContaining("stopped at topic bad partition 0 offset 0: ");
  }

  private static long readsOf(Dataset<Row> query) {
    CountInputs.countAndReset();
    query.collectAsList();
    return CountInputs.countAndReset();
  }

  private static Dataset<Row> countedMessages(Dataset<Row> raw) {
    Column value = new Column(new CountInputs(col("value").expr()));
    return raw.withColumn(
        Decode.DECODED,
        Decode.column(col("key"), value, MessageForm.DEBEZIUM, RIDES, Tables.allColumns(RIDES)));
  }

  /** All samples and three messages that must be rejected. */
  private static List<Samples.Message> messages() {
    List<Samples.Message> messages = new ArrayList<>();
    messages.addAll(Samples.load("unwrapped.jsonl"));
    messages.addAll(Samples.load("envelope.jsonl"));
    messages.addAll(Samples.load("one-of-each-unwrapped.jsonl"));
    messages.addAll(Samples.load("one-of-each-envelope.jsonl"));
    List<String> bad =
        List.of(
            "{\"id\":1,\"__op\":\"c\"",
            "{\"id\":2,\"ncr_ride_bookings.csv/ride+distance\":\"b'far'\",\"__op\":\"c\"}",
            "");
    for (int i = 0; i < bad.size(); i++) {
      messages.add(new Samples.Message("bad", 0, i, null, bad.get(i)));
    }
    return messages;
  }

  private static Dataset<Row> raw(List<Samples.Message> messages) {
    return raw(messages, 1);
  }

  private static Dataset<Row> raw(List<Samples.Message> messages, int partitions) {
    List<Row> rows = new ArrayList<>();
    for (Samples.Message message : messages) {
      rows.add(
          RowFactory.create(
              message.key(),
              message.value(),
              message.topic(),
              message.partition(),
              message.offset()));
    }
    // Not a local relation: the optimizer would evaluate it itself.
    return spark.createDataFrame(
        JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(rows, partitions), RAW);
  }
}
