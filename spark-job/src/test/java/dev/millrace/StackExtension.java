package dev.millrace;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands tests one running stack, started for the first of them and stopped after the last. */
public final class StackExtension implements ParameterResolver {

  /** The topic that the shipped connector writes. */
  public static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == LocalStack.class;
  }

  @Override
  public LocalStack resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(StackExtension.class))
        .getOrComputeIfAbsent(LocalStack.class, type -> start(), LocalStack.class);
  }

  private static LocalStack start() {
    LocalStack stack = LocalStack.start(LocalStackOptions.in(newFolder()));
    stack.createTopic(TOPIC, 3);
    stack.register(stack.connector("ride-bookings"));
    return stack;
  }

  /** One for each start: tests that are run again, in the same process, begin with nothing. */
  private static Path newFolder() {
    try {
      return Files.createTempDirectory(Path.of("target"), "local-stack-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
