package dev.millrace;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testcontainers.utility.DockerImageName;

/**
 * Chooses the image of a service: the one that the service's variable names, in the environment;
 * else the official one, else its equal of {@code docker/local/images.env}, whichever the engine
 * has; else the official one, pulled.
 */
final class ContainerImages {

  private static final int PULL_MINUTES = 10;

  private final DockerClient engine;
  private final Map<String, String> environment;
  private final Properties localEquals = new Properties();

  /** What to say where an image can't be had. */
  static final class MissingImage extends Exception {

    MissingImage(String message) {
      super(message);
    }
  }

  ContainerImages(DockerClient engine, Map<String, String> environment, Path home) {
    this.engine = engine;
    this.environment = environment;
    try (Reader file = Files.newBufferedReader(home.resolve("docker/local/images.env"))) {
      localEquals.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The service's image, which the engine then has, as a substitute of the official one. */
  DockerImageName provide(ComposeService service) throws MissingImage, InterruptedException {
    String chosen = environment.get(service.imageVariable());
    List<String> candidates =
        chosen == null
            ? List.of(service.image(), localEquals.getProperty(service.imageVariable()))
            : List.of(chosen);
    String image =
        Stream.concat(candidates.stream().filter(this::isStored), candidates.stream())
            .findFirst()
            .orElseThrow();
    if (!isStored(image)) {
      pull(image, service.imageVariable());
    }
    return DockerImageName.parse(image).asCompatibleSubstituteFor(repository(service.image()));
  }

  private boolean isStored(String image) {
    try {
      engine.inspectImageCmd(image).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  private void pull(String image, String variable) throws MissingImage, InterruptedException {
    System.out.println("pulling " + image);
    String obstacle = "it took more than %d minutes".formatted(PULL_MINUTES);
    try {
      if (engine.pullImageCmd(image).start().awaitCompletion(PULL_MINUTES, TimeUnit.MINUTES)) {
        return;
      }
    } catch (DockerException e) {
      obstacle = e.getMessage().strip();
    }
    throw new MissingImage(
        "no image %s, and it can't be pulled: %s; build its equal with docker/local/build, or name another in %s"
            .formatted(image, obstacle, variable));
  }

  private static String repository(String image) {
    return DockerImageName.parse(image).getUnversionedPart();
  }
}
