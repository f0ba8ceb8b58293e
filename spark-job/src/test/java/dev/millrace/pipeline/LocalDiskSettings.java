package dev.millrace.pipeline;

import java.util.Map;

/** What has Spark use {@link LocalDisk}, for the tests of other packages. */
public final class LocalDiskSettings {

  private LocalDiskSettings() {}

  public static Map<String, String> settings() {
    return LocalDisk.SETTINGS;
  }
}
