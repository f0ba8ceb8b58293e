package dev.millrace.benchmark.measure;

import dev.millrace.benchmark.contender.Contender.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs cases in turn: first each alone, to warm it up, then round after round, all of them once in
 * each, so that what disturbs the machine for a while disturbs all of them. Every round begins with
 * another case.
 */
public final class Rounds {

  private final JavaPrograms programs;
  private final String bootstrapServers;
  private final Path logs;
  private final PrintWriter out;

  public Rounds(JavaPrograms programs, String bootstrapServers, Path logs, PrintWriter out) {
    this.programs = programs;
    this.bootstrapServers = bootstrapServers;
    this.logs = logs;
    this.out = out;
  }

  /** All processes live from the warm-up to the last round, and are idle while others run. */
  public List<Measured> run(List<Case> cases, int warmUps, int rounds) throws IOException {
    Files.createDirectories(logs);
    Map<String, ContenderProcess> processes = new LinkedHashMap<>();
    try {
      for (Case each : cases) {
        ContenderProcess process = processes.get(each.process());
        if (process == null) {
          process =
              ContenderProcess.start(
                  programs.command(each.program()), logs.resolve(each.process() + ".log"));
          processes.put(each.process(), process);
        }
        for (int i = 0; i < warmUps; i++) {
          report("warm-up", each, process.run(each.task(bootstrapServers)));
        }
      }
      Map<Case, List<Run>> runs = new LinkedHashMap<>();
      cases.forEach(each -> runs.put(each, new ArrayList<>()));
      List<Case> order = new ArrayList<>(cases);
      for (int round = 1; round <= rounds; round++) {
        for (Case each : order) {
          Run run = processes.get(each.process()).run(each.task(bootstrapServers));
          runs.get(each).add(run);
          report("round " + round, each, run);
        }
        Collections.rotate(order, -1);
      }
      return runs.entrySet().stream()
          .map(entry -> new Measured(entry.getKey(), entry.getValue()))
          .toList();
    } finally {
      for (ContenderProcess process : processes.values()) {
        process.close();
      }
    }
  }

  private void report(String when, Case measured, Run run) {
    out.printf(
        "%-9s %-14s %,9.0f rows/s  %6.2f s  %4.2f cores%n",
        when,
        measured.name(),
        run.messages() * 1e9 / run.nanoseconds(),
        run.nanoseconds() / 1e9,
        (double) run.cpuNanoseconds() / run.nanoseconds());
    out.flush();
  }
}
