package dev.millrace.view;

/**
 * A bug that an engine like this one can have: a change of one place of its source, and the seed of
 * the random table that finds it.
 */
enum PlantedBug {
  SUBTRACTS_THE_NEW_IMAGE(
      "TableStep",
      1,
      "evaluate(key, before, stagesBefore, false);",
      "evaluate(key, after, stagesBefore, false);"),
  KEEPS_A_GROUP_WITHOUT_ROWS(
      "GroupRecords", 1, "if (change.hasRows() || grouping.isNeverEmpty()) {", "if (true) {"),
  /** A transaction that was open while its row was read commits with a lower LSN. */
  GUARDS_BY_LSN_ALONE(
      "table/TableFold", 1, "if (isStreamed && lsn.isPresent()) {", "if (lsn.isPresent()) {"),
  FORGETS_THE_UNCHANGED_VALUE(
      "table/TableFold",
      3,
      "live == null ? null : live.get(TableLayout.ROW_FIELDS + column, types[column]);",
      "null;"),
  LOOKS_FOR_THE_OLD_ROW_OF_A_NEW_KEY_ONCE(
      "ViewEngine", 2, ": MoveRounds.after(moves, results, changeFields);", ": Optional.empty();"),
  /** Redelivered, at a later offset. */
  APPLIES_AN_OLDER_CHANGE(
      "table/TableFold",
      3,
      "if (isStreamed && lsn.getAsLong() <= guard.getAsLong()) {",
      "if (false) {"),
  SKIPS_THE_STATE_STEP_ON_A_REPLAY(
      "ViewEngine",
      1,
      "StateStore store = opened(stores.open(TABLE_STORE, partition, version));",
      """
      try {
        stores.open(TABLE_STORE, partition, version + 1).abort();
        return java.util.Collections.emptyIterator();
      } catch (dev.millrace.error.UserException e) {
        // The version is not there: the batch runs for the first time.
      }
      StateStore store = opened(stores.open(TABLE_STORE, partition, version));
      """),
  TRUNCATES_ONE_PARTITION(
      "ViewEngine",
      7,
      "for (int i = 0; i < layout.partitions(); i++) {",
      "for (int i = 0; i < 1; i++) {"),
  DROPS_A_CHANGE_THAT_KEEPS_THE_COUNT(
      "aggregate/Group",
      1,
      "return rows == 0 && Arrays.stream(accumulators).allMatch(Accumulator::isZero);",
      "return rows == 0;"),
  /** {@code UPDATE t SET id = id + 1} under a deferrable key. */
  FORGETS_THAT_A_KEY_WAS_OCCUPIED(
      "table/TableFold",
      9,
      "if (operation.equals(\"c\") && isLive && transaction.isPresent()) {",
      "if (false) {"),
  IGNORES_FILTER(
      "aggregate/Group",
      1,
      "if (filter >= 0 && (inputs.isNullAt(filter) || !inputs.getBoolean(filter))) {",
      "if (filter >= 0 && inputs.isNullAt(filter)) {"),
  /** Of a key that was created after the snapshot, and that it can't contain. */
  REMOVES_KEYS_THAT_CAME_AFTER_A_SNAPSHOT(
      "table/Snapshots", 1, "return row.offset() < first;", "return true;"),
  /** Rows that a partition still holds come after the snapshot was applied, and stay. */
  APPLIES_A_SNAPSHOT_BEFORE_EVERY_PARTITION_HAS_PASSED(
      "table/Snapshots",
      1,
      "ends.getOrDefault(mark.getKey(), 0L) >= mark.getValue()",
      "mark.getValue() >= 0"),
  KEEPS_ROWS_THAT_A_SNAPSHOT_LACKS(
      "table/TableFold", 1, "if (snapshot.isMissed(row)) {", "if (false) {"),
  BEGINS_A_NEW_VIEW_WITHOUT_ROWS(
      "TableStep", 1, "return batch.isNew(view.plan.name())", "return false"),
  /** The maximum of the group is deleted, and so is what its record has. */
  FINDS_NO_OTHER_MAXIMUM(
      "aggregate/Values", 6, "if (kept.size() < min && indexed > 0) {", "if (false) {"),
  COUNTS_A_DISTINCT_VALUE_WITH_EACH_CHANGE(
      "aggregate/Values", 6, "if (before == 0 || after == 0) {", "if (true) {"),
  LEAVES_AN_INDEX_ENTRY_OF_A_VALUE_THAT_IS_GONE(
      "aggregate/ValueIndex", 11, "store.remove(key);", "// Nothing."),
  TAKES_AWAY_WHAT_THE_FILTER_LEFT_OUT(
      "aggregate/Group",
      1,
      "if (counts(aggregate, inputs)) {",
      """
      if (counts(aggregate, inputs)
          || (sign < 0
              && aggregate.filter() >= 0
              && aggregate.arguments() > 0
              && !inputs.isNullAt(aggregate.first()))) {
      """),
  MIXES_THE_INDEXES_OF_A_GROUP("GroupRecords", 6, ".putInt(aggregate)", ".putInt(0)"),
  /** A group that changes stays what it was for the level above, too. */
  LEAVES_THE_OLD_ROW_OF_A_GROUP_AT_THE_NEXT_LEVEL(
      "GroupLevel", 2, "accumulate(gone, -1);", "// Nothing."),
  /** Rows leave the top, and the index has the next ones. */
  FINDS_NO_NEXT_ROW_OF_A_TOP(
      "aggregate/First",
      29,
      "super(order, Math.max(max, 2 * limit), limit);",
      "super(order, Math.max(max, 2 * limit), 1);"),
  FORGETS_WHEN_A_ROW_CHANGES(
      "Schedule", 2, "store.put(entry(viewId, after, key), new byte[0]);", "// Nothing."),
  TAKES_AWAY_WHAT_A_ROW_IS_NOW(
      "TableStep",
      1,
      "? compiled(batch.before(), microsBefore)",
      "? compiled(batch.before(), microsNow)"),
  /** A row of the right side that is new is joined with the left side as it was. */
  LOSES_PAIRS_OF_TWO_NEW_ROWS(
      "JoinedLevel",
      84,
      "LEFT, (left, count) -> pairs(key, left, rightChanges, count, differences));",
      """
      LEFT, (left, count) -> {
        if (leftChanges.stream().noneMatch(each -> each.row().equals(left))) {
          pairs(key, left, rightChanges, count, differences);
        }
      });"""),
  /** A left join whose right side appears later. */
  KEEPS_THE_NULLS_OF_A_ROW_THAT_IS_MATCHED_NOW(
      "JoinedLevel",
      68,
      "(rule.kind() == JoinKind.LEFT && condition == null && !wasEmpty && !isEmpty)",
      "rule.kind() == JoinKind.LEFT"),
  FORGETS_THAT_THE_LAST_MATCH_IS_GONE(
      "JoinedLevel", 2, "wasEmpty != change.hasNoRow(RIGHT)", "wasEmpty"),
  JOINS_NULLS("JoinedLevel", 71, "return !row.anyNull();", "return true;"),
  JOINS_WHAT_THE_CONDITION_LEAVES_OUT(
      "JoinedLevel", 49, "condition == null || condition.eval(joined)", "true"),
  JOINS_A_ROW_THAT_IS_THERE_TWICE_ONCE("JoinedLevel", 24, "count * each.count()", "count"),
  /** Join key and aggregated value change in one update. */
  ADDS_ROWS_TO_ANOTHER_LEVEL(
      "TableStep", 8, "foundLevels.add(feed.level());", "foundLevels.add(0);"),
  KEEPS_THE_OLD_ROWS_OF_A_WINDOW(
      "WindowedLevel",
      4,
      "differences.addAll(results(key, records.read(key, stored), false), -1);",
      "records.read(key, stored);"),
  COUNTS_EQUAL_ROWS_OF_A_WINDOW_ONCE(
      "WindowFunctions",
      32,
      "for (long left = count; left > 0; left--)",
      "for (long left = 1; left > 0; left--)"),
  READS_THE_RECORD_OF_A_GROUP_ALONE(
      "aggregate/Values",
      5,
      "indexed == 0 ? first : new Concatenated<>(first, index.all())",
      "first"),
  COLLECTS_EQUAL_VALUES_ONCE(
      "aggregate/Collected",
      25,
      "for (long count = value.getValue(); count > 0; count--)",
      "for (long count = 1; count > 0; count--)"),
  KEEPS_THE_OTHER_SIDE_OF_A_RIGHT_JOIN(
      "plan/PlanBuilder",
      24,
      "boolean isTurned = join.joinType() instanceof RightOuter$;",
      "boolean isTurned = false;"),
  PAIRS_ROWS_OF_ONE_KEY_ONCE(
      "RowDifferences",
      24,
      "for (long left = count * sign; left > 0; left--)",
      "if (count * sign > 0)");

  private final String className;
  private final long seed;
  private final String right;
  private final String wrong;

  PlantedBug(String className, long seed, String right, String wrong) {
    this.className = className;
    this.seed = seed;
    this.right = right;
    this.wrong = wrong;
  }

  /** The class of this package that has it. */
  String className() {
    return className;
  }

  /** Of {@link RandomViews}. */
  long seed() {
    return seed;
  }

  /** The class's source with the bug. */
  String plantedIn(String source) {
    int place = source.indexOf(right);
    if (place < 0 || place != source.lastIndexOf(right)) {
      throw new AssertionError(
          "%s: %s does not have this once any more; plant the bug elsewhere:%n%s"
              .formatted(this, className, right));
    }
    return source.replace(right, wrong);
  }
}
