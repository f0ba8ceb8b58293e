package dev.millrace;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The words of sources and documents: phrases that readers stumble over are not used. */
class ProseTest {

  private static final Path HOME = Path.of(System.getProperty("millrace.home"));
  private static final Path LISTS = Path.of("spark-job/src/test/resources/prose");

  private static final Pattern TEXT_FILE =
      Pattern.compile(
          ".*\\.(java|md|yaml|yml|sh|bash|sql|xml|properties|txt|list)|millrace|Dockerfile"
              + "|commands|containers|engine|run|build");

  /** The end of a line and what begins the next: of a comment, or of a string in two parts. */
  private static final Pattern LINE_BREAK =
      Pattern.compile("[ \"]*\\n\\s*(?:\\*(?!/)|//|#|--|\\+\\s*\")?[ ]*");

  /**
   * A phrase of the list.
   *
   * @param usual what to write instead
   */
  private record Phrase(Pattern pattern, String usual) {}

  /** A phrase that a file may have. */
  private record Allowed(String file, String phrase) {}

  /** A phrase that a file has. */
  private record Finding(String file, int line, String phrase, String usual) {

    String message() {
      return "%s:%d: '%s'; write: %s".formatted(file, line, phrase, usual);
    }
  }

  @Test
  void sourcesAndDocumentsUseTheUsualWords() throws IOException {
    Set<Allowed> unused = exceptions();
    Set<Allowed> exceptions = Set.copyOf(unused);
    List<Phrase> phrases = phrases();
    List<Finding> findings = new ArrayList<>();
    for (Path file : textFiles()) {
      for (Finding each :
          findings(HOME.relativize(file).toString(), Files.readString(file), phrases)) {
        Allowed exception = new Allowed(each.file(), each.phrase());
        unused.remove(exception);
        if (!exceptions.contains(exception)) {
          findings.add(each);
        }
      }
    }
    assertThat(findings.stream().map(Finding::message).collect(joining("\n"))).isEmpty();
    assertThat(unused).as("exceptions that no file needs").isEmpty();
  }

  @Test
  void aPhraseIsFoundWithItsLineAndTheUsualWord() throws IOException {
    assertThat(findings("docs/x.md", "one\nA value is no number.\n", phrases()))
        .extracting(Finding::message)
        .containsExactly("docs/x.md:2: 'is no number'; write: is not a");
  }

  @Test
  void aPhraseIsFoundAcrossLinesOfCommentsAndStrings() throws IOException {
    String java =
        """
        /**
         * The run goes
         * on.
         */
        // A topic beside
        String text = "it is"
                + " no uuid";
        """;
    assertThat(findings("X.java", java, phrases()))
        .extracting(Finding::line, Finding::phrase)
        .containsExactlyInAnyOrder(tuple(2, "goes on"), tuple(5, "beside"), tuple(6, "is no uuid"));
  }

  @Test
  void theUsualWordsAreNotFound() throws IOException {
    String text = "There is no topic. It is no longer read, is not a number, and continues.\n";
    assertThat(findings("README.md", text, phrases())).isEmpty();
  }

  private static List<Finding> findings(String file, String text, List<Phrase> phrases) {
    TreeMap<Integer, Integer> lines = new TreeMap<>();
    StringBuilder joined = new StringBuilder();
    Matcher lineBreak = LINE_BREAK.matcher(text);
    int line = 1;
    int position = 0;
    lines.put(0, line);
    while (lineBreak.find()) {
      joined.append(text, position, lineBreak.start()).append(' ');
      position = lineBreak.end();
      line += (int) lineBreak.group().chars().filter(each -> each == '\n').count();
      lines.put(joined.length(), line);
    }
    joined.append(text, position, text.length());
    List<Finding> findings = new ArrayList<>();
    for (Phrase phrase : phrases) {
      Matcher matcher = phrase.pattern().matcher(joined);
      while (matcher.find()) {
        int at = lines.floorEntry(matcher.start()).getValue();
        findings.add(new Finding(file, at, matcher.group(), phrase.usual()));
      }
    }
    return findings;
  }

  /** A regular expression and the usual word a line, divided by {@code =>}. */
  private static List<Phrase> phrases() throws IOException {
    return entries("phrases.txt", " => ")
        .map(each -> new Phrase(Pattern.compile(each[0], Pattern.CASE_INSENSITIVE), each[1]))
        .toList();
  }

  /** A file, a phrase as it is found there, and the reason. */
  private static Set<Allowed> exceptions() throws IOException {
    Set<Allowed> exceptions = new HashSet<>();
    entries("exceptions.txt", " \\| ")
        .forEach(each -> exceptions.add(new Allowed(each[0], each[1])));
    return exceptions;
  }

  private static Stream<String[]> entries(String list, String separator) throws IOException {
    return Files.readAllLines(HOME.resolve(LISTS).resolve(list)).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split(separator));
  }

  private static Set<Path> textFiles() throws IOException {
    Set<Path> files = new TreeSet<>();
    Files.walkFileTree(
        HOME,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean isMade = name.equals("target") || (name.startsWith(".") && !name.equals(".ci"));
            boolean isLists = folder.equals(HOME.resolve(LISTS));
            boolean isOutput =
                folder.getParent().equals(HOME)
                    && Set.of("output", "checkpoints", "input", "logs").contains(name);
            return !folder.equals(HOME) && (isMade || isLists || isOutput)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            boolean isThisTest =
                file.endsWith("spark-job/src/test/java/dev/millrace/ProseTest.java");
            if (TEXT_FILE.matcher(file.getFileName().toString()).matches() && !isThisTest) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }
}
