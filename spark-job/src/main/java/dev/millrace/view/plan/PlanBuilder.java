package dev.millrace.view.plan;

import dev.millrace.error.ViewErrors;
import dev.millrace.event.Relation;
import dev.millrace.view.aggregate.Aggregate;
import dev.millrace.view.aggregate.ValueOrder;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.TableLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.Add;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression$;
import org.apache.spark.sql.catalyst.expressions.PosExplode;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.VirtualColumn;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.planning.ExtractEquiJoinKeys$;
import org.apache.spark.sql.catalyst.planning.PhysicalAggregation$;
import org.apache.spark.sql.catalyst.plans.Cross$;
import org.apache.spark.sql.catalyst.plans.ExistenceJoin;
import org.apache.spark.sql.catalyst.plans.Inner$;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.LeftAnti$;
import org.apache.spark.sql.catalyst.plans.LeftOuter$;
import org.apache.spark.sql.catalyst.plans.LeftSemi$;
import org.apache.spark.sql.catalyst.plans.RightOuter$;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.JoinHint;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionOperation;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.catalyst.plans.logical.WindowGroupLimit;
import org.apache.spark.sql.execution.LocalTableScanExec;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.window.WindowExec;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.Tuple4;
import scala.Tuple8;

/** The planning of one view, from its optimised plan. Driver only. */
final class PlanBuilder {

  private final String name;
  private final String place;
  private final Relations relations;
  private final TableLayout layout;
  private final AggregatePlanner planner;

  /** What an attribute is another name of. */
  private final Map<ExprId, Expression> names = new HashMap<>();

  private final Map<ExprId, String> tableColumns = new HashMap<>();

  /** The lookups that are joined, and their columns as DDL. */
  private final Map<String, String> joined = new HashMap<>();

  private final List<FeedDraft> tableFeeds = new ArrayList<>();
  private final List<LevelDraft> levels = new ArrayList<>();
  private int joins;
  private String lookupName;
  private boolean isTimed;

  PlanBuilder(
      String name,
      String place,
      Relations relations,
      TableLayout layout,
      AggregatePlanner planner) {
    this.name = name;
    this.place = place;
    this.relations = relations;
    this.layout = layout;
    this.planner = planner;
  }

  /** Rows whose stages, and what takes them, are not known yet. */
  private static final class FeedDraft {

    private final List<RowStage> stages = new ArrayList<>();
    private final boolean isOfTable;

    /** Whether two of its rows may have the same key. */
    private boolean canRepeatKey;

    private int level = ViewPlan.Feed.RESULT;
    private List<Expression> keys = List.of();
    private List<Expression> inputs = List.of();

    FeedDraft(boolean isOfTable) {
      this.isOfTable = isOfTable;
    }

    void add(RowStage stage) {
      stages.add(stage);
    }

    ViewPlan.Feed feed() {
      return new ViewPlan.Feed(stages, level, keys, inputs);
    }
  }

  /** A level whose results are not complete yet. */
  private record LevelDraft(
      List<Attribute> key, List<Aggregate> aggregates, GroupRule rule, FeedDraft results) {}

  /**
   * The rows of a part of the plan.
   *
   * @param columns what a row has
   * @param key what the rows are known by; less than that where some columns of it are not there
   * @param isKeyWhole whether they are
   * @param isKeyOfGroups whether it is that of GROUP BY
   */
  private record Rows(
      FeedDraft feed,
      List<Attribute> columns,
      List<Attribute> key,
      boolean isKeyWhole,
      boolean isKeyOfGroups) {

    Rows with(List<Attribute> other) {
      return new Rows(feed, other, key, isKeyWhole, isKeyOfGroups);
    }
  }

  ViewPlan plan(LogicalPlan optimized) {
    Rows rows = build(optimized);
    // The result is a row of its own even where no stage made one.
    List<Attribute> columns = Expressions.list(optimized.output());
    rows.feed()
        .add(new RowStage.Project(Arrays.asList(Expressions.bindAll(columns, rows.columns()))));
    List<String> keyColumns = keyOf(rows.key(), columns, rows.isKeyOfGroups());
    return new ViewPlan(
        name,
        optimized.schema(),
        keyColumns,
        rows.isKeyWhole() && keyColumns.size() == rows.key().size() && !rows.feed().canRepeatKey,
        false,
        relations.read(optimized),
        joined,
        isTimed,
        tableFeeds.stream().map(FeedDraft::feed).toList(),
        levels.stream()
            .map(
                level ->
                    new ViewPlan.Grouping(
                        keyType(level.key(), columns),
                        level.aggregates(),
                        level.rule(),
                        level.results().feed()))
            .toList());
  }

