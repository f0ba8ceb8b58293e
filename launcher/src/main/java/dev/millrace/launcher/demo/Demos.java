package dev.millrace.launcher.demo;

import java.util.List;

/** The demos that can be played. */
public final class Demos {

  private Demos() {}

  /** All of them; the first is the one that needs no name. */
  public static List<DemoScenario> all() {
    return List.of(
        new RidesDemo(),
        new UsersDemo(),
        new SongsDemo(),
        new CassandraExportDemo(),
        new IntervalDemo(),
        new FilesDemo());
  }
}
