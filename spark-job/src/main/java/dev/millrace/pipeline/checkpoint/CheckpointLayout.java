package dev.millrace.pipeline.checkpoint;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.StateDefinition;
import dev.millrace.config.StateDefinition.Store;
import dev.millrace.error.RunErrors;
import dev.millrace.error.StateErrors;
import dev.millrace.state.StateStores;
import dev.millrace.table.InferredTableFile;
import dev.millrace.view.ViewEngine;
import dev.millrace.view.table.TableLayout;
import java.io.IOException;
import java.time.InstantSource;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Where each query keeps its position: {@code <checkpoints>/<pipeline>/<output>/<sink>}. Driver
 * only.
 *
 * <p>A position belongs to a sink, so that a sink that is new gets everything and one that is
 * switched back to continues where it stopped.
 */
public final class CheckpointLayout {

  /** What the name of the output that stands for the views of a table begins with. */
  public static final String VIEWS = "table.";

  private static final String SEEN = "seen";
  private static final String REBUILT = "state.rebuilt";

  private final Path folder;
  private final FileContext files;
  private final Configuration hadoop;
  private final SourceDefinition source;
  private final StateDefinition state;

  /**
   * The layout of a pipeline's checkpoints; no folder need exist.
   *
   * @throws dev.millrace.error.UserException where the file system can't be reached
   */
  public CheckpointLayout(PipelineDefinition pipeline, Configuration hadoop) {
    this.source = pipeline.source();
    this.state = pipeline.state();
    this.hadoop = hadoop;
    try {
      Path checkpoints = new Path(pipeline.checkpoints());
      this.files = FileContext.getFileContext(checkpoints.toUri(), hadoop);
      this.folder = new Path(files.makeQualified(checkpoints), pipeline.name());
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", pipeline.checkpoints(), e);
    }
  }

  /** What the pipeline's first run inferred of its table; no output's name has a dot. */
  public InferredTableFile frozenTable() {
    return new InferredTableFile(files, new Path(folder, "table.yaml"), source);
  }

  /** Which views feed which sinks, from which batch on. */
  public ViewLog viewLog(OutputDefinition views) {
    return new ViewLog(files, new Path(of(views), "views"));
  }

  /** Which rows of lookups the views were made with, from which batch on. */
  public LookupLog lookupLog(OutputDefinition views) {
    return new LookupLog(files, new Path(of(views), "lookups"));
  }

  /** How the state of the table is laid out. */
  public TableLayoutFile tableLayout(OutputDefinition views) {
    return new TableLayoutFile(files, new Path(of(views), "state"), state.store());
  }

  /** Who keeps the state of the table. */
  public StateLease lease(OutputDefinition views) {
    return new StateLease(files, new Path(of(views), "lease"), InstantSource.system());
  }

  /** The versions of the table's state, in the store that has them: batch N reads version N. */
  public StateStores stores(OutputDefinition views, SparkSession session) {
    TableLayoutFile layout = tableLayout(views);
    return stores(new Path(of(views), "state"), layout.store(), session)
        .shifted(layout.versionOffset());
  }

  /** Where state is made again before it replaces what there is. */
  public StateStores rebuiltStores(OutputDefinition views, SparkSession session) {
    return stores(new Path(of(views), REBUILT), state.store(), session);
  }

  private StateStores stores(Path root, Store store, SparkSession session) {
    int megabytes = state.memoryMegabytes();
    return switch (store) {
      case ROCKSDB -> StateStores.in(root.toString(), session, megabytes);
      case MEMORY ->
          StateStores.inMemory(root.toString(), session, megabytes, ViewEngine.ORDERED_KEYS);
    };
  }

  /** Which versions of {@link #seenStores} each batch reads. */
  public SeenVersions seenVersions(OutputDefinition output) {
    return new SeenVersions(files, new Path(of(output), SEEN));
  }

  /** The changes that an output has been given, a partition of the topic in each store. */
  public StateStores seenStores(OutputDefinition output, SparkSession session) {
    Path seen = new Path(of(output), SEEN);
    String place = seen.toString();
    return StateStores.in(
        new Path(seen, "topics").toString(),
        session,
        state.store() == Store.ROCKSDB ? state.memoryMegabytes() : 0,
        (location, version, cause) -> StateErrors.seenUnreadable(place, location, version, cause));
  }

  /** Removes what a rebuild that was stopped has left. */
  public void removeRebuiltState(OutputDefinition views) {
    remove(new Path(of(views), REBUILT));
  }

  /**
   * Replaces the state by the one that was made again.
   *
   * @param versionOffset what is to be added to a batch's number for its version in that state
   */
  public void replaceState(OutputDefinition views, TableLayout layout, long versionOffset) {
    Path rebuilt = new Path(of(views), REBUILT);
    Path state = new Path(of(views), "state");
    new TableLayoutFile(files, rebuilt, this.state.store()).write(layout, versionOffset);
    remove(state);
    try {
      files.rename(rebuilt, state);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", state.toString(), e);
    }
  }

  /** Whether an output stands for all views of a table. */
  public static boolean isOfViews(OutputDefinition output) {
    return output.name().startsWith(VIEWS);
  }

  /** The folder of an output's position; all views of a table have one. */
  public Path of(OutputDefinition output) {
    if (isOfViews(output)) {
      return new Path(folder, output.name());
    }
    return new Path(new Path(folder, output.name()), output.sink().kind());
  }

  /**
   * Makes sure that an output's folder can be written.
   *
   * @throws dev.millrace.error.UserException where it can't
   */
  public void prepare(OutputDefinition output) {
    Path checkpoint = of(output);
    try {
      files.mkdir(checkpoint, null, true);
      Path probe = new Path(checkpoint, ".writable");
      files.create(probe, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE)).close();
      files.delete(probe, false);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", checkpoint.toString(), e);
    }
  }

  /** What Spark keeps of an output's query. */
  public CheckpointLog log(OutputDefinition output) {
    return new CheckpointLog(files, hadoop, of(output), output.name());
  }

  /** Whether Spark has committed a batch of an output. */
  public boolean isCommitted(OutputDefinition output, long batchId) {
    return log(output).committed().orElse(-1) >= batchId;
  }

  /** Removes an output's position and state. */
  public void remove(OutputDefinition output) {
    remove(of(output));
  }

  private void remove(Path removed) {
    try {
      if (files.util().exists(removed)) {
        files.delete(removed, true);
      }
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", removed.toString(), e);
    }
  }

  /** Whether an output has a position. */
  public boolean has(OutputDefinition output) {
    try {
      return files.util().exists(of(output));
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", of(output).toString(), e);
    }
  }
}
