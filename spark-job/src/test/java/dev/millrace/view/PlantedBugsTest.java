package dev.millrace.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The random test finds bugs: each of {@link PlantedBug}, compiled into the engine, makes the seed
 * that it names fail, and without it the seed passes.
 */
class PlantedBugsTest {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void isCaughtByItsSeed(PlantedBug bug) throws Exception {
    assertThat(differences(planted(bug), new long[] {bug.seed()})).as(bug.toString()).isPresent();
  }

  @Test
  void theEngineAsItIsPassesAllOfThem() throws Exception {
    long[] seeds =
        java.util.Arrays.stream(PlantedBug.values())
            .mapToLong(PlantedBug::seed)
            .distinct()
            .toArray();

    assertThat(differences(getClass().getClassLoader(), seeds)).isEmpty();
  }

  /** Runs what {@link Run} does with the classes of a loader, Spark's executor among its users. */
  private Optional<String> differences(ClassLoader classes, long[] seeds) throws Exception {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(classes);
    try (SparkSession session = SparkTest.open("planted bugs")) {
      Object run = classes.loadClass(Run.class.getName()).getDeclaredConstructor().newInstance();
      @SuppressWarnings("unchecked")
      Optional<String> found =
          (Optional<String>)
              run.getClass()
                  .getDeclaredMethod("differences", SparkSession.class, Path.class, long[].class)
                  .invoke(run, session, folder, seeds);
      found.ifPresent(System.out::println);
      return found;
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  /** What is run by the classes of one loader. */
  public static final class Run {

    private static final int QUERIES = 8;
    private static final int BATCHES = 6;

    public Run() {}

    /** What differs first. */
    public Optional<String> differences(SparkSession session, Path folder, long[] seeds) {
      RandomViews views = new RandomViews(session, folder, QUERIES, List.of(), 1);
      for (long seed : seeds) {
        try {
          Optional<String> difference = views.firstDifference(seed, BATCHES);
          if (difference.isPresent()) {
            return difference;
          }
        } catch (Exception e) {
          // The engine has found that its state is wrong.
          return Optional.of("seed %d: %s".formatted(seed, e));
        }
      }
      return Optional.empty();
    }
  }

  /** The classes of this package, one of them with a bug. */
  private ClassLoader planted(PlantedBug bug) throws IOException {
    Path sources =
        Path.of(System.getProperty("millrace.home"), "spark-job/src/main/java/dev/millrace/view");
    String name = bug.className() + ".java";
    Path source = folder.resolve("source").resolve(name);
    Files.createDirectories(source.getParent());
    Files.writeString(source, bug.plantedIn(Files.readString(sources.resolve(name))));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
      List<String> options =
          List.of(
              "-proc:none",
              "-nowarn",
              "-d",
              classes.toString(),
              "-classpath",
              System.getProperty("java.class.path"));
      boolean isCompiled =
          compiler
              .getTask(null, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      assertThat(isCompiled).as("%s compiles", bug).isTrue();
    }
    return new PlantedClasses(classes, getClass().getClassLoader());
  }

  /** Defines this package's classes itself, those of a folder before those that it knows. */
  private static final class PlantedClasses extends ClassLoader {

    private static final String PACKAGE = PlantedBugsTest.class.getPackageName() + ".";

    private final Path folder;

    PlantedClasses(Path folder, ClassLoader parent) {
      super(parent);
      this.folder = folder;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(PACKAGE)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      Path planted = folder.resolve(file);
      try (InputStream in =
          Files.exists(planted)
              ? Files.newInputStream(planted)
              : getParent().getResourceAsStream(file)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
