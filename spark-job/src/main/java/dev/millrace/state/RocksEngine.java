package dev.millrace.state;

import java.io.File;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.execution.streaming.state.RocksDB;
import org.apache.spark.sql.execution.streaming.state.RocksDBConf;
import org.apache.spark.sql.execution.streaming.state.StateStoreConf;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.Utils;

/** Native stores on local disk: Spark's own. */
record RocksEngine(StateStoreConf conf, SerializableConfiguration hadoop) implements StoreEngine {

  @Override
  public OpenStore make(String location, String store) {
    RocksDB database = database(location, location);
    return new OpenStore() {
      @Override
      public StateStore open(long version) {
        database.load(version, false);
        return new RocksStore(database, database::rollback);
      }

      @Override
      public Optional<StateStore> copy(long version) {
        return Optional.empty();
      }

      @Override
      public void maintain() {
        database.doMaintenance();
      }

      @Override
      public void close() {
        database.close();
      }
    };
  }

  @Override
  public StateStore openCopy(String location, String store, long version) {
    RocksDB database = database(location, location + " (copy)");
    try {
      database.load(version, true);
    } catch (RuntimeException | Error e) {
      database.close();
      throw e;
    }
    return new RocksStore(database, database::close);
  }

  private RocksDB database(String location, String name) {
    Configuration hadoopConfiguration = hadoop.value();
    return new RocksDB(
        location, RocksDBConf.apply(conf), localDirectory(), hadoopConfiguration, name);
  }

  private static File localDirectory() {
    return Utils.createTempDir(Utils.getLocalDir(SparkEnv.get().conf()), "millrace-state");
  }
}
