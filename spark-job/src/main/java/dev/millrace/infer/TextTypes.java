package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The type of a field whose values are texts. Pure.
 *
 * <p>What a loader wrote as Python bytes literals it wrote from text, regardless of its meaning:
 * there a column of numbers is taken for numbers. A plain text that looks like a number comes from
 * a text column of Postgres (or a numeric one, as the connector is set up): it stays text, and a
 * doubt reports it.
 */
final class TextTypes {

  private static final Pattern LITERAL = Pattern.compile("[bB]['\"].*", Pattern.DOTALL);

  /** A text whose digits are not a quantity: of postal codes and the like a number loses zeros. */
  private static final Pattern CODE = Pattern.compile("[+]\\d.*|-?0\\d.*");

  private static final Pattern WHOLE = Pattern.compile("-?\\d+");

  /** Forms that nobody writes into a text but programs, and what they are. */
  private static final Map<Pattern, ProposedType> FORMS = forms();

  /** Texts that programs write for a value that is not there. */
  private static final Set<String> NULL_TOKENS =
      Set.of("", "null", "NULL", "nan", "NaN", "None", "N/A", "NA", "\\N", "<NA>", "NaT");

  private static final List<ProposedType> TYPES =
      List.of(
          ProposedType.BIGINT,
          ProposedType.DOUBLE,
          ProposedType.date("iso"),
          ProposedType.timestamp("iso"),
          ProposedType.BOOLEAN);

  /** So many of a hundred values that are of a type make the others worth a remark. */
  private static final int NEARLY_ALL = 90;

  private TextTypes() {}

  private static Map<Pattern, ProposedType> forms() {
    String day = "([+-]\\d{4,9}|\\d{4})-\\d\\d-\\d\\d";
    String time = "\\d\\d:\\d\\d(:\\d\\d([.]\\d+)?)?";
    String zone = "(Z|[+-]\\d\\d(:?\\d\\d)?)";
    String hex = "[0-9a-f]";
    Map<Pattern, ProposedType> forms = new LinkedHashMap<>();
    forms.put(Pattern.compile(day + "[T ]" + time + zone + "?"), ProposedType.timestamp("iso"));
    forms.put(Pattern.compile(day + "Z"), ProposedType.date("iso"));
    forms.put(Pattern.compile(time + zone), ProposedType.TIMETZ);
    forms.put(
        Pattern.compile("P-?\\d+Y-?\\d+M-?\\d+DT-?\\d+H-?\\d+M-?\\d+([.]\\d+)?S"),
        ProposedType.INTERVAL);
    forms.put(Pattern.compile(hex + "{8}(-" + hex + "{4}){3}-" + hex + "{12}"), ProposedType.UUID);
    return forms;
  }

  /** Whether values are Python bytes literals: more than half of those that mean something. */
  static boolean areLiterals(List<JsonNode> values) {
    long literals = values.stream().filter(TextTypes::isLiteral).count();
    long tokens = values.stream().filter(value -> NULL_TOKENS.contains(value.asText("x"))).count();
    return literals * 2 > values.size() - tokens;
  }

  private static boolean isLiteral(JsonNode value) {
    return value.isTextual() && LITERAL.matcher(value.textValue()).matches();
  }

  /** The type of texts, at least one. */
  static Finding of(List<JsonNode> values, boolean hasPythonBytes) {
    return hasPythonBytes && areLiterals(values) ? ofLiterals(values) : ofPlain(values);
  }

  /**
   * The type of texts that are a file's only way to write a value, at least one, each of which
   * means one.
   */
  static Finding ofValues(List<JsonNode> texts) {
    List<String> doubts = new ArrayList<>();
    ProposedType type = narrowest(texts, doubts);
    return new Finding(type, List.of(), doubts);
  }

