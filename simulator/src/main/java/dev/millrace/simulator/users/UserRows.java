package dev.millrace.simulator.users;

import java.util.Iterator;
import java.util.List;

/** Users as rows of plain values, without end: a function of the seed alone. */
public final class UserRows implements Iterator<List<String>> {

  private final UserGenerator users;

  public UserRows(long seed) {
    users = new UserGenerator(seed);
  }

  /** The names of the columns, those of a message's fields. */
  public static List<String> header() {
    return List.copyOf(new UserGenerator(0).next().fields().keySet());
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public List<String> next() {
    return List.copyOf(users.next().fields().values());
  }
}
