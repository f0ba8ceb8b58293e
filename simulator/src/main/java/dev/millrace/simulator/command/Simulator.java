package dev.millrace.simulator.command;

import dev.millrace.simulator.BookingsFile;
import dev.millrace.simulator.Pace;
import dev.millrace.simulator.RideSimulation;
import dev.millrace.simulator.SimulationListener;
import dev.millrace.simulator.SimulationProgress;
import dev.millrace.simulator.SimulationSettings;
import dev.millrace.simulator.error.SimulatorErrors;
import dev.millrace.simulator.error.SimulatorException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command {@code simulate}. Progress and errors go to stderr, the summary to stdout. */
@Command(
    name = "simulate",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Plays ride bookings into public.business_ncr_ride_bookings: each is inserted, updated as its"
          + " ride continues, and sometimes deleted. The same seed gives the same rows. With --csv"
          + " it inserts the bookings of a file instead, each as it ended.",
      "",
      "A change is committed on its own as long as Postgres keeps up with the rate; changes that"
          + " fell due meanwhile, or all of them at --rate 0, share a transaction of at most 500."
          + " Ctrl-C ends the run after the transaction in flight.",
      ""
    },
    synopsisSubcommandLabel = "[users | songs | files]",
    commandListHeading = "%nOther things to simulate, each with its own --help:%n",
    footer = {
      "",
      "The password is read from POSTGRES_PASSWORD.",
      "Exit codes: 0 done or stopped by Ctrl-C, 1 failed at run time, 2 wrong input."
    })
public final class Simulator implements Callable<Integer> {

  /** Held here, as the level of a logger that nobody holds is forgotten. */
  private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");

  private static final long DEFAULT_RIDES = 10_000;

