package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Recognises whole numbers that count from 1970: by the field's name, and by all of them (zeros
 * aside) lying between the years 2000 and 2100 in one unit. Pure.
 */
final class EpochTypes {

  private static final Pattern TIME_NAME =
      Pattern.compile(
          "(?i:(.*[_+. /-])?(at|ts|time|timestamp|datetime))|.*[a-z](At|Time|Timestamp)");

  private static final Pattern DATE_NAME =
      Pattern.compile("(?i:(.*[_+. /-])?(date|day|dob|birthday))|.*[a-z](Date|Day)");

  private static final LocalDate EARLIEST = LocalDate.of(2000, 1, 1);
  private static final LocalDate LATEST = LocalDate.of(2100, 1, 1);

  private static final List<Unit> UNITS =
      List.of(
          new Unit("seconds", 1L),
          new Unit("millis", 1_000L),
          new Unit("micros", 1_000_000L),
          new Unit("nanos", 1_000_000_000L));

  private record Unit(String name, long perSecond) {}

  private EpochTypes() {}

  /** The date or timestamp that the numbers are, if that is what they look like. */
  static Optional<Finding> of(String field, List<JsonNode> values) {
    if (TIME_NAME.matcher(field).matches()) {
      return UNITS.stream()
          .filter(unit -> areWithin(values, second(EARLIEST), second(LATEST), unit.perSecond()))
          .map(unit -> finding(ProposedType.timestamp(unit.name()), unit.name()))
          .findFirst();
    }
    return DATE_NAME.matcher(field).matches()
            && areWithin(values, EARLIEST.toEpochDay(), LATEST.toEpochDay(), 1)
        ? Optional.of(finding(ProposedType.date("days"), "days"))
        : Optional.empty();
  }

  private static Finding finding(ProposedType type, String unit) {
    return Finding.doubtful(
        type, "Whole numbers that, by name and size, are " + unit + " since 1970-01-01 UTC.");
  }

  private static boolean areWithin(List<JsonNode> values, long from, long until, long factor) {
    List<JsonNode> times = values.stream().filter(value -> value.asLong() != 0).toList();
    return !times.isEmpty()
        && times.stream()
            .allMatch(
                value ->
                    value.canConvertToLong()
                        && value.asLong() >= from * factor
                        && value.asLong() < until * factor);
  }

  private static long second(LocalDate date) {
    return date.atStartOfDay().toEpochSecond(ZoneOffset.UTC);
  }
}
