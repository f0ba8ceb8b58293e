package dev.millrace.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest {

  private static final FsPermission PERMISSION = new FsPermission((short) 0750);

  @TempDir Path folder;
  private FileContext files;
  private FileSystem system;

  @BeforeEach
  void configure() throws IOException {
    Configuration hadoop = new Configuration();
    LocalDisk.SETTINGS.forEach(
        (name, value) -> hadoop.set(name.replaceFirst("^spark\\.hadoop\\.", ""), value));
    files = FileContext.getFileContext(folder.toUri(), hadoop);
    system = FileSystem.newInstance(folder.toUri(), hadoop);
  }

  @Test
  void whatABatchDoesToFilesStartsNoProcess() throws IOException {
    assertThat(processesStartedBy(() -> commit("new", "1"))).isEmpty();
    assertThat(processesStartedBy(() -> new ProcessBuilder("true").start()))
        .as("what is not there can't be missed")
        .hasSize(1);
  }

  @Test
  void renamingReplacesAFileAndItsChecksum() throws IOException {
    commit("committed", "first");
    commit("committed", "second, and longer");

    assertThat(read("committed")).isEqualTo("second, and longer");
    assertThat(folder.resolve(".committed.crc")).exists();
  }

  @Test
  void aFileIsThereWhileAnotherReplacesIt() throws Exception {
    commit("committed", "0");
    AtomicBoolean isOver = new AtomicBoolean();
    Future<Long> missed =
        CompletableFuture.supplyAsync(
            () -> {
              long absences = 0;
              while (!isOver.get()) {
                absences += Files.exists(folder.resolve("committed")) ? 0 : 1;
              }
              return absences;
            });

    for (int i = 1; i <= 500; i++) {
      commit("committed", Integer.toString(i));
    }
    isOver.set(true);

    assertThat(missed.get()).isZero();
    assertThat(read("committed")).isEqualTo("500");
    assertThat(folder.resolve(".committed.crc")).exists();
  }

  @Test
  void renamingReplacesNothingUnlessItIsTold() throws IOException {
    commit("committed", "first");
    write("other", "second");

    assertThatThrownBy(() -> files.rename(path("other"), path("committed"), Rename.NONE))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(read("committed")).isEqualTo("first");
  }

  @Test
  void permissionsAreThoseAskedFor() throws IOException {
    files.setUMask(new FsPermission((short) 0));
    files.mkdir(path("folder"), PERMISSION, true);
    system.mkdirs(path("other"), PERMISSION);
    write("file", "");
    files.setPermission(path("file"), new FsPermission((short) 0604));

    assertThat(permissions("folder")).isEqualTo("rwxr-x---");
    assertThat(permissions("other")).isEqualTo("rwxr-x---");
    assertThat(permissions("file")).isEqualTo("rw----r--");
    assertThat(files.getFileStatus(path("folder")).getPermission()).isEqualTo(PERMISSION);
  }

  private void commit(String name, String text) throws IOException {
    files.mkdir(path("folder-of-" + text.length()), PERMISSION, true);
    write("." + name + ".tmp", text);
    files.rename(path("." + name + ".tmp"), path(name), Rename.OVERWRITE);
    assertThat(system.exists(path(name))).isTrue();
  }

  private void write(String name, String text) throws IOException {
    try (FSDataOutputStream out =
        files.create(path(name), EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
      out.write(text.getBytes(UTF_8));
    }
  }

  private String read(String name) throws IOException {
    try (FSDataInputStream in = files.open(path(name))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }

  private String permissions(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
  }

  private interface Action {
    void run() throws IOException;
  }

  private List<String> processesStartedBy(Action action) throws IOException {
    Path events = folder.resolve("events.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      action.run();
      recording.stop();
      recording.dump(events);
    }
    String thread = Thread.currentThread().getName();
    return RecordingFile.readAllEvents(events).stream()
        .filter(event -> event.getEventType().getName().equals("jdk.ProcessStart"))
        .filter(event -> event.getThread("eventThread").getJavaName().equals(thread))
        .map((RecordedEvent event) -> event.getString("command"))
        .toList();
  }
}
