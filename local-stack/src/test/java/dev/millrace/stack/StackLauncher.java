package dev.millrace.stack;

import java.nio.file.Path;

/** A launcher to be killed: starts a stack, lets a row cross, reports it and waits. */
final class StackLauncher {

  private StackLauncher() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (LocalStack stack = LocalStack.start(LocalStackOptions.in(Path.of(arguments[0])))) {
      stack.register(stack.connector("ride-bookings"));
      stack.execute("INSERT INTO business_ncr_ride_bookings (id) VALUES (1)");
      System.out.println("ready");
      Thread.currentThread().join();
    }
  }
}
