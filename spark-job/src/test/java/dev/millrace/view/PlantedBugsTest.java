package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The random test notices bugs: each is planted into a copy of one source file, which is compiled
 * and loaded in place of the real class, and a seed is named that finds it.
 */
class PlantedBugsTest {

  private static final Path SOURCES = Path.of("src/main/java/dev/millrace/view");

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          subtracts the new image          | TableStep      | accumulate(key, before, -1)                             | accumulate(key, after, -1)             | 1
          keeps a group without rows       | GroupStep      | if (change.hasRows() || isWholeTable)                   | if (!change.isZero() || isWholeTable)  | 1
          guards by LSN alone              | TableFold      | if (isStreamed && lsn.isPresent())                      | if (lsn.isPresent())                   | 1
          forgets the unchanged value      | TableFold      | values[column] = live.get(                              | values[column] = false ? null : change.get( | 1
          applies an older change          | TableFold      | row.partition() == partition && offset <= row.offset()  | false                                  | 1
          forgets the double occupancy     | TableFold      | occupied++;                                             | occupied += 0;                         | 1
          drops a change of equal count    | Group          | return rows == 0 && Arrays                              | return rows == 0 || Arrays             | 1
          never takes a NaN back           | Accumulator    | nans += sign;                                           | nans += Math.max(0, sign);             | 1
          truncates its own partition only | ViewEngine     | i < layout.partitions(); i++                            | i < 1; i++                             | 1
          tells -0.0 from 0.0              | Expressions    | return NormalizeFloatingNumbers$.MODULE$.normalize(expression); | return expression;             | 1
          ignores FILTER                   | Group          | if (filter >= 0 && (                                    | if (filter >= 0 && false && (          | 1
          """)
  void isFound(String bug, String source, String code, String planted, long seed) throws Exception {
    Path classes = compiled(source, code, planted);
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    // The session's executor finds the classes of its tasks by the loader of this thread.
    thread.setContextClassLoader(new PlantedLoader(classes, own));
    try (SparkSession session = SparkTest.open(bug)) {
      assertThat(found(session, thread.getContextClassLoader(), seed)).isTrue();
    } finally {
      thread.setContextClassLoader(own);
    }
  }

  private boolean found(SparkSession session, ClassLoader loader, long seed) throws Exception {
    Class<?> views = loader.loadClass(RandomViews.class.getName());
    var constructor = views.getDeclaredConstructor(SparkSession.class, Path.class);
    constructor.setAccessible(true);
    var isFound = views.getDeclaredMethod("isFound", long.class, int.class);
    isFound.setAccessible(true);
    return (boolean) isFound.invoke(constructor.newInstance(session, folder), seed, 10);
  }

  private Path compiled(String source, String code, String planted) throws IOException {
    String text = Files.readString(SOURCES.resolve(source + ".java"));
    assertThat(text).contains(code);
    Path file = folder.resolve(source + ".java");
    Files.writeString(file, text.replace(code, planted));
    Path classes = Files.createDirectory(folder.resolve("classes"));
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                file.toString());
    assertThat(result).isZero();
    return classes;
  }

  /** Defines the classes of the views and their tests itself, those with the bug first. */
  private static final class PlantedLoader extends ClassLoader {

    private final Path planted;

    PlantedLoader(Path planted, ClassLoader parent) {
      super(parent);
      this.planted = planted;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (List.of("dev.millrace.view.", "dev.millrace.state.").stream()
          .noneMatch(name::startsWith)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? define(name) : loaded;
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      String resource = name.replace('.', '/') + ".class";
      try (InputStream in =
          Files.exists(planted.resolve(resource))
              ? Files.newInputStream(planted.resolve(resource))
              : getParent().getResourceAsStream(resource)) {
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
