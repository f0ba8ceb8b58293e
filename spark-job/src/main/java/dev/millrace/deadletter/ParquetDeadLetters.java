package dev.millrace.deadletter;

import dev.millrace.deadletter.DeadLetter.Header;
import dev.millrace.deadletter.DeadLetter.Position;
import dev.millrace.error.DeadLetterErrors;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * Dead letters in Parquet files, one folder a query and below it one a batch. Spark need not be
 * started to read them.
 */
record ParquetDeadLetters(String folder) {

  void forEach(Consumer<DeadLetter> action) {
    forEachRow(row -> action.accept(letter(row)));
  }

  /** The rejected files of a source of files. */
  void forEachFile(BiConsumer<String, RejectedFile> action) {
    forEachRow(
        row ->
            action.accept(
                row.text("pipeline"), new RejectedFile(row.text("file"), row.text("message"))));
  }

  private void forEachRow(Consumer<Columns> action) {
    try {
      Path root = new Path(folder);
      Configuration hadoop = new Configuration();
      FileSystem files = root.getFileSystem(hadoop);
      if (!files.exists(root)) {
        return;
      }
      for (FileStatus query : files.listStatus(root)) {
        if (query.isDirectory() && query.getPath().getName().startsWith("query=")) {
          for (FileStatus batch : files.listStatus(query.getPath())) {
            read(files, batch, new HashMap<>(), action);
          }
        }
      }
    } catch (IOException e) {
      throw DeadLetterErrors.unreadableFolder(folder, e);
    }
  }

  /** Columns that dead letters are partitioned by are in the names of folders, not in the files. */
  private void read(
      FileSystem files, FileStatus entry, Map<String, String> named, Consumer<Columns> action)
      throws IOException {
    String name = entry.getPath().getName();
    if (name.startsWith("_") || name.startsWith(".")) {
      return;
    }
    if (entry.isDirectory()) {
      Map<String, String> below = new HashMap<>(named);
      String[] column = name.split("=", 2);
      if (column.length == 2 && !column[1].equals("__HIVE_DEFAULT_PARTITION__")) {
        below.put(
            column[0], URLDecoder.decode(column[1].replace("+", "%2B"), StandardCharsets.UTF_8));
      }
      for (FileStatus each : files.listStatus(entry.getPath())) {
        read(files, each, below, action);
      }
    } else if (name.endsWith(".parquet")) {
      read(files.getConf(), entry.getPath(), named, action);
    }
  }

  private void read(
      Configuration hadoop, Path file, Map<String, String> named, Consumer<Columns> action)
      throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), file).withConf(hadoop).build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        action.accept(new Columns(row, named));
      }
    }
  }

  private static DeadLetter letter(Columns row) {
    return new DeadLetter(
        row.text("topic") == null || row.text("partition") == null || row.text("offset") == null
            ? DeadLetter.UNKNOWN_POSITION
            : new Position(
                row.text("topic"),
                Integer.parseInt(row.text("partition")),
                Long.parseLong(row.text("offset"))),
        row.text("timestamp") == null
            ? Instant.EPOCH
            : Instant.EPOCH.plus(Long.parseLong(row.text("timestamp")), ChronoUnit.MICROS),
        row.bytes("key"),
        row.bytes("value"),
        row.headers(),
        row.text("pipeline"),
        row.text("code"),
        row.text("column"),
        row.text("message"));
  }

  /** The columns of a row, and those that its file's folders name. */
  private record Columns(Group row, Map<String, String> named) {

    private boolean has(String column) {
      return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0;
    }

    String text(String column) {
      return has(column) ? row.getValueToString(index(column), 0) : named.get(column);
    }

    ByteBuffer bytes(String column) {
      return has(column) ? DeadLetter.buffer(row.getBinary(column, 0).getBytes()) : null;
    }

    /** A list of structs, as Spark writes it: headers.list.element.{key, value}. */
    List<Header> headers() {
      List<Header> headers = new ArrayList<>();
      if (has("headers")) {
        Group list = row.getGroup("headers", 0);
        for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
          Columns element = new Columns(list.getGroup(0, i).getGroup(0, 0), Map.of());
          headers.add(new Header(element.text("key"), element.bytes("value")));
        }
      }
      return headers;
    }

    private int index(String column) {
      return row.getType().getFieldIndex(column);
    }
  }
}
