package dev.millrace;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands the tests of a process one running stack, started for the first of them and stopped after
 * the last. A class that is run again, because a test failed, begins with a new one.
 */
public final class StackExtension implements ParameterResolver {

  /** The topic that the shipped connector writes. */
  public static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";

  private static final Namespace NAMESPACE = Namespace.create(StackExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == LocalStack.class;
  }

  @Override
  public LocalStack resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Store process = context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE);
    Store run = context.getStore(StoreScope.EXECUTION_REQUEST, NAMESPACE);
    Class<?> test = context.getRequiredTestClass();
    if (run.get(test) == null) {
      run.put(test, "begun");
      if (process.get(test) == null) {
        process.put(test, "begun");
      } else {
        Optional.ofNullable(process.remove(LocalStack.class, LocalStack.class))
            .ifPresent(LocalStack::close);
      }
    }
    return process.getOrComputeIfAbsent(LocalStack.class, type -> start(), LocalStack.class);
  }

  private static LocalStack start() {
    LocalStack stack = LocalStack.start(LocalStackOptions.in(newFolder()));
    stack.createTopic(TOPIC, 3);
    stack.register(stack.connector("ride-bookings"));
    return stack;
  }

  /** One for each start. */
  private static Path newFolder() {
    try {
      return Files.createTempDirectory(Path.of("target"), "local-stack-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
