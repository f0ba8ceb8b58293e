package dev.millrace.pipeline.checkpoint;

import dev.millrace.error.RunErrors;
import dev.millrace.error.StateErrors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Who keeps a table's state: a file next to it, which its holder renews. Another run gets it once
 * the holder has given it up, has ended (on the same host), or has not renewed it for a while.
 * Driver only.
 */
public final class StateLease implements AutoCloseable {

  static final Duration EXPIRY = Duration.ofSeconds(30);
  private static final Duration RENEWAL = Duration.ofSeconds(5);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  private final FileContext files;
  private final Path file;
  private final InstantSource clock;
  private final String id = UUID.randomUUID().toString();
  private ScheduledExecutorService renewal;

  StateLease(FileContext files, Path file, InstantSource clock) {
    this.files = files;
    this.file = file;
    this.clock = clock;
  }

  /**
   * Who holds a lease.
   *
   * @param id of the run
   * @param processStart when the process began, in milliseconds: its number may be given again
   */
  record Holder(String id, String host, long process, long processStart, Instant renewed) {

    static Holder of(String text) {
      String[] fields = text.strip().split("\t", -1);
      return new Holder(
          fields[0],
          fields[1],
          Long.parseLong(fields[2]),
          Long.parseLong(fields[3]),
          Instant.parse(fields[4]));
    }

    String text() {
      return String.join(
          "\t", id, host, Long.toString(process), Long.toString(processStart), renewed.toString());
    }

    /** Whether it is certain that its process has ended. */
    private boolean hasEnded() {
      return host.equals(hostName())
          && ProcessHandle.of(process)
              .filter(ProcessHandle::isAlive)
              .filter(alive -> startOf(alive) == processStart)
              .isEmpty();
    }
  }

  /**
   * Takes the lease; waits for one that may expire.
   *
   * @throws dev.millrace.error.UserException that names the holder, where it renews it
   */
  public void take() throws InterruptedException {
    Instant end = clock.instant().plus(EXPIRY).plus(RENEWAL);
    while (!tryTake()) {
      Optional<Holder> holder = holder();
      if (holder.isEmpty()) {
        // It is being written, or its writer crashed before it had.
        if (clock.instant().isAfter(end)) {
          remove();
        }
        TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
        continue;
      }
      boolean isExpired = holder.get().renewed().plus(EXPIRY).isBefore(clock.instant());
      if (isExpired || holder.get().hasEnded()) {
        remove();
      } else if (holder.get().host().equals(hostName()) || clock.instant().isAfter(end)) {
        throw StateErrors.held(
            file.toString(),
            holder.get().process(),
            holder.get().host(),
            holder.get().renewed().toString());
      } else {
        TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL.toMillis());
      }
    }
    startRenewal();
  }

  @SuppressWarnings("FutureReturnValueIgnored")
  private void startRenewal() {
    renewal =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "state-lease");
              thread.setDaemon(true);
              return thread;
            });
    renewal.scheduleWithFixedDelay(
        this::renew, RENEWAL.toMillis(), RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Makes sure that the lease is still this run's.
   *
   * @throws dev.millrace.error.UserException where another run has taken it
   */
  public synchronized void require() {
    Optional<Holder> holder = holder();
    if (holder.isEmpty() || !holder.get().id().equals(id)) {
      throw StateErrors.leaseLost(
          file.toString(), holder.map(each -> each.process() + " on " + each.host()));
    }
  }

  private boolean tryTake() {
    try {
      files.mkdir(file.getParent(), null, true);
      try (var out = files.create(file, EnumSet.of(CreateFlag.CREATE))) {
        out.write(own().text().getBytes(StandardCharsets.UTF_8));
      }
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.getParent().toString(), e);
    }
  }

  /**
   * A renewal that fails is tried again; {@link #require} notices a lease that is lost, and waits
   * for a renewal: where a file is replaced in two steps, it would see none.
   */
  synchronized void renew() {
    try {
      if (holder().filter(holder -> holder.id().equals(id)).isPresent()) {
        Path renewed = new Path(file.getParent(), "." + file.getName() + "-" + id);
        try (var out = files.create(renewed, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
          out.write(own().text().getBytes(StandardCharsets.UTF_8));
        }
        files.rename(renewed, file, Options.Rename.OVERWRITE);
      }
    } catch (IOException e) {
      org.slf4j.LoggerFactory.getLogger(StateLease.class)
          .warn("The lease {} could not be renewed; it is tried again.", file, e);
    }
  }

  private Holder own() {
    ProcessHandle process = ProcessHandle.current();
    return new Holder(id, hostName(), process.pid(), startOf(process), clock.instant());
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      // A host without a name resolves to nothing; its address tells as much.
      return InetAddress.getLoopbackAddress().getHostAddress();
    }
  }

  /** Empty where there is none, or where it is being written. */
  private Optional<Holder> holder() {
    try (var in = files.open(file)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.isEmpty() ? Optional.empty() : Optional.of(Holder.of(text));
    } catch (FileNotFoundException | ChecksumException e) {
      // Its checksum is a file of its own, so a reader may see one of both.
      return Optional.empty();
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.getParent().toString(), e);
    }
  }

  private void remove() {
    try {
      files.delete(file, false);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.getParent().toString(), e);
    }
  }

  /** Gives it up, if it is this run's. */
  @Override
  public synchronized void close() {
    if (renewal != null) {
      renewal.shutdownNow();
    }
    if (holder().filter(holder -> holder.id().equals(id)).isPresent()) {
      remove();
    }
  }
}