  private static Finding ofLiterals(List<JsonNode> literals) {
    ValueTrial undone = new ValueTrial(ProposedType.STRING, true, List.of());
    List<String> doubts = new ArrayList<>();
    List<JsonNode> texts = new ArrayList<>();
    Set<String> tokens = new LinkedHashSet<>();
    for (JsonNode literal : literals) {
      String text = undone.text(literal).orElse(null);
      if (text == null) {
        if (doubts.isEmpty()) {
          doubts.add("Not every literal can be read, such as " + shown(literal) + ": a reject.");
        }
      } else if (NULL_TOKENS.contains(text)) {
        tokens.add(text);
      } else {
        texts.add(new TextNode(text));
      }
    }
    if (texts.isEmpty()) {
      doubts.add("No value was seen, only null.");
      return new Finding(ProposedType.STRING, List.copyOf(tokens), doubts);
    }
    ProposedType type = narrowest(texts, doubts);
    return new Finding(type, List.copyOf(tokens), doubts);
  }

  private static ProposedType narrowest(List<JsonNode> texts, List<String> doubts) {
    for (ProposedType type : TYPES) {
      List<JsonNode> misfits = misfits(texts, type);
      if (misfits.isEmpty()) {
        return type;
      }
      int fitting = texts.size() - misfits.size();
      // A text that is not a bigint may still be a double.
      boolean mayBeWider = type.equals(ProposedType.BIGINT);
      if (!mayBeWider && fitting * 100L >= (long) texts.size() * NEARLY_ALL) {
        doubts.add(
            "%d of %d values are %s; not so %s."
                .formatted(fitting, texts.size(), type.spoken(), shown(misfits.get(0))));
        return ProposedType.STRING;
      }
    }
    return ProposedType.STRING;
  }

  private static Finding ofPlain(List<JsonNode> texts) {
    for (Map.Entry<Pattern, ProposedType> form : FORMS.entrySet()) {
      if (texts.stream().allMatch(text -> form.getKey().matcher(text.textValue()).matches())) {
        return ofForm(texts, form.getValue());
      }
    }
    if (texts.stream().allMatch(text -> JsonTexts.isDocument(text.textValue()))) {
      return JsonTexts.of(texts);
    }
    List<JsonNode> meant =
        texts.stream().filter(text -> !NULL_TOKENS.contains(text.textValue())).toList();
    for (ProposedType type : TYPES) {
      if (!meant.isEmpty() && !type.equals(ProposedType.BOOLEAN) && areRead(meant, type)) {
        return Finding.doubtful(
            ProposedType.STRING,
            "All values could be read as %s, such as %s."
                .formatted(type.spoken(), shown(meant.get(0))));
      }
    }
    return Finding.sure(ProposedType.STRING);
  }

  private static Finding ofForm(List<JsonNode> texts, ProposedType type) {
    List<JsonNode> misfits = misfits(texts, type);
    if (!misfits.isEmpty()) {
      return Finding.doubtful(
          ProposedType.STRING,
          "All values look like %s, and not all can be read as one, such as %s."
              .formatted(type.spoken(), shown(misfits.get(0))));
    }
    // With time.precision.mode=isostring a time without a zone ends with a Z, too.
    return type.equals(ProposedType.TIMETZ)
            && texts.stream().allMatch(text -> text.textValue().endsWith("Z"))
        ? Finding.doubtful(type, "If Postgres has a time without time zone: time, unit iso.")
        : Finding.sure(type);
  }

  private static boolean areRead(List<JsonNode> texts, ProposedType type) {
    return misfits(texts, type).isEmpty();
  }

  private static List<JsonNode> misfits(List<JsonNode> texts, ProposedType type) {
    ValueTrial trial = new ValueTrial(type, false, List.of());
    return texts.stream()
        .filter(text -> !isMeant(text.textValue(), type) || !trial.reads(text))
        .toList();
  }

  /** Not so what the decoder would read, and a person would not mean. */
  private static boolean isMeant(String text, ProposedType type) {
    if (type.equals(ProposedType.BIGINT)) {
      return WHOLE.matcher(text).matches() && !CODE.matcher(text).matches();
    }
    if (type.equals(ProposedType.date("iso"))) {
      // A date column would read a time, too, and drop all but its day.
      return text.indexOf(':') < 0;
    }
    return !type.equals(ProposedType.DOUBLE) || !CODE.matcher(text).matches();
  }

  private static String shown(JsonNode value) {
    String json = value.toString();
    return json.length() > 60 ? json.substring(0, 57) + "..." : json;
  }
}
