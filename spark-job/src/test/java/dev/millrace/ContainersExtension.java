package dev.millrace;

import dev.millrace.ContainerImages.MissingImage;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.testcontainers.DockerClientFactory;

/**
 * Hands the tests of a class one stack of containers, started before the first of them and removed
 * after the last, even if they fail. Leaves the class out, and reports why, where there is no
 * engine or no image.
 */
final class ContainersExtension
    implements ExecutionCondition, BeforeAllCallback, ParameterResolver {

  /** What the tests can run on, or why they can't. */
  private record Provision(ContainerStack.Images images, String obstacle) {}

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Provision provision = provision(context);
    return provision.obstacle() == null
        ? ConditionEvaluationResult.enabled("on " + provision.images())
        : ConditionEvaluationResult.disabled(provision.obstacle());
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    // The store of a class closes what it holds when the class is done.
    store(context)
        .put(ContainerStack.class, ContainerStack.start(home(), provision(context).images()));
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == ContainerStack.class;
  }

  @Override
  public ContainerStack resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return store(context).get(ContainerStack.class, ContainerStack.class);
  }

  private static Provision provision(ExtensionContext context) {
    return store(context).getOrComputeIfAbsent(Provision.class, type -> provide(), Provision.class);
  }

  private static Provision provide() {
    Provision provision = look();
    if (provision.obstacle() == null) {
      System.out.println("containers of " + provision.images());
    } else {
      System.out.println("tests on containers are left out: " + provision.obstacle());
    }
    return provision;
  }

  private static Provision look() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      return new Provision(null, "no Docker engine answers");
    }
    try {
      ContainerImages images =
          new ContainerImages(DockerClientFactory.lazyClient(), System.getenv(), home());
      return new Provision(ContainerStack.Images.provide(home(), images), null);
    } catch (MissingImage e) {
      return new Provision(null, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while pulling an image", e);
    }
  }

  private static Path home() {
    return Path.of(System.getProperty("millrace.home"));
  }

  private static Store store(ExtensionContext context) {
    return context.getStore(Namespace.create(ContainersExtension.class));
  }
}
