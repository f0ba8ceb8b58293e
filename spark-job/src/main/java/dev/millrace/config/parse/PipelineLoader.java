package dev.millrace.config.parse;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.ConfigNode.Mapping;
import dev.millrace.error.UserErrors;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Loads a pipeline from its file, the environment and the flags. What beats what: flag,
 * environment, file, default. Runs on the driver; the only I/O is to read the file.
 */
public final class PipelineLoader {

  private final Map<String, String> environment;
  private final SinkKinds sinks;

  /**
   * Creates a loader.
   *
   * @param environment what <code>${NAME}</code> refers to
   * @param sinks the kinds that the file can choose from
   */
  public PipelineLoader(Map<String, String> environment, List<SinkKind> sinks) {
    this.environment = Map.copyOf(environment);
    this.sinks = new SinkKinds(sinks);
  }

  /**
   * Loads a pipeline.
   *
   * @param file as the user named it; messages repeat it
   * @throws dev.millrace.error.UserException with every problem of file, environment and flags, by
   *     line
   */
  public LoadedPipeline load(String file, Overrides overrides) {
    String text = read(file);
    Problems problems = new Problems();
    YamlParser yaml = new YamlParser(new Substitution(environment), problems);
    Reading reading = new Reading(problems, yaml);
    Mapping root = yaml.parseFile(text, file).orElseThrow(problems::toException);
    Mapping effective = new Overlay(problems, yaml, sinks).apply(root, overrides);
    PipelineDefinition definition =
        new PipelineParser(reading, sinks).parse(effective, overrides.outputs());
    if (!problems.isEmpty()) {
      throw problems.toException();
    }
    return new LoadedPipeline(definition, reading.settings());
  }

  private static String read(String file) {
    try {
      Path path = Path.of(file);
      if (Files.isDirectory(path)) {
        throw UserErrors.unreadableFile(file, "it is a folder", null);
      }
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw UserErrors.undecodableFile(file, StandardCharsets.UTF_8, e);
    } catch (NoSuchFileException e) {
      throw UserErrors.unreadableFile(file, "there is no such file", e);
    } catch (AccessDeniedException e) {
      throw UserErrors.unreadableFile(file, "its permissions forbid it", e);
    } catch (IOException | InvalidPathException e) {
      throw UserErrors.unreadableFile(file, e.getMessage(), e);
    }
  }
}
