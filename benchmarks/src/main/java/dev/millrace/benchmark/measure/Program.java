package dev.millrace.benchmark.measure;

import dev.millrace.benchmark.contender.GuideJob;
import dev.millrace.benchmark.contender.MillraceJob;
import dev.millrace.benchmark.contender.RawConsumers;
import dev.millrace.benchmark.contender.SparkSource;
import java.util.List;

/** The programs that are compared, by the letter that chooses them on the command line. */
public enum Program {
  RAW("a", "Plain consumers, values untouched", RawConsumers.class.getName(), "untouched"),
  JACKSON(
      "b", "Plain consumers, Jackson over every value", RawConsumers.class.getName(), "jackson"),
  SPARK_SOURCE("c", "Spark's Kafka source, nothing decoded", SparkSource.class.getName(), ""),
  MILLRACE("d", "Millrace", MillraceJob.class.getName(), ""),
  GUIDE("e", "Spark: from_json, regexp_replace, cast", GuideJob.class.getName(), ""),
  FLINK(
      "f",
      "Flink SQL: json, REGEXP_REPLACE, TRY_CAST",
      "dev.millrace.benchmark.flink.FlinkJob",
      "");

  private final String letter;
  private final String title;
  private final String mainClass;
  private final String argument;

  Program(String letter, String title, String mainClass, String argument) {
    this.letter = letter;
    this.title = title;
    this.mainClass = mainClass;
    this.argument = argument;
  }

  public String letter() {
    return letter;
  }

  public String title() {
    return title;
  }

  public String mainClass() {
    return mainClass;
  }

  public List<String> arguments() {
    return argument.isEmpty() ? List.of() : List.of(argument);
  }
}