  private StructType keyType(List<Attribute> key, List<Attribute> columns) {
    StructType type = new StructType();
    for (Attribute attribute : key) {
      type = type.add(nameIn(columns, attribute), attribute.dataType());
    }
    return type;
  }

  /** The stages and levels of a plan, and its rows. */
  private Rows build(LogicalPlan plan) {
    if (plan instanceof Sort sort) {
      return build(sort.child());
    }
    if (plan instanceof org.apache.spark.sql.catalyst.plans.logical.Aggregate) {
      return aggregate(plan);
    }
    Optional<TopRows> top = TopRows.in(plan);
    if (top.isPresent()) {
      return top(top.get());
    }
    if (plan instanceof Window window) {
      return window(window);
    }
    if (plan.children().isEmpty() || plan instanceof Union) {
      FeedDraft feed = new FeedDraft(true);
      tableFeeds.add(feed);
      List<Attribute> output = rows(plan, feed);
      List<Attribute> key = plan instanceof Union union ? keyOf(union) : keyOf(output);
      return new Rows(feed, output, key, key.size() == relations.tableKey().size(), false);
    }
    if (plan instanceof Join join && readsTableTwice(join)) {
      return tableJoin(join);
    }
    Rows input = build(tableSide(plan));
    if (!input.feed().isOfTable && plan instanceof Join) {
      throw ViewErrors.unsupported(
          place,
          "a join of a lookup with the result of GROUP BY, LIMIT, a window function or another join",
          "Join the table with the lookup first, in a subquery.");
    }
    if (!input.feed().isOfTable && plan instanceof Generate) {
      throw ViewErrors.unsupported(
          place,
          "LATERAL VIEW or a function that returns rows (explode) over the result of GROUP BY",
          "Use it in a subquery, below GROUP BY.");
    }
    return input.with(stage(plan, input.columns(), input.feed()));
  }

  private Rows aggregate(LogicalPlan plan) {
    Tuple4<
            scala.collection.Seq<NamedExpression>,
            scala.collection.Seq<AggregateExpression>,
            scala.collection.Seq<NamedExpression>,
            LogicalPlan>
        parts = PhysicalAggregation$.MODULE$.unapply(plan).get();
    List<NamedExpression> keys = Expressions.list(parts._1());
    List<AggregateExpression> aggregates = Expressions.list(parts._2());
    List<NamedExpression> results = Expressions.list(parts._3());
    Rows input = input(parts._4());
    List<Expression> inputs = new ArrayList<>();
    List<Aggregate> kept = new ArrayList<>();
    for (AggregateExpression aggregate : aggregates) {
      kept.add(planner.plan(aggregate, input.columns(), inputs));
    }
    List<Attribute> keyAttributes = keys.stream().map(NamedExpression::toAttribute).toList();
    List<Attribute> grouped = new ArrayList<>(keyAttributes);
    aggregates.forEach(aggregate -> grouped.add(aggregate.resultAttribute()));
    FeedDraft feed =
        level(
            keyAttributes, kept, new GroupRule.Aggregated(), input, groupKeys(keys, input), inputs);
    List<Attribute> columns = project(results, grouped, feed);
    return new Rows(feed, columns, keyAttributes, true, true);
  }

  private List<Expression> groupKeys(List<NamedExpression> keys, Rows input) {
    return keys.stream()
        .map(each -> Expressions.normalized(Expressions.bind(unnamed(each), input.columns())))
        .toList();
  }

  /** Adds a level, which takes the rows of {@code input}; its results. */
  private FeedDraft level(
      List<Attribute> key,
      List<Aggregate> aggregates,
      GroupRule rule,
      Rows input,
      List<Expression> keys,
      List<Expression> inputs) {
    FeedDraft results = new FeedDraft(false);
    feed(input.feed(), keys, inputs);
    levels.add(new LevelDraft(key, aggregates, rule, results));
    return results;
  }

  /** Has the level that is added next take rows. */
  private void feed(FeedDraft feed, List<Expression> keys, List<Expression> inputs) {
    watch(keys, feed);
    watch(inputs, feed);
    feed.level = levels.size();
    feed.keys = keys;
    feed.inputs = inputs;
  }

