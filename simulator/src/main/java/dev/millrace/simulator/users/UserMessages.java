package dev.millrace.simulator.users;

import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.Json;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Users as messages, keyed by their id; some of them malformed, if that is wanted.
 *
 * <p>A function of the seed, the number and the share. A malformed message is one of four, in turn:
 * JSON that is cut off, no JSON at all, an id that is not a UUID, no id.
 */
public final class UserMessages implements Iterator<Event> {

  private static final int KINDS = 4;
  private static final Pattern WHOLE_NUMBER = Pattern.compile("[1-9]\\d{0,8}");

  private final UserGenerator users;
  private final SplittableRandom random;
  private final double malformedShare;
  private final long count;
  private long made;
  private int malformed;

  /**
   * @param malformedShare from 0 to 1; the users of the other messages are the same at any share
   */
  public UserMessages(long seed, long count, double malformedShare) {
    this.users = new UserGenerator(seed);
    this.random = new SplittableRandom(seed);
    this.malformedShare = malformedShare;
    this.count = count;
  }

  @Override
  public boolean hasNext() {
    return made < count;
  }

  @Override
  public Event next() {
    if (!hasNext()) {
      throw new NoSuchElementException("All users are made");
    }
    made++;
    User user = users.next();
    boolean isMalformed = random.nextDouble() < malformedShare;
    return new Event(
        user.id().toString(),
        isMalformed ? malformed(user, malformed++ % KINDS) : Json.object(fields(user)));
  }

  /**
   * As randomuser.me gives them: the birthday as a point in time, a post code of digits as a
   * number.
   */
  private static Map<String, Object> fields(User user) {
    Map<String, Object> fields = new LinkedHashMap<>(user.fields());
    fields.put("dob", user.dob() + "T13:24:16.856Z");
    if (WHOLE_NUMBER.matcher(user.postCode()).matches()) {
      fields.put("post_code", Integer.parseInt(user.postCode()));
    }
    return fields;
  }

  private static String malformed(User user, int kind) {
    Map<String, Object> fields = fields(user);
    switch (kind) {
      case 0 -> {
        String json = Json.object(fields);
        return json.substring(0, json.length() / 2);
      }
      case 1 -> {
        return "no JSON: " + user.username();
      }
      case 2 -> fields.put("id", user.username());
      default -> fields.remove("id");
    }
    return Json.object(fields);
  }
}
