package dev.millrace.benchmark.contender;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Wall-clock and processor time of this process from a moment on. */
public final class Stopwatch {

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long startNanoseconds = System.nanoTime();
  private final long startCpuNanoseconds = SYSTEM.getProcessCpuTime();

  public Contender.Run stop(long messages) {
    return new Contender.Run(
        messages,
        System.nanoTime() - startNanoseconds,
        SYSTEM.getProcessCpuTime() - startCpuNanoseconds);
  }
}