  /** ORDER BY with LIMIT: the level whose groups are the first rows of each partition. */
  private Rows top(TopRows top) {
    Rows input = input(top.child());
    Ordered ordered = ordered(input, top.child(), top.orders(), "ORDER BY ... LIMIT");
    StructType kept = new StructType();
    for (int i = 0; i < ordered.order().types().size(); i++) {
      kept = kept.add("c" + i, ordered.order().types().get(i));
    }
    DataType rows = DataTypes.createArrayType(kept, false);
    List<NamedExpression> partitions = top.partitions();
    FeedDraft results =
        level(
            partitions.stream().map(NamedExpression::toAttribute).toList(),
            List.of(
                Aggregate.first(
                    0,
                    ordered.order(),
                    rows,
                    planner.maxKept(),
                    top.limit(),
                    "ORDER BY ... LIMIT")),
            new GroupRule.Aggregated(),
            input,
            groupKeys(partitions, input),
            ordered.inputs());
    results.canRepeatKey = input.feed().canRepeatKey;
    results.add(
        new RowStage.Generate(
            new PosExplode(new BoundReference(partitions.size(), rows, false)),
            false,
            List.of(),
            2));
    List<Expression> columns = new ArrayList<>();
    for (int i = 0; i < ordered.columns().size(); i++) {
      columns.add(
          new GetStructField(
              new BoundReference(1, kept, false), ordered.ordinals().get(i), Option.empty()));
    }
    List<Attribute> output = new ArrayList<>(ordered.columns());
    if (top.rowNumber().isPresent()) {
      output.add(top.rowNumber().get());
      columns.add(
          new Add(
              new BoundReference(0, DataTypes.IntegerType, false),
              Literal.create(1, DataTypes.IntegerType)));
    }
    results.add(new RowStage.Project(columns));
    if (top.condition().isPresent()) {
      results.add(new RowStage.Filter(Expressions.bind(top.condition().get(), output)));
    }
    for (Project each : top.projections()) {
      output = project(Expressions.list(each.projectList()), output, results);
    }
    return new Rows(results, output, input.key(), input.isKeyWhole(), input.isKeyOfGroups());
  }

  /**
   * Rows with an order in which no two that differ are equal.
   *
   * @param columns what a row has
   * @param ordinals of the columns among the inputs
   * @param inputs the expressions of the order, then the columns that are not among them
   * @param order of the inputs
   */
  private record Ordered(
      List<Attribute> columns, List<Integer> ordinals, List<Expression> inputs, ValueOrder order) {}

  private Ordered ordered(Rows input, LogicalPlan plan, List<TopRows.Order> orders, String clause) {
    List<Attribute> columns = columnsOf(input, plan, clause);
    List<Expression> inputs = new ArrayList<>();
    List<DataType> types = new ArrayList<>();
    List<Boolean> areDescending = new ArrayList<>();
    Map<ExprId, Integer> placed = new HashMap<>();
    for (TopRows.Order order : orders) {
      Expression bound = Expressions.bind(order.expression(), input.columns());
      Expression normalized = Expressions.normalized(bound);
      if (order.expression() instanceof Attribute attribute && normalized == bound) {
        placed.putIfAbsent(attribute.exprId(), inputs.size());
      }
      inputs.add(normalized);
      types.add(order.expression().dataType());
      areDescending.add(order.isDescending());
    }
    List<Integer> ordinals = new ArrayList<>();
    for (Attribute column : columns) {
      Integer ordinal = placed.get(column.exprId());
      ordinals.add(ordinal == null ? inputs.size() : ordinal);
      if (ordinal == null) {
        inputs.add(Expressions.bind(column, input.columns()));
        types.add(column.dataType());
        areDescending.add(false);
      }
    }
    return new Ordered(columns, ordinals, inputs, new ValueOrder(types, areDescending));
  }

  /** Of a row of the table without what the state notes of it, which is not a column. */
  private List<Attribute> columnsOf(Rows input, LogicalPlan plan, String clause) {
    List<Attribute> columns =
        input.columns().stream().filter(each -> plan.outputSet().contains(each)).toList();
    for (Attribute column : columns) {
      if (!ValueOrder.has(column.dataType())) {
        throw ViewErrors.unsupported(
            place,
            clause + " with the column " + column.name() + " of type " + column.dataType().sql(),
            "Select only columns whose values have an order.");
      }
    }
    return columns;
  }