  @Option(
      names = "--rate",
      defaultValue = "200",
      paramLabel = "CHANGES",
      description =
          "Changes per second: inserts, updates and deletes together, about 4 a ride. 0: as fast as"
              + " possible. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--rows",
      paramLabel = "RIDES",
      description =
          "Rides to insert and to play to their end. 0: continue until Ctrl-C, or to the end of the"
              + " file. Default: 10000, or all of the file.")
  private Long rows;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description =
          "Insert the bookings of this file, which has the shape of ncr_ride_bookings.csv, instead of made-up ones. It is checked as a whole before the first is inserted.")
  private Path csv;

  @Option(
      names = "--jdbc-url",
      paramLabel = "URL",
      description =
          "The database. Default: made of POSTGRES_HOST, POSTGRES_PORT and POSTGRES_DB, here"
              + " ${DEFAULT-VALUE}.")
  private String jdbcUrl;

  @Option(
      names = "--user",
      description = "Who connects. Default: POSTGRES_USER, here ${DEFAULT-VALUE}.")
  private String user;

  @Mixin private CommonOptions common;
  @Spec private CommandSpec spec;

  private final Map<String, String> environment;

  private Simulator(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  public static void main(String[] arguments) {
    System.exit(
        commandLine(System.getenv())
            // Unlike picocli's own, this one knows of errors that System.out has met.
            .setOut(new PrintWriter(System.out, true, Charset.defaultCharset()))
            .execute(arguments));
  }

  /**
   * The command.
   *
   * @param environment {@code POSTGRES_HOST}, {@code _PORT}, {@code _DB}, {@code _USER} and {@code
   *     _PASSWORD} and {@code KAFKA_BOOTSTRAP_SERVERS} say where to connect, unless options do
   */
  public static CommandLine commandLine(Map<String, String> environment) {
    return new CommandLine(new Simulator(environment))
        .addSubcommand(new UsersCommand())
        .addSubcommand(new SongsCommand())
        .addSubcommand(new FilesCommand())
        .setExecutionExceptionHandler(
            (failure, command, parsed) ->
                FailureReport.show(
                    SimulatorErrors.unexpected(failure), command.getErr(), isDebug(parsed)))
        .setDefaultValueProvider(argument -> defaultOf(argument, environment));
  }

  private static boolean isDebug(ParseResult parsed) {
    ParseResult chosen = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
    return chosen.hasMatchedOption("--debug");
  }

  /** Null for a flag without a default from the environment. */
  private static String defaultOf(ArgSpec argument, Map<String, String> environment) {
    return switch (argument.isOption() ? ((OptionSpec) argument).longestName() : "") {
      case "--jdbc-url" ->
          "jdbc:postgresql://%s:%s/%s"
              .formatted(
                  environment.getOrDefault("POSTGRES_HOST", "localhost"),
                  environment.getOrDefault("POSTGRES_PORT", "5432"),
                  environment.getOrDefault("POSTGRES_DB", "business_db"));
      case "--user" -> environment.getOrDefault("POSTGRES_USER", "postgres");
      case "--bootstrap-servers" ->
          environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");
      case "--songs" ->
          Path.of(System.getProperty("millrace.home", ""), "pipelines", "data", "songs.csv")
              .toString();
      default -> null;
    };
  }

  /** The exit code: 0, 1 or 2. */
  @Override
  public Integer call() {
    DRIVER_LOG.setLevel(common.isDebug() ? Level.INFO : Level.OFF);
    try {
      List<String> problems =
          Stream.of(
                  SimulatorErrors.invalidRate("--rate", rate, "changes per second"),
                  SimulatorErrors.invalidCount("--rows", wanted(), "rides", "to play until Ctrl-C"),
                  SimulatorErrors.invalidUrl(jdbcUrl))
              .flatMap(Optional::stream)
              .toList();
      if (!problems.isEmpty()) {
        throw SimulatorErrors.invalidOptions(problems);
      }
      long most = wanted() == 0 ? SimulationSettings.ENDLESS : wanted();
      Optional<BookingsFile> file =
          Optional.ofNullable(csv).map(path -> BookingsFile.checked(path, most));
      try (Connection connection = connect()) {
        return file.isPresent() ? play(connection, file.get()) : play(connection, most);
      } catch (SQLException failure) {
        throw SimulatorErrors.cannotWrite(RideSimulation.TABLE, jdbcUrl, user, failure);
      }
    } catch (SimulatorException failure) {
      return common.report(failure);
    }
  }

  private long wanted() {
    if (rows != null) {
      return rows;
    }
    return csv == null ? DEFAULT_RIDES : 0;
  }

  private Connection connect() {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("ApplicationName", "millrace simulate");
    properties.setProperty("reWriteBatchedInserts", "true");
    properties.setProperty("connectTimeout", "10");
    String password = environment.get("POSTGRES_PASSWORD");
    if (password != null) {
      properties.setProperty("password", password);
    }
    try {
      return DriverManager.getConnection(jdbcUrl, properties);
    } catch (SQLException failure) {
      throw SimulatorErrors.cannotConnect(jdbcUrl, user, failure);
    }
  }

  private int play(Connection connection, long rides) {
    ProgressReport report = progressReport(rides);
    SimulationSettings settings = new SimulationSettings(common.seed(), rides, new Pace(rate));
    return play(new RideSimulation(connection, settings, listener(report)), report);
  }

  private int play(Connection connection, BookingsFile file) {
    ProgressReport report = progressReport(file.rows());
    return play(new RideSimulation(connection, file, new Pace(rate), listener(report)), report);
  }

  private ProgressReport progressReport(long rides) {
    return new ProgressReport(
        spec.commandLine().getErr(), rides, ProgressLine.Medium.ofThisProcess());
  }

  private SimulationListener listener(ProgressReport report) {
    return common.isQuiet() ? SimulationListener.SILENT : report;
  }

  private int play(RideSimulation simulation, ProgressReport report) {
    return common.run(
        () -> ProgressReport.summary(run(simulation)), simulation::stop, report::finish);
  }

  private SimulationProgress run(RideSimulation simulation) {
    try {
      return simulation.run();
    } catch (SQLException failure) {
      throw SimulatorErrors.cannotWrite(RideSimulation.TABLE, jdbcUrl, user, failure);
    }
  }
}
