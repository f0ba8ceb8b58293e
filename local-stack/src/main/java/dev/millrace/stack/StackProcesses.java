package dev.millrace.stack;

import dev.millrace.stack.LocalStackOptions.Lifetime;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ProcessIdentity;
import dev.millrace.stack.process.StackProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The processes of one stack: starts them side by side, writes each down the moment it starts,
 * notices their deaths and ends them in order.
 */
final class StackProcesses {

  private static final Duration COMPANION_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration COMPANION_TIMEOUT_AFTER_A_DEATH = Duration.ofSeconds(5);
  private static final List<Component> STOP_ORDER =
      List.of(Component.CASSANDRA, Component.CONNECT, Component.KAFKA, Component.POSTGRES);

  private final LocalStackOptions options;
  private final StackServers servers;
  private final Set<Component> components = EnumSet.noneOf(Component.class);
  private final Map<Component, StackProcess> processes = new EnumMap<>(Component.class);
  private final List<StackProcess> companions = new ArrayList<>();
  private final Map<Component, CompletableFuture<Void>> starts = new EnumMap<>(Component.class);
  private final Set<Component> endingOnPurpose = EnumSet.noneOf(Component.class);
  private final CompletableFuture<StackException> death = new CompletableFuture<>();
  private final Thread stopWithLauncher = new Thread(this::stop, "stop-local-stack");
  private final Object stopLock = new Object();

  /** Shared while a process is started and recorded, exclusive for whoever stops all of them. */
  private final ReadWriteLock startLock = new ReentrantReadWriteLock();

  private final CompletableFuture<Throwable> startFailure = new CompletableFuture<>();
  private StackState state;
  private boolean hasStopped;

  /** With the processes that {@code state} knows of; starts none. */
  StackProcesses(LocalStackOptions options, StackState state) {
    this.options = options;
    this.state = state;
    this.servers = new StackServers(options, state.ports());
    components.addAll(options.components());
    state
        .processes()
        .forEach(
            (component, identity) ->
                processes.put(
                    component,
                    StackProcess.found(component.title(), identity, servers.log(component))));
    state
        .companions()
        .forEach(
            (name, identity) ->
                companions.add(StackProcess.found(name, identity, servers.log(name))));
  }

  StackServers servers() {
    return servers;
  }

  /** Those that this stack has. */
  synchronized Set<Component> components() {
    return EnumSet.copyOf(components);
  }

  synchronized StackProcess process(Component component) {
    return processes.get(component);
  }

  synchronized Optional<ProcessIdentity> launcher() {
    return Optional.ofNullable(state.launcher());
  }

  synchronized boolean isStopping() {
    return hasStopped;
  }

  CompletableFuture<StackException> death() {
    return death;
  }

  // ------------------------------------------------------------------ starting

  /** Begins to start all and returns at once. */
  void launchAll() {
    Runtime.getRuntime().addShutdownHook(stopWithLauncher);
    long began = System.nanoTime();
    for (Component component : components) {
      starts.put(
          component,
          CompletableFuture.runAsync(
                  () -> startOne(component, began), task -> new Thread(task).start())
              // The first failure ends the others, which would wait in vain.
              .whenComplete(
                  (done, failure) -> {
                    if (failure != null) {
                      startFailure.complete(failure);
                      killAll();
                    }
                  }));
    }
  }

  /** Returns when the component is ready; where one fails, states which failed first. */
  void awaitReady(Component component) {
    try {
      join(starts.get(component));
    } catch (StackException e) {
      // Where another one failed before, this one was killed for it.
      throw known(startFailure.getNow(e));
    }
  }

  /**
   * Returns when all are ready; where one fails, stops the others and states which failed first.
   */
  void awaitAllReady() {
    CompletableFuture<?>[] all = starts.values().toArray(CompletableFuture[]::new);
    try {
      join(CompletableFuture.anyOf(failureOf(all), CompletableFuture.allOf(all)));
    } catch (StackException e) {
      stop();
      throw e;
    }
    synchronized (this) {
      state = state.completed();
      if (options.lifetime() == Lifetime.OUTLIVES_LAUNCHER) {
        state = state.outlivingItsLauncher();
        Runtime.getRuntime().removeShutdownHook(stopWithLauncher);
      }
      state.save(options.dataFolder());
    }
  }

  /** Starts a component that the stack does not have, and returns when it is ready. */
  void add(Component component) {
    synchronized (this) {
      if (components.contains(component)) {
        return;
      }
      PortAllocation.requireFree(component, state.ports());
      components.add(component);
    }
    try {
      startOne(component, System.nanoTime());
    } catch (RuntimeException e) {
      synchronized (this) {
        // The next attempt is not to take it for started.
        components.remove(component);
      }
      throw e;
    }
  }

  private void startOne(Component component, long began) {
    launch(component);
    servers.awaitReady(component, process(component));
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    options
        .progress()
        .accept("%s ready after %.1f s".formatted(component.title(), took.toMillis() / 1000.0));
  }

