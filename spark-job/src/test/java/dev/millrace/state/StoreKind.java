package dev.millrace.state;

import org.apache.spark.sql.SparkSession;

/** The kinds of stores, which behave alike. */
enum StoreKind {
  ROCKSDB(".changelog", ".sst") {
    @Override
    StateStores in(String root, SparkSession session) {
      return StateStores.in(root, session, 64);
    }
  },
  MEMORY(".changes", ".snapshot") {
    @Override
    StateStores in(String root, SparkSession session) {
      return StateStores.inMemory(root, session, 64, StoreKind::isOrdered);
    }
  };

  private final String changelogSuffix;
  private final String snapshotSuffix;

  StoreKind(String changelogSuffix, String snapshotSuffix) {
    this.changelogSuffix = changelogSuffix;
    this.snapshotSuffix = snapshotSuffix;
  }

  abstract StateStores in(String root, SparkSession session);

  /** What the name of a changelog ends with, after its version. */
  String changelogSuffix() {
    return changelogSuffix;
  }

  /** What the name of some file of a snapshot ends with. */
  String snapshotSuffix() {
    return snapshotSuffix;
  }

  /** Keys that begin with 'b' are read in order. */
  static boolean isOrdered(String store, byte[] key) {
    return key.length > 0 && key[0] == 'b';
  }
}