  /** The level whose groups are the rows of each partition of a window. */
  private Rows window(Window window) {
    LogicalPlan below = window.child();
    List<SortOrder> orders = Expressions.list(window.orderSpec());
    Optional<Sort> sorted = sorted(below);
    if (sorted.isPresent()) {
      orders = Expressions.list(sorted.get().order());
      below = sorted.get().child();
    }
    if (below instanceof WindowGroupLimit || below instanceof RepartitionOperation) {
      below = onlyChild(below);
    }
    for (NamedExpression function : Expressions.list(window.windowExpressions())) {
      if (BatchTime.isIn((Expression) function)) {
        throw ViewErrors.timeNotCompared(place, "now()");
      }
    }
    Rows input = input(below);
    Ordered ordered = ordered(input, below, TopRows.orders(orders), "a window function");
    List<NamedExpression> partitions = TopRows.partitions(window);
    List<NamedExpression> functions = Expressions.list(window.windowExpressions());
    FeedDraft results =
        level(
            partitions.stream().map(NamedExpression::toAttribute).toList(),
            List.of(Aggregate.rows(-1, 0, ordered.order(), planner.maxKept(), "a window function")),
            new GroupRule.Windowed(
                new WindowExec(
                    window.windowExpressions(),
                    Expressions.seq(List.of()),
                    window.orderSpec(),
                    new LocalTableScanExec(
                        Expressions.seq(ordered.columns()), Expressions.seq(List.of()))),
                ordered.ordinals()),
            input,
            groupKeys(partitions, input),
            ordered.inputs());
    results.canRepeatKey = input.feed().canRepeatKey;
    List<Attribute> columns = new ArrayList<>(ordered.columns());
    functions.forEach(function -> columns.add(function.toAttribute()));
    return new Rows(results, columns, input.key(), input.isKeyWhole(), input.isKeyOfGroups());
  }

  /** Where the rows of a window are sorted by more than its functions need. */
  private static Optional<Sort> sorted(LogicalPlan plan) {
    if (plan instanceof Sort sort) {
      return Optional.of(sort);
    }
    boolean isPassedOn =
        plan instanceof WindowGroupLimit
            || (plan instanceof Project project
                && Expressions.list(project.projectList()).stream()
                    .allMatch(Attribute.class::isInstance));
    return isPassedOn ? sorted(onlyChild(plan)) : Optional.empty();
  }

  private boolean readsTableTwice(Join join) {
    return relations.readTable(join.left()) && relations.readTable(join.right());
  }

  /** The level whose groups are the rows of both sides that have the same key. */
  private Rows tableJoin(Join join) {
    boolean isTurned = join.joinType() instanceof RightOuter$;
    JoinKind kind = tableKind(join.joinType());
    Option<
            Tuple8<
                JoinType,
                scala.collection.Seq<Expression>,
                scala.collection.Seq<Expression>,
                Option<Expression>,
                Option<Expression>,
                LogicalPlan,
                LogicalPlan,
                JoinHint>>
        equal = ExtractEquiJoinKeys$.MODULE$.unapply(join);
    if (equal.isEmpty()) {
      throw ViewErrors.unsupported(
          place,
          "a join of the table with itself without an equality",
          "Add one, for example ON a.customer = b.customer; for NOT IN use NOT EXISTS.");
    }
    if (BatchTime.isIn(join.condition().get())) {
      throw ViewErrors.unsupported(
          place,
          "now() in a join of the table with itself",
          "Compare it in WHERE, below the join.");
    }
    LogicalPlan leftPlan = isTurned ? join.right() : join.left();
    LogicalPlan rightPlan = isTurned ? join.left() : join.right();
    List<Expression> leftKeys = Expressions.list(isTurned ? equal.get()._3() : equal.get()._2());
    List<Expression> rightKeys = Expressions.list(isTurned ? equal.get()._2() : equal.get()._3());
    Rows left = input(leftPlan);
    Rows right = input(rightPlan);
    String clause = "a join of the table with itself";
    List<Attribute> leftColumns = columnsOf(left, leftPlan, clause);
    List<Attribute> rightColumns = columnsOf(right, rightPlan, clause);
    List<Attribute> both = new ArrayList<>(leftColumns);
    rightColumns.forEach(
        column -> both.add(kind == JoinKind.LEFT ? column.withNullability(true) : column));
    Option<Expression> condition = equal.get()._4();
    feed(
        right.feed(),
        normalized(rightKeys, right.columns()),
        side(false, leftColumns, rightColumns, right));
    FeedDraft results =
        level(
            leftKeys.stream().map(PlanBuilder::named).toList(),
            List.of(
                Aggregate.rows(0, 1, orderOf(leftColumns), planner.maxKept(), clause),
                Aggregate.rows(
                    leftColumns.size() + 1,
                    leftColumns.size() + 2,
                    orderOf(rightColumns),
                    planner.maxKept(),
                    clause)),
            new GroupRule.Joined(
                kind,
                condition.isDefined() ? Expressions.bind(condition.get(), both) : null,
                leftColumns.size(),
                rightColumns.size()),
            left,
            normalized(leftKeys, left.columns()),
            side(true, leftColumns, rightColumns, left));
    results.canRepeatKey = left.feed().canRepeatKey;
    if (!kind.hasRightColumns()) {
      return new Rows(results, leftColumns, left.key(), left.isKeyWhole(), left.isKeyOfGroups());
    }
    results.canRepeatKey |= right.feed().canRepeatKey;
    return joined(results, both, left, right, isKeyOf(right, rightKeys));
  }