  private void launch(Component component) {
    StackProcess process = unlessStopped(() -> recorded(component, servers.start(component)));
    CompletableFuture<Void> unused =
        process.onExit().thenAccept(ended -> noticeEnd(component, ended));
  }

  /**
   * Whoever stops the stack waits for a start in progress, and a later one fails: no process is
   * started that nobody stops.
   */
  private StackProcess unlessStopped(Supplier<StackProcess> start) {
    startLock.readLock().lock();
    try {
      if (isStopping()) {
        throw StackErrors.stopped();
      }
      return start.get();
    } finally {
      startLock.readLock().unlock();
    }
  }

  private synchronized StackProcess recorded(Component component, StackProcess process) {
    processes.put(component, process);
    state = state.with(component, process.identity());
    state.save(options.dataFolder());
    endingOnPurpose.remove(component);
    if (hasStopped) {
      // Another one has failed meanwhile.
      process.kill();
    }
    return process;
  }

  private synchronized void noticeEnd(Component component, StackProcess ended) {
    boolean replaced = processes.get(component) != ended;
    if (!replaced && !endingOnPurpose.contains(component)) {
      death.complete(ended.death());
    }
  }

  private static CompletableFuture<Void> failureOf(CompletableFuture<?>[] all) {
    CompletableFuture<Void> first = new CompletableFuture<>();
    Arrays.stream(all)
        .forEach(
            each -> {
              CompletableFuture<?> unused =
                  each.whenComplete(
                      (done, failure) -> {
                        if (failure != null) {
                          first.completeExceptionally(failure);
                        }
                      });
            });
    return first;
  }

  private static void join(CompletableFuture<?> future) {
    try {
      future.join();
    } catch (CompletionException e) {
      throw known(e);
    }
  }

  private static RuntimeException known(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof StackException known ? known : new CompletionException(cause);
  }

  /** A process that belongs to the stack's user: it is stopped before the stack, or with it. */
  StackProcess startCompanion(
      String name, List<String> command, Map<String, String> environment, StackProcess.Output to) {
    return unlessStopped(
        () ->
            recorded(
                StackProcess.start(
                    name, command, environment, options.dataFolder(), servers.log(name), to)));
  }

  private synchronized StackProcess recorded(StackProcess companion) {
    companions.add(companion);
    state = state.withCompanion(companion.name(), companion.identity());
    state.save(options.dataFolder());
    return companion;
  }

  // ------------------------------------------------------------------ ending

  void kill(Component component) {
    synchronized (this) {
      endingOnPurpose.add(component);
    }
    process(component).kill();
  }

  void restart(Component component) {
    synchronized (this) {
      endingOnPurpose.add(component);
    }
    servers.stop(component, process(component));
    launch(component);
    servers.awaitReady(component, process(component));
  }

  /**
   * Stops the companions as they came, then Cassandra, Connect, Kafka and Postgres; returns when
   * all have ended, also when another thread is stopping them.
   */
  void stop() {
    synchronized (this) {
      endingOnPurpose.addAll(EnumSet.allOf(Component.class));
      hasStopped = true;
    }
    synchronized (stopLock) {
      startLock.writeLock().lock();
      try {
        stopInOrder(companions());
      } finally {
        startLock.writeLock().unlock();
      }
    }
  }

  private synchronized List<StackProcess> companions() {
    return List.copyOf(companions);
  }

  private void stopInOrder(List<StackProcess> stopping) {
    // Without the server that has died, a companion can't finish what it is doing.
    Duration timeout = death.isDone() ? COMPANION_TIMEOUT_AFTER_A_DEATH : COMPANION_TIMEOUT;
    for (StackProcess companion : stopping) {
      if (companion.isAlive()) {
        companion.stop(timeout);
        options.progress().accept(companion.name() + " stopped");
      }
    }
    for (Component component : STOP_ORDER) {
      StackProcess process = process(component);
      if (process != null && process.isAlive()) {
        servers.stop(component, process);
        options.progress().accept(component.title() + " stopped");
      }
    }
    StackState.delete(options.dataFolder());
  }

  /** Ends what a killed launcher left, fast; fails where the stack is not an orphan. */
  void endOrphans() {
    if (state.isRunning()) {
      throw StackErrors.alreadyRunning(
          options.dataFolder(),
          state.launcher() == null ? "" : " (process " + state.launcher().pid() + ")");
    }
    companions.stream().filter(StackProcess::isAlive).forEach(this::announceAndKill);
    for (Component component : STOP_ORDER) {
      StackProcess process = processes.get(component);
      if (process != null && process.isAlive()) {
        announce(process);
        servers.end(component, process);
      }
    }
    StackState.delete(options.dataFolder());
  }

  private void announceAndKill(StackProcess process) {
    announce(process);
    process.kill();
  }

  private void announce(StackProcess process) {
    options
        .progress()
        .accept(
            "Ending %s of an earlier run (process %d)"
                .formatted(process.name(), process.identity().pid()));
  }

  private synchronized void killAll() {
    endingOnPurpose.addAll(EnumSet.allOf(Component.class));
    hasStopped = true;
    processes.values().forEach(StackProcess::kill);
  }
}
