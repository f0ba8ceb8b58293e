package dev.millrace.pipeline.batch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.event.FileColumns;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** CSV as RFC 4180 has it, and what else is common in files of that name. */
public class CsvFilesTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final TableDefinition TEXTS = table("a", "b");

  @TempDir Path folder;

  @Test
  void readsDoubledQuotes() throws IOException {
    assertThat(
            rows(
                """
                a,b
                "What [From ""Barbie""]","5"" pipe"
                "Bobby ""Boris"" P., The C.",""\"\"
                "a\\""b","\\"
                """))
        .containsExactly(
            "What [From \"Barbie\"]|5\" pipe", "Bobby \"Boris\" P., The C.|\"", "a\\\"b|\\");
  }

  @Test
  void readsLineBreaksWithinQuotesAsTheyAre() throws IOException {
    assertThat(rows("a,b\r\n\"1\r\n2\",\"3\n4\"\r\n\"5\r6\",\"\n\"\r\n"))
        .containsExactly("1\r\n2|3\n4", "5\r6|\n");
  }

  @Test
  void tellsNullFromAnEmptyTextByQuotes() throws IOException {
    assertThat(rows("a,b\n1,\"\"\n,2\n\"\",\n,\n"))
        .containsExactly("1|", "null|2", "|null", "null|null");
  }

  @Test
  void readsALastRecordWithoutALineBreak() throws IOException {
    assertThat(rows("a,b\n1,\"2\"")).containsExactly("1|2");
    assertThat(rows("a,b\n1,")).containsExactly("1|null");
    assertThat(rows("a,b\n1,\"\"")).containsExactly("1|");
    assertThat(rows("a,b")).isEmpty();
  }

  @Test
  void endsLinesByLineFeedCarriageReturnOrBoth() throws IOException {
    assertThat(rows("a,b\r1,2\r\n3,4\n5,6\r")).containsExactly("1|2", "3|4", "5|6");
  }

  @Test
  void keepsBlanksAndBlankValues() throws IOException {
    assertThat(rows("a,b\n 1 ,\" 2\t\"\n ,\t\n")).containsExactly(" 1 | 2\t", " |\t");
  }

  @Test
  void takesAQuoteWithinAValueWithoutQuotesForText() throws IOException {
    assertThat(rows("a,b\n5\" pipe,x\"\n1, \"2\"\n")).containsExactly("5\" pipe|x\"", "1| \"2\"");
  }

  @Test
  void leavesOutEmptyLines() throws IOException {
    assertThat(rows("\n\na,b\n\n1,2\n\r\n\n3,4\n\n")).containsExactly("1|2", "3|4");
  }

  @Test
  void readsAnEmptyLineOfAFileOfOneColumnAsNull() throws IOException {
    byte[] bytes = "a\n1\n\n\"\"\n".getBytes(UTF_8);

    assertThat(rows(bytes, "one.csv", Map.of(), table("a"))).containsExactly("1", "null", "");
  }

  @Test
  void readsTheEncodingFromAByteOrderMark() throws IOException {
    String text = "\ufeffa,b\n\u00fc,\ud83d\ude00\n";

    assertThat(rows(text.getBytes(UTF_8))).containsExactly("\u00fc|\ud83d\ude00");
    assertThat(rows(text.getBytes(UTF_16LE))).containsExactly("\u00fc|\ud83d\ude00");
    assertThat(rows(text.getBytes(UTF_16BE))).containsExactly("\u00fc|\ud83d\ude00");
    assertThat(rows("\ufeff\"a\",b\n1,2\n".getBytes(UTF_8))).containsExactly("1|2");
  }

  @Test
  void readsANamedEncodingAndRejectsBytesOfAnother() throws IOException {
    byte[] latin = "a,b\n1,caf\u00e9\n".getBytes(ISO_8859_1);

    assertThat(rows(latin, "latin.csv", Map.of("encoding", "ISO-8859-1"), TEXTS))
        .containsExactly("1|caf\u00e9");
    assertThat(fault(latin, TEXTS)).contains("it is not UTF-8 text. Write it in UTF-8, or name");
  }

  @Test
  void readsControlCharactersAndCharactersBeyondThePlane() throws IOException {
    assertThat(rows("a,b\n\u0000\u0001\u001f,\uffff\n\"\uffff\",\"\ud83d\ude00\u2028\"\n"))
        .containsExactly("\u0000\u0001\u001f|\uffff", "\uffff|\ud83d\ude00\u2028");
  }

  @Test
  void readsSeparatorsOfAnyLengthOtherQuotesAndComments() throws IOException {
    assertThat(rows("a\tb\n1\t\"2\t3\"\n", Map.of("sep", "\\t"))).containsExactly("1|2\t3");
    assertThat(rows("a||b\n1|0||\"2||3\"\n", Map.of("Delimiter", "||")))
        .containsExactly("1|0|2||3");
    assertThat(rows("a;b\n'it''s';\"2\"\n", Map.of("sep", ";", "quote", "'")))
        .containsExactly("it's|\"2\"");
    assertThat(rows("# made by hand\na,b\n#1,2\n3,\"#\"\n", Map.of("comment", "#")))
        .containsExactly("3|#");
    assertThat(rows("a,b\n#1,2\n")).containsExactly("#1|2");
  }

  @Test
  void readsQuotesThatAreEscapedWhereTheOptionsSaySo() throws IOException {
    assertThat(rows("a,b\n\"5\\\" pipe\",\"\\\\\"\nc:\\d,\"a\\nb\"\n", Map.of("escape", "\\")))
        .containsExactly("5\" pipe|\\", "c:\\d|a\\nb");
  }

  @Test
  void readsTheTextThatMeansNullOnlyWithoutQuotes() throws IOException {
    assertThat(rows("a,b\nNA,\"NA\"\n,\"\"\n", Map.of("nullValue", "NA")))
        .containsExactly("null|NA", "null|");
  }

  @Test
  void removesBlanksWhereTheOptionsSaySo() throws IOException {
    Map<String, String> options =
        Map.of("ignoreLeadingWhiteSpace", "true", "ignoreTrailingWhiteSpace", "true");

    assertThat(rows("a , b\n 1 , \" 2 \" \n", options)).containsExactly("1| 2 ");
  }

  @Test
  void readsFilesWithoutAHeaderInTheOrderOfTheTable() throws IOException {
    assertThat(rows("1,2\n", Map.of("header", "false"))).containsExactly("1|2");
  }

  @Test
  void findsColumnsByTheHeaderWhichMayBeQuoted() throws IOException {
    assertThat(
            rows(
                "\"b\"\"x\",\"a,\"\n1,2\n".getBytes(UTF_8),
                "header.csv",
                Map.of(),
                table("a,", "b\"x")))
        .containsExactly("2|1");
  }

  @Test
  void namesAColumnWithoutANameByItsPlace() throws IOException {
    assertThat(rows(",x\n0,1\n".getBytes(UTF_8), "index.csv", Map.of(), table("_c0", "x")))
        .containsExactly("0|1");
  }

  @Test
  void readsCompressedFiles() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("a,b\n1,\"2\n3\"\n".getBytes(UTF_8));
    }

    assertThat(rows(bytes.toByteArray(), "one.csv.gz", Map.of(), TEXTS)).containsExactly("1|2\n3");
  }

  @Test
  void readsAVeryLongValue() throws IOException {
    String text = "x\n".repeat(2_000_000);

    assertThat(rows("a,b\n1,\"" + text + "\"\n")).containsExactly("1|" + text);
  }

  @Test
  void namesTheLineOfWhatItCannotRead() throws IOException {
    assertThat(fault("a,b\n\"1\n2\",3\n4\n5,6,7\n"))
        .contains(
            "2 records can't be read, the first of them in line 4: it has 1 value instead of the 2"
                + " of the header.");
    assertThat(fault("a,b\n1,2,\n")).contains("line 2: it has 3 values instead of the 2 of");
    assertThat(fault("a,b\n1,2\n3,\"4\n5,6\n7,8\n"))
        .contains("line 3: a quote is opened and not closed before the end of the file.");
    assertThat(fault("a,b\n1,\"")).contains("line 2: a quote is opened and not closed");
    assertThat(fault("a,\"b")).contains("line 1: a quote is opened and not closed");
    assertThat(fault("a,b\n1,2\n3,\"4\"5\n6,7\n"))
        .contains("line 3: '5' follows a closing quote. Quotes within quotes are doubled.");
    assertThat(fault("a,b\n1,caf\u00e9\n".getBytes(ISO_8859_1), TEXTS)).contains("UTF-8");
  }

  @Test
  void namesTheLineOfAValueOfAnotherType() throws IOException {
    assertThat(fault("a,b\n\"1\n2\",3\nx,four\n".getBytes(UTF_8), numbers()))
        .contains("line 4: Cannot read column b from field \"b\": found `\"four\"`");
  }

  @Test
  void rejectsHeadersThatDoNotNameTheColumnsOnce() throws IOException {
    assertThat(fault("a,a\n1,2\n")).contains("its columns are a, a; expected a, b.");
    assertThat(fault("a, b\n1,2\n")).contains("its columns are a, \" b\"; expected a, b.");
    assertThat(fault("a,b,\n1,2,3\n")).contains("its columns are a, b, _c2; expected a, b.");
    assertThat(fault("\n\n")).contains("its columns are none; expected a, b.");
    assertThat(fault("a;b\n1;2\n")).contains("its columns are a;b; expected a, b.");
  }

  @Test
  void readsManyFilesInOnePassAndFindsThoseThatAreRejected() throws IOException {
    IntStream.range(0, 50)
        .forEach(i -> write("%02d.csv".formatted(i), ("a,b\n" + i + ",x\n").getBytes(UTF_8)));
    write("07.csv", "a\n1\n".getBytes(UTF_8));

    FileBatch batch = batch(Map.of(), TEXTS, paths());

    assertThat(FileBatches.rejected(batch)).containsOnlyKeys("07.csv");
    assertThat(batch.rows().count()).isEqualTo(49);
  }

  private List<String> rows(String text) throws IOException {
    return rows(text, Map.of());
  }

  private List<String> rows(String text, Map<String, String> options) throws IOException {
    return rows(text.getBytes(UTF_8), "one.csv", options, TEXTS);
  }

  private List<String> rows(byte[] bytes) throws IOException {
    return rows(bytes, "one.csv", Map.of(), TEXTS);
  }

  /** The rows of a file without faults, each with bars between its values. */
  private List<String> rows(
      byte[] bytes, String name, Map<String, String> options, TableDefinition table)
      throws IOException {
    write(name, bytes);
    FileBatch batch = batch(options, table, folder.resolve(name));
    assertThat(FileBatches.rejected(batch)).isEmpty();
    return batch.rows().drop(FileColumns.FILE).collectAsList().stream()
        .map(row -> row.mkString("|"))
        .toList();
  }

  private String fault(String text) throws IOException {
    return fault(text.getBytes(UTF_8), TEXTS);
  }

  private String fault(byte[] bytes, TableDefinition table) throws IOException {
    write("one.csv", bytes);
    return FileBatches.rejected(batch(Map.of(), table, folder.resolve("one.csv"))).get("one.csv");
  }

  private static FileBatch batch(Map<String, String> options, TableDefinition table, Path... paths)
      throws IOException {
    return FileBatches.of(
        SPARK.session(), FileFormat.CSV, options, table, FileBatches.files(paths));
  }

  private static TableDefinition table(String... columns) {
    return new TableDefinition(
        List.of(),
        TextEncoding.NONE,
        Set.of(),
        OnError.REJECT,
        IntStream.range(0, columns.length)
            .mapToObj(
                i -> new ColumnDefinition("c" + i, columns[i], DataTypes.StringType, TimeUnit.NONE))
            .toList());
  }

  private static TableDefinition numbers() {
    return new TableDefinition(
        List.of(),
        TextEncoding.NONE,
        Set.of(),
        OnError.REJECT,
        List.of(
            new ColumnDefinition("a", "a", DataTypes.StringType, TimeUnit.NONE),
            new ColumnDefinition("b", "b", DataTypes.LongType, TimeUnit.NONE)));
  }

  private void write(String name, byte[] bytes) {
    try {
      java.nio.file.Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path[] paths() {
    String[] names = folder.toFile().list((parent, name) -> name.endsWith(".csv"));
    return Arrays.stream(names).sorted().map(folder::resolve).toArray(Path[]::new);
  }
}