  /** The rows of both sides; one of the left side matches one at most where the key is joined. */
  private static Rows joined(
      FeedDraft results, List<Attribute> both, Rows left, Rows right, boolean isRightUnique) {
    List<Attribute> key = new ArrayList<>(left.key());
    if (!isRightUnique) {
      key.addAll(right.key());
    }
    return new Rows(results, both, key, left.isKeyWhole() && right.isKeyWhole(), false);
  }

  private boolean isKeyOf(Rows rows, List<Expression> joined) {
    return rows.isKeyWhole()
        && rows.key().stream()
            .allMatch(
                column ->
                    joined.stream()
                        .anyMatch(
                            each -> each instanceof Attribute name && isNameOf(name, column)));
  }

  private static Attribute named(Expression key) {
    return key instanceof Attribute attribute
        ? attribute
        : new AttributeReference(
            key.sql(),
            key.dataType(),
            true,
            Metadata.empty(),
            NamedExpression$.MODULE$.newExprId(),
            Expressions.seq(List.of()));
  }

  private static ValueOrder orderOf(List<Attribute> columns) {
    return new ValueOrder(columns.stream().map(Attribute::dataType).toList(), false);
  }

  /**
   * The inputs of a level that joins: of each side whether the row is one of it, and its columns.
   */
  private static List<Expression> side(
      boolean isLeft, List<Attribute> left, List<Attribute> right, Rows rows) {
    List<Expression> inputs = new ArrayList<>();
    addSide(inputs, isLeft, left, rows);
    addSide(inputs, !isLeft, right, rows);
    return inputs;
  }

  private static void addSide(
      List<Expression> inputs, boolean isOwn, List<Attribute> columns, Rows rows) {
    inputs.add(Literal.create(isOwn, DataTypes.BooleanType));
    for (Attribute column : columns) {
      inputs.add(
          isOwn
              ? Expressions.bind(column, rows.columns())
              : Literal.create((Object) null, column.dataType()));
    }
  }

  private JoinKind tableKind(JoinType type) {
    if (type instanceof Inner$ || type instanceof Cross$) {
      return JoinKind.INNER;
    }
    if (type instanceof LeftOuter$ || type instanceof RightOuter$) {
      return JoinKind.LEFT;
    }
    if (type instanceof LeftSemi$) {
      return JoinKind.SEMI;
    }
    if (type instanceof LeftAnti$) {
      return JoinKind.ANTI;
    }
    throw ViewErrors.unsupported(
        place,
        type instanceof ExistenceJoin
            ? "EXISTS or IN next to OR"
            : "a FULL JOIN of the table with itself",
        type instanceof ExistenceJoin
            ? "Use one output for each side of OR."
            : "Use two outputs: a LEFT JOIN, and the rows of the other side with NOT EXISTS.");
  }

  /** The rows that a level takes: rows of their own, regardless of their last stage. */
  private Rows input(LogicalPlan plan) {
    Rows input = build(plan);
    if (levels.size() == ViewPlan.MAX_LEVELS) {
      throw ViewErrors.unsupported(
          place,
          "more than "
              + ViewPlan.MAX_LEVELS
              + " GROUP BY, LIMIT, window functions and joins of the table with itself",
          "Use fewer of them.");
    }
    if (!input.feed().isOfTable) {
      input
          .feed()
          .add(
              new RowStage.Project(
                  Arrays.asList(Expressions.bindAll(input.columns(), input.columns()))));
    }
    return input;
  }

  private String nameIn(List<Attribute> columns, Attribute attribute) {
    return columns.stream()
        .filter(column -> isNameOf(column, attribute))
        .findFirst()
        .orElse(attribute)
        .name();
  }

