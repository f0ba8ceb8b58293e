package dev.millrace.config;

import dev.millrace.error.TableErrors;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Postgres logs of the old row of an update or a delete: the table's {@code REPLICA IDENTITY}.
 *
 * <p>With any but {@link Kind#FULL} Postgres logs the columns of the identity alone, and Debezium
 * invents the others of a delete: null, or for a {@code NOT NULL} column {@code ''}, 0, false or
 * 1970-01-01.
 *
 * @param index the unique index of {@link Kind#INDEX}; empty for every other kind
 */
public record ReplicaIdentity(Kind kind, Optional<String> index) {

  /** The whole old row. */
  public static final ReplicaIdentity FULL = new ReplicaIdentity(Kind.FULL, Optional.empty());

  /** The primary key, if there is one; what a table has that nobody has altered. */
  public static final ReplicaIdentity DEFAULT = new ReplicaIdentity(Kind.DEFAULT, Optional.empty());

  /** No column at all: Postgres then refuses updates and deletes of a published table. */
  public static final ReplicaIdentity NOTHING = new ReplicaIdentity(Kind.NOTHING, Optional.empty());

  private static final Pattern INDEX = Pattern.compile("index +(\\S.*)");

  /** The kinds that Postgres has. */
  public enum Kind {
    DEFAULT,
    FULL,
    INDEX,
    NOTHING
  }

  public static ReplicaIdentity ofIndex(String index) {
    return new ReplicaIdentity(Kind.INDEX, Optional.of(index));
  }

  /** Whether every column of a deleted row is known; else only its key is. */
  public boolean hasWholeRow() {
    return kind == Kind.FULL;
  }

  /**
   * Reads an identity as a pipeline file spells it.
   *
   * @throws IllegalArgumentException with what is expected instead
   */
  public static ReplicaIdentity parse(String text) {
    Matcher matcher = INDEX.matcher(text.strip());
    if (matcher.matches()) {
      return ofIndex(matcher.group(1));
    }
    return switch (text) {
      case "default" -> DEFAULT;
      case "full" -> FULL;
      case "nothing" -> NOTHING;
      default -> throw new IllegalArgumentException(TableErrors.expectReplicaIdentity());
    };
  }

  /** As a pipeline file spells it: {@code full}, {@code index orders_number_key}. */
  public String spelling() {
    return kind.name().toLowerCase(Locale.ROOT) + index.map(name -> " " + name).orElse("");
  }
}