  private static LogicalPlan onlyChild(LogicalPlan plan) {
    return plan.children().apply(0);
  }

  /** The child that reads the table. */
  private LogicalPlan tableSide(LogicalPlan plan) {
    if (!(plan instanceof Join join)) {
      return onlyChild(plan);
    }
    boolean isLeft = relations.readTable(join.left());
    return isLeft ? join.left() : join.right();
  }

  /** The stages of what is below an aggregate, and their rows. */
  private List<Attribute> rows(LogicalPlan plan, FeedDraft feed) {
    if (plan.children().isEmpty()) {
      return leaf(plan, feed);
    }
    if (plan instanceof org.apache.spark.sql.catalyst.plans.logical.Aggregate
        || plan instanceof Window
        || TopRows.in(plan).isPresent()
        || (plan instanceof Join join && readsTableTwice(join))) {
      throw ViewErrors.unsupported(
          place,
          "GROUP BY, LIMIT, a window function or a join of the table with itself in a part of UNION ALL",
          "Use them above the union, or one output for each part.");
    }
    if (plan instanceof Union union) {
      return union(union, feed);
    }
    return stage(plan, rows(tableSide(plan), feed), feed);
  }

  private List<Attribute> union(Union union, FeedDraft feed) {
    List<List<RowStage>> branches = new ArrayList<>();
    for (LogicalPlan branch : Expressions.list(union.children())) {
      if (!relations.readTable(branch)) {
        throw ViewErrors.unsupported(
            place,
            "a part of UNION ALL that does not read " + relations.table(),
            "Read " + relations.table() + " in each part; a part can join lookups.");
      }
      FeedDraft made = new FeedDraft(true);
      List<Attribute> output = rows(branch, made);
      made.add(
          new RowStage.Project(
              Arrays.asList(Expressions.bindAll(Expressions.list(branch.output()), output))));
      branches.add(List.copyOf(made.stages));
    }
    feed.add(new RowStage.Union(List.copyOf(branches)));
    feed.canRepeatKey = true;
    return Expressions.list(union.output());
  }

  /** The attributes that are the table's key, as far as they are there. */
  private List<Attribute> keyOf(List<Attribute> row) {
    List<Attribute> key = new ArrayList<>();
    for (String column : relations.tableKey()) {
      row.stream()
          .filter(attribute -> column.equals(tableColumn(attribute)))
          .findFirst()
          .ifPresent(key::add);
    }
    return key;
  }

  /** The same of a union: those that are the table's key in each of its parts. */
  private List<Attribute> keyOf(Union union) {
    List<Attribute> output = Expressions.list(union.output());
    List<Attribute> key = new ArrayList<>();
    for (String column : relations.tableKey()) {
      for (int i = 0; i < output.size(); i++) {
        int ordinal = i;
        if (Expressions.list(union.children()).stream()
            .allMatch(part -> column.equals(tableColumn(part.output().apply(ordinal))))) {
          key.add(output.get(i));
          break;
        }
      }
    }
    return key;
  }

  /** The table's column that an attribute is another name of; null if there is none. */
  private String tableColumn(Attribute attribute) {
    return names.get(attribute.exprId()) instanceof Attribute other
        ? tableColumn(other)
        : tableColumns.get(attribute.exprId());
  }

  private List<Attribute> leaf(LogicalPlan plan, FeedDraft feed) {
    List<Attribute> output = new ArrayList<>();
    for (int i = 0; i < TableLayout.ROW_FIELDS; i++) {
      output.add(
          new AttributeReference(
              "",
              DataTypes.LongType,
              true,
              Metadata.empty(),
              NamedExpression$.MODULE$.newExprId(),
              Expressions.seq(List.of())));
    }
    if (plan instanceof LocalRelation local && local.data().isEmpty()) {
      // A condition that is never true.
      feed.add(new RowStage.Filter(Literal$.MODULE$.FalseLiteral()));
      output.clear();
      output.addAll(Expressions.list(plan.output()));
      return output;
    }
    if (!relations.isTable(plan)) {
      throw unsupported(plan);
    }
    Map<String, Attribute> attributes = new HashMap<>();
    for (Attribute attribute : Expressions.list(plan.output())) {
      attributes.put(attribute.name(), attribute);
      tableColumns.put(attribute.exprId(), attribute.name());
    }
    for (String column : layout.columns().fieldNames()) {
      output.add(attributes.get(column));
    }
    return output;
  }

  private List<Attribute> stage(LogicalPlan node, List<Attribute> input, FeedDraft feed) {
    if (node instanceof Sort) {
      return input;
    }
    if (node instanceof Filter filter) {
      Expression condition = Expressions.bind(filter.condition(), input);
      watch(List.of(condition), feed);
      feed.add(new RowStage.Filter(condition));
      return input;
    }
    if (node instanceof Project project) {
      return project(Expressions.list(project.projectList()), input, feed);
    }
    if (node instanceof Join join) {
      return join(join, input, feed);
    }
    if (node instanceof Expand expand) {
      List<List<Expression>> projections =
          Expressions.list(expand.projections()).stream()
              .map(each -> Arrays.asList(Expressions.bindAll(Expressions.list(each), input)))
              .toList();
      projections.forEach(each -> watch(each, feed));
      feed.add(new RowStage.Expand(projections));
      return Expressions.list(expand.output());
    }
    if (node instanceof Generate generate) {
      return generate(generate, input, feed);
    }
    throw unsupported(node);
  }

  private List<Attribute> generate(Generate generate, List<Attribute> input, FeedDraft feed) {
    List<Attribute> columns = Expressions.list(generate.requiredChildOutput());
    List<Attribute> generated = Expressions.list(generate.nullableOutput());
    Expression generator = Expressions.bind((Expression) generate.generator(), input);
    watch(List.of(generator), feed);
    feed.add(
        new RowStage.Generate(
            generator,
            generate.outer(),
            Arrays.asList(Expressions.bindAll(columns, input)),
            generated.size()));
    feed.canRepeatKey = true;
    columns.addAll(generated);
    return columns;
  }

  private List<Attribute> join(Join join, List<Attribute> input, FeedDraft feed) {
    boolean isTableLeft = tableSide(join) == join.left();
    JoinKind kind = kind(join.joinType().sql(), isTableLeft);
    Option<
            Tuple8<
                JoinType,
                scala.collection.Seq<Expression>,
                scala.collection.Seq<Expression>,
                Option<Expression>,
                Option<Expression>,
                LogicalPlan,
                LogicalPlan,
                JoinHint>>
        equal = ExtractEquiJoinKeys$.MODULE$.unapply(join);
    List<Expression> leftKeys = List.of();
    List<Expression> rightKeys = List.of();
    Option<Expression> condition = join.condition();
    if (equal.isDefined()) {
      leftKeys = Expressions.list(equal.get()._2());
      rightKeys = Expressions.list(equal.get()._3());
      condition = equal.get()._4();
    }
    if (join.condition().isDefined() && BatchTime.isIn(join.condition().get())) {
      throw timeOfLookup();
    }
    FeedDraft side = new FeedDraft(true);
    List<Attribute> others = lookupSide(isTableLeft ? join.right() : join.left(), side);
    List<Attribute> both = new ArrayList<>(input);
    others.forEach(
        attribute -> both.add(kind == JoinKind.LEFT ? attribute.withNullability(true) : attribute));
    feed.add(
        new RowStage.Join(
            name + "/" + joins++,
            lookupName,
            kind,
            normalized(isTableLeft ? leftKeys : rightKeys, input),
            new RowStage.Join.Side(
                side.stages, normalized(isTableLeft ? rightKeys : leftKeys, others), others.size()),
            condition.isDefined() ? Expressions.bind(condition.get(), both) : null));
    feed.canRepeatKey |= kind.hasRightColumns();
    return kind.hasRightColumns() ? both : input;
  }

  private static List<Expression> normalized(List<Expression> keys, List<Attribute> input) {
    return keys.stream().map(key -> Expressions.normalized(Expressions.bind(key, input))).toList();
  }

  private JoinKind kind(String type, boolean isTableLeft) {
    return switch (type) {
      case "INNER", "CROSS" -> JoinKind.INNER;
      case "LEFT OUTER", "RIGHT OUTER" -> {
        if (type.startsWith("LEFT") != isTableLeft) {
          throw joinUnsupported("an outer join that keeps the rows of a lookup");
        }
        yield JoinKind.LEFT;
      }
      case "LEFT SEMI", "LEFT ANTI" -> {
        if (!isTableLeft) {
          throw joinUnsupported("a " + type + " JOIN that keeps the rows of a lookup");
        }
        yield type.equals("LEFT SEMI") ? JoinKind.SEMI : JoinKind.ANTI;
      }
      default -> throw joinUnsupported("a " + type + " JOIN");
    };
  }

  /** The stages of a lookup's rows below a join, and the rows after that. */
  private List<Attribute> lookupSide(LogicalPlan plan, FeedDraft feed) {
    if (plan instanceof LogicalRDD leaf && relations.lookups().containsKey(leaf.rdd())) {
      Relation lookup = relations.lookups().get(leaf.rdd());
      lookupName = lookup.name();
      joined.put(lookup.name(), lookup.columns().toDDL());
      return Expressions.list(plan.output());
    }
    if (plan instanceof Filter || plan instanceof Project) {
      if (Expressions.list(plan.expressions()).stream().anyMatch(BatchTime::isIn)) {
        throw timeOfLookup();
      }
      return stage(plan, lookupSide(onlyChild(plan), feed), feed);
    }
    throw ViewErrors.unsupported(
        place,
        "a join with more than the rows of one lookup (" + plan.nodeName() + ")",
        "Begin FROM with the table, and join each lookup with it; below the join a lookup can"
            + " have WHERE and a list of columns.");
  }

  private RuntimeException joinUnsupported(String clause) {
    return ViewErrors.unsupported(
        place,
        clause,
        "A view keeps the table's rows: use INNER JOIN, or LEFT JOIN from the table to the"
            + " lookup.");
  }

  private List<Attribute> project(
      List<NamedExpression> expressions, List<Attribute> input, FeedDraft feed) {
    List<Attribute> output = new ArrayList<>();
    List<Expression> bound = new ArrayList<>();
    for (NamedExpression expression : expressions) {
      output.add(expression.toAttribute());
      if (expression instanceof Alias alias) {
        names.put(alias.exprId(), alias.child());
      }
      bound.add(Expressions.bind(unnamed(expression), input));
    }
    watch(bound, feed);
    feed.add(new RowStage.Project(List.copyOf(bound)));
    return output;
  }

  /** Before a stage whose expressions compare with now(): it tells when that changes for a row. */
  private void watch(List<Expression> bound, FeedDraft feed) {
    List<BatchTime.Comparison> comparisons = new ArrayList<>();
    for (Expression expression : bound) {
      comparisons.addAll(comparisons(expression));
    }
    if (comparisons.isEmpty()) {
      return;
    }
    if (!feed.isOfTable) {
      throw ViewErrors.unsupported(
          place,
          "now() above GROUP BY or LIMIT",
          "Compare columns of the table with it: in WHERE below them, or in FILTER.");
    }
    isTimed = true;
    feed.add(new RowStage.Watch(comparisons));
  }

  private List<BatchTime.Comparison> comparisons(Expression bound) {
    try {
      return BatchTime.comparisons(bound);
    } catch (IllegalArgumentException e) {
      throw ViewErrors.timeNotCompared(place, "now()");
    }
  }

  private RuntimeException timeOfLookup() {
    return ViewErrors.unsupported(
        place, "now() compared with a column of a lookup", "Compare it with columns of the table.");
  }

  private static Expression unnamed(NamedExpression expression) {
    return expression instanceof Alias alias ? alias.child() : (Expression) expression;
  }

  private RuntimeException unsupported(LogicalPlan node) {
    return ViewErrors.unsupported(
        place,
        node.nodeName() + " (" + node.simpleStringWithNodeId().lines().findFirst().orElse("") + ")",
        "A view can have WHERE, JOIN with lookups, UNION ALL, LATERAL VIEW, GROUP BY, HAVING and"
            + " ORDER BY.");
  }

  /** The columns of the result that are attributes of the key, in the key's order. */
  private List<String> keyOf(
      List<Attribute> keyAttributes, List<Attribute> columns, boolean isGrouped) {
    List<String> key = new ArrayList<>();
    for (Attribute attribute : keyAttributes) {
      Optional<Attribute> column =
          columns.stream().filter(each -> isNameOf(each, attribute)).findFirst();
      if (column.isEmpty() && isGrouped) {
        boolean isGroupingId = attribute.name().equals(VirtualColumn.groupingIdName());
        throw ViewErrors.groupNotInResult(
            place,
            isGroupingId ? "grouping_id()" : attribute.sql(),
            columns.stream().map(Attribute::name).toList());
      }
      column.ifPresent(found -> key.add(found.name()));
    }
    return key;
  }

  private boolean isNameOf(Attribute column, Attribute attribute) {
    return column.exprId().equals(attribute.exprId())
        || (names.get(column.exprId()) instanceof Attribute other && isNameOf(other, attribute));
  }
}
