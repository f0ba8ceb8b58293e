package dev.millrace.view;

import dev.millrace.error.QueryErrors;
import dev.millrace.error.ViewErrors;
import dev.millrace.event.Relation;
import dev.millrace.sql.SqlText;
import dev.millrace.view.aggregate.Aggregate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.CurrentDate;
import org.apache.spark.sql.catalyst.expressions.CurrentTimestampLike;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.expressions.LocalTimestamp;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression$;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.planning.ExtractEquiJoinKeys$;
import org.apache.spark.sql.catalyst.planning.PhysicalAggregation$;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.logical.Except;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.Intersect;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.JoinHint;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Offset;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.Tuple4;
import scala.Tuple8;

/**
 * Plans views: has Spark parse, analyse and optimise their SQL, and makes of the plan what the
 * state can keep. Driver only; reads no data.
 */
public final class ViewPlanner {

  /**
   * Of one aggregate; so many values are read and written with each change of a group, and one that
   * leaves is replaced from its index after half as many have left.
   */
  private static final int MAX_KEPT_VALUES = 32;

  private final SparkSession session;
  private final String table;
  private final List<String> tableKey;
  private final RDD<?> rows;
  private final Map<RDD<?>, Relation> lookups = new HashMap<>();
  private final int maxKeptValues;

  /**
   * A planner for the views over a table.
   *
   * @param columns all columns of the table
   * @param lookups that the table can be joined with
   */
  public ViewPlanner(
      SparkSession session,
      String table,
      List<String> tableKey,
      StructType columns,
      List<Relation> lookups) {
    this(session, table, tableKey, columns, lookups, MAX_KEPT_VALUES);
  }

  /**
   * The same.
   *
   * @param maxKeptValues how many values the record of a group has for an aggregate that keeps them
   */
  ViewPlanner(
      SparkSession session,
      String table,
      List<String> tableKey,
      StructType columns,
      List<Relation> lookups,
      int maxKeptValues) {
    this.maxKeptValues = maxKeptValues;
    this.session = session.newSession();
    this.session.conf().set("spark.sql.ansi.enabled", "true");
    // A join would be given subqueries that only an execution of Spark's own understands.
    this.session.conf().set("spark.sql.optimizer.runtime.bloomFilter.enabled", "false");
    this.table = table;
    this.tableKey = List.copyOf(tableKey);
    for (Relation lookup : lookups) {
      this.lookups.put(register(lookup.name(), lookup.columns()), lookup);
    }
    this.rows = register(table, columns);
  }

  /** An RDD hides that it is empty: the optimizer must not fold the query to nothing. */
  private RDD<?> register(String name, StructType columns) {
    JavaRDD<Row> none = JavaSparkContext.fromSparkContext(session.sparkContext()).emptyRDD();
    Dataset<Row> relation = session.createDataFrame(none, columns);
    relation.createOrReplaceTempView("`" + name + "`");
    return ((LogicalRDD) relation.queryExecution().analyzed()).rdd();
  }

  /**
   * Plans a view.
   *
   * @param place where the SQL is, for messages
   * @throws dev.millrace.error.UserException where Spark can't analyse the SQL, or a view can't
   *     keep its result; with the clause and what to use instead
   */
  public ViewPlan plan(String name, String sql, String place, TableLayout layout) {
    AggregatePlanner aggregates = new AggregatePlanner(place, maxKeptValues);
    return new Planning(name, place, layout, aggregates).plan(optimized(sql, place, aggregates));
  }

  /** What a view's result has to be, given the relations of a session: SQL of a batch. */
  public static Dataset<Row> batch(SparkSession session, String sql) {
    LogicalPlan analyzed = session.sql(sql).queryExecution().analyzed();
    return Dataset.ofRows(session, AggregatePlanner.decided(analyzed));
  }

  /** Whether SQL names a relation in a FROM clause; false for SQL that can't be parsed. */
  public static boolean reads(SparkSession session, String sql, String relation) {
    try {
      return names(session.sessionState().sqlParser().parsePlan(sql), relation);
    } catch (Exception e) {
      // Scala's methods do not declare what they throw.
      if (e instanceof AnalysisException) {
        return false;
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  private static boolean names(LogicalPlan parsed, String relation) {
    return SqlText.nodes(parsed).stream()
        .anyMatch(
            node ->
                node instanceof UnresolvedRelation named
                    && named.multipartIdentifier().size() == 1
                    && named.multipartIdentifier().apply(0).equalsIgnoreCase(relation));
  }

  /** The table's columns that a view reads: to be asked before there is a layout. */
  public Set<String> neededColumns(String sql, String place) {
    return read(optimized(sql, place, new AggregatePlanner(place, maxKeptValues)));
  }

  private LogicalPlan optimized(String sql, String place, AggregatePlanner aggregates) {
    try {
      SqlText.requireQuery(session, sql, place, table);
      Dataset<Row> result = session.sql(sql);
      LogicalPlan analyzed = result.queryExecution().analyzed();
      if (nodes(analyzed).stream().noneMatch(this::isTable)) {
        throw ViewErrors.withoutTable(place, table);
      }
      requireSupported(analyzed, place);
      requireDistinctNames(result.schema(), place);
      LogicalPlan replaced = aggregates.replaced(analyzed);
      return replaced == analyzed
          ? result.queryExecution().optimizedPlan()
          : Dataset.ofRows(session, replaced).queryExecution().optimizedPlan();
    } catch (Exception e) {
      // Scala's methods do not declare what they throw, so Java can't catch it by its name.
      if (e instanceof AnalysisException analysis) {
        throw QueryErrors.invalidSql(place, analysis.getSimpleMessage(), e);
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  private static void requireDistinctNames(StructType result, String place) {
    Set<String> names = new HashSet<>();
    for (String name : result.fieldNames()) {
      if (!names.add(name.toLowerCase(Locale.ROOT))) {
        throw ViewErrors.ambiguousColumn(place, name);
      }
    }
  }

  private boolean isTable(LogicalPlan node) {
    return node instanceof LogicalRDD leaf && leaf.rdd() == rows;
  }

  private Set<String> read(LogicalPlan optimized) {
    Set<String> needed = new LinkedHashSet<>();
    for (LogicalPlan node : nodes(optimized)) {
      if (isTable(node)) {
        for (Attribute attribute : Expressions.list(node.output())) {
          if (nodes(optimized).stream().anyMatch(each -> each.references().contains(attribute))
              || optimized.outputSet().contains(attribute)) {
            needed.add(attribute.name());
          }
        }
      }
    }
    return needed;
  }

  /** Names what a view can't have by the words of SQL, from the plan that is closest to them. */
  private void requireSupported(LogicalPlan analyzed, String place) {
    if (!analyzed.subqueriesAll().isEmpty()) {
      throw ViewErrors.unsupported(
          place, "a subquery in an expression", "Join with a lookup, or use a subquery in FROM.");
    }
    for (LogicalPlan node : nodes(analyzed)) {
      if (node instanceof Window) {
        throw ViewErrors.unsupported(
            place,
            "a window function (OVER ...)",
            "Aggregate with GROUP BY, or use scope: batch over changes.");
      }
      if (node instanceof GlobalLimit || node instanceof LocalLimit || node instanceof Offset) {
        throw ViewErrors.unsupported(
            place, "LIMIT or OFFSET", "Leave it out; a reader of the result can use LIMIT.");
      }
      if (node instanceof Union || node instanceof Intersect || node instanceof Except) {
        throw ViewErrors.unsupported(
            place,
            "a set operation (UNION, INTERSECT, EXCEPT)",
            "Use one output for each part, or a condition with OR or AND.");
      }
      if (node instanceof Generate) {
        throw ViewErrors.unsupported(
            place,
            "LATERAL VIEW or a function that returns rows (explode)",
            "Keep the array or map as it is, or use higher-order functions (transform, filter).");
      }
      if (node instanceof Expand) {
        throw ViewErrors.unsupported(
            place, "ROLLUP, CUBE or GROUPING SETS", "Use one output for each GROUP BY.");
      }
      if (node instanceof Sample) {
        throw ViewErrors.unsupported(
            place, "TABLESAMPLE", "Use a condition on the key, for example id % 100 = 0.");
      }
      for (Expression expression : Expressions.list(node.expressions())) {
        requireFunctionOfTheRow(expression, place);
      }
    }
  }

  private static void requireFunctionOfTheRow(Expression expression, String place) {
    if (expression instanceof CurrentTimestampLike
        || expression instanceof CurrentDate
        || expression instanceof LocalTimestamp
        || (expression.children().isEmpty() && !expression.deterministic())) {
      throw ViewErrors.notAFunctionOfTheRow(place, expression.sql());
    }
    if (expression instanceof AggregateExpression aggregate) {
      AggregatePlanner.requireKept(aggregate, place);
    }
    Expressions.list(expression.children()).forEach(child -> requireFunctionOfTheRow(child, place));
    if (!expression.deterministic() && !(expression instanceof AggregateExpression)) {
      throw ViewErrors.notAFunctionOfTheRow(place, expression.sql());
    }
  }

  private static List<LogicalPlan> nodes(LogicalPlan plan) {
    List<LogicalPlan> nodes = new ArrayList<>();
    nodes.add(plan);
    for (LogicalPlan child : Expressions.list(plan.children())) {
      nodes.addAll(nodes(child));
    }
    return nodes;
  }

  /** The planning of one view, from its optimised plan. */
  private final class Planning {

    private final String name;
    private final String place;
    private final TableLayout layout;

    /** What an attribute is another name of. */
    private final Map<ExprId, Expression> names = new HashMap<>();

    private final Map<ExprId, String> tableColumns = new HashMap<>();

    /** The lookups that are joined, and their columns as DDL. */
    private final Map<String, String> joined = new HashMap<>();

    private int joins;
    private String lookupName;
    private boolean canRepeatKey;

    private final AggregatePlanner planner;

    Planning(String name, String place, TableLayout layout, AggregatePlanner planner) {
      this.planner = planner;
      this.name = name;
      this.place = place;
      this.layout = layout;
    }

    ViewPlan plan(LogicalPlan optimized) {
      boolean isOrdered = optimized instanceof Sort;
      LogicalPlan plan = optimized;
      List<LogicalPlan> above = new ArrayList<>();
      while (!(plan instanceof org.apache.spark.sql.catalyst.plans.logical.Aggregate)
          && !plan.children().isEmpty()) {
        above.add(0, plan);
        plan = tableSide(plan);
      }
      boolean isGrouped = !plan.children().isEmpty();
      List<RowStage> rowStages = new ArrayList<>();
      Optional<ViewPlan.Grouping> grouping = Optional.empty();
      List<Attribute> output;
      List<Attribute> keyAttributes = new ArrayList<>();
      List<RowStage> lastStages = rowStages;
      if (isGrouped) {
        Tuple4<
                scala.collection.Seq<NamedExpression>,
                scala.collection.Seq<AggregateExpression>,
                scala.collection.Seq<NamedExpression>,
                LogicalPlan>
            parts = PhysicalAggregation$.MODULE$.unapply(plan).get();
        List<NamedExpression> keys = Expressions.list(parts._1());
        List<AggregateExpression> aggregates = Expressions.list(parts._2());
        List<NamedExpression> results = Expressions.list(parts._3());
        List<Attribute> input = rows(parts._4(), rowStages);
        List<Expression> inputs = new ArrayList<>();
        List<Aggregate> kept = new ArrayList<>();
        for (AggregateExpression aggregate : aggregates) {
          kept.add(planner.plan(aggregate, input, inputs));
        }
        List<RowStage> post = new ArrayList<>();
        List<Attribute> grouped = new ArrayList<>();
        keys.forEach(key -> grouped.add(key.toAttribute()));
        keyAttributes.addAll(grouped);
        aggregates.forEach(aggregate -> grouped.add(aggregate.resultAttribute()));
        output = project(results, grouped, post);
        grouping =
            Optional.of(
                new ViewPlan.Grouping(
                    keys.stream()
                        .map(key -> Expressions.normalized(Expressions.bind(unnamed(key), input)))
                        .toList(),
                    List.copyOf(inputs),
                    List.copyOf(kept),
                    post));
        lastStages = post;
      } else {
        output = leaf(plan, rowStages);
        for (String column : tableKey) {
          output.stream()
              .filter(attribute -> column.equals(tableColumns.get(attribute.exprId())))
              .forEach(keyAttributes::add);
        }
      }
      for (LogicalPlan node : above) {
        if (isGrouped && node instanceof Join) {
          throw ViewErrors.unsupported(
              place,
              "a join of the result of GROUP BY",
              "Join the table with the lookup first, below GROUP BY.");
        }
        output = stage(node, output, lastStages);
      }
      // The result is a row of its own even where no stage made one.
      List<Attribute> columns = Expressions.list(optimized.output());
      lastStages.add(new RowStage.Project(Arrays.asList(Expressions.bindAll(columns, output))));
      List<String> key = keyOf(keyAttributes, columns, isGrouped);
      return new ViewPlan(
          name,
          optimized.schema(),
          key,
          isGrouped || (key.size() == tableKey.size() && !canRepeatKey),
          false,
          read(optimized),
          joined,
          rowStages,
          grouping
              .map(
                  group ->
                      new ViewPlan.Grouping(
                          group.keys(),
                          group.inputs(),
                          group.aggregates(),
                          List.copyOf(group.results())))
              .orElse(null),
          isOrdered);
    }

    private static LogicalPlan onlyChild(LogicalPlan plan) {
      return plan.children().apply(0);
    }

    /** The child that reads the table. */
    private LogicalPlan tableSide(LogicalPlan plan) {
      if (!(plan instanceof Join join)) {
        return onlyChild(plan);
      }
      boolean isLeft = nodes(join.left()).stream().anyMatch(ViewPlanner.this::isTable);
      if (isLeft && nodes(join.right()).stream().anyMatch(ViewPlanner.this::isTable)) {
        throw ViewErrors.unsupported(
            place, "a join of the table with itself", "A view can be joined with lookups only.");
      }
      return isLeft ? join.left() : join.right();
    }

    /** The stages of what is below an aggregate, and their rows. */
    private List<Attribute> rows(LogicalPlan plan, List<RowStage> stages) {
      if (plan.children().isEmpty()) {
        return leaf(plan, stages);
      }
      if (plan instanceof org.apache.spark.sql.catalyst.plans.logical.Aggregate) {
        throw ViewErrors.unsupported(
            place, "an aggregate of an aggregate", "Use one GROUP BY in the query.");
      }
      return stage(plan, rows(tableSide(plan), stages), stages);
    }

    private List<Attribute> leaf(LogicalPlan plan, List<RowStage> stages) {
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
        stages.add(new RowStage.Filter(Literal$.MODULE$.FalseLiteral()));
        output.clear();
        output.addAll(Expressions.list(plan.output()));
        return output;
      }
      if (!isTable(plan)) {
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

    private List<Attribute> stage(LogicalPlan node, List<Attribute> input, List<RowStage> stages) {
      if (node instanceof Sort) {
        return input;
      }
      if (node instanceof Filter filter) {
        stages.add(new RowStage.Filter(Expressions.bind(filter.condition(), input)));
        return input;
      }
      if (node instanceof Project project) {
        return project(Expressions.list(project.projectList()), input, stages);
      }
      if (node instanceof Join join) {
        return join(join, input, stages);
      }
      throw unsupported(node);
    }

    private List<Attribute> join(Join join, List<Attribute> input, List<RowStage> stages) {
      boolean isTableLeft = tableSide(join) == join.left();
      RowStage.Join.Kind kind = kind(join.joinType().sql(), isTableLeft);
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
      List<RowStage> side = new ArrayList<>();
      List<Attribute> others = lookupSide(isTableLeft ? join.right() : join.left(), side);
      List<Attribute> both = new ArrayList<>(input);
      others.forEach(
          attribute ->
              both.add(
                  kind == RowStage.Join.Kind.LEFT ? attribute.withNullability(true) : attribute));
      stages.add(
          new RowStage.Join(
              name + "/" + joins++,
              lookupName,
              kind,
              normalized(isTableLeft ? leftKeys : rightKeys, input),
              new RowStage.Join.Side(
                  side, normalized(isTableLeft ? rightKeys : leftKeys, others), others.size()),
              condition.isDefined() ? Expressions.bind(condition.get(), both) : null));
      canRepeatKey |= kind.hasLookupColumns();
      return kind.hasLookupColumns() ? both : input;
    }

    private static List<Expression> normalized(List<Expression> keys, List<Attribute> input) {
      return keys.stream()
          .map(key -> Expressions.normalized(Expressions.bind(key, input)))
          .toList();
    }

    private RowStage.Join.Kind kind(String type, boolean isTableLeft) {
      return switch (type) {
        case "INNER", "CROSS" -> RowStage.Join.Kind.INNER;
        case "LEFT OUTER", "RIGHT OUTER" -> {
          if (type.startsWith("LEFT") != isTableLeft) {
            throw joinUnsupported("an outer join that keeps the rows of a lookup");
          }
          yield RowStage.Join.Kind.LEFT;
        }
        case "LEFT SEMI", "LEFT ANTI" -> {
          if (!isTableLeft) {
            throw joinUnsupported("a " + type + " JOIN that keeps the rows of a lookup");
          }
          yield type.equals("LEFT SEMI") ? RowStage.Join.Kind.SEMI : RowStage.Join.Kind.ANTI;
        }
        default -> throw joinUnsupported("a " + type + " JOIN");
      };
    }

    /** The stages of a lookup's rows below a join, and the rows after that. */
    private List<Attribute> lookupSide(LogicalPlan plan, List<RowStage> stages) {
      if (plan instanceof LogicalRDD leaf && lookups.containsKey(leaf.rdd())) {
        Relation lookup = lookups.get(leaf.rdd());
        lookupName = lookup.name();
        joined.put(lookup.name(), lookup.columns().toDDL());
        return Expressions.list(plan.output());
      }
      if (plan instanceof Filter || plan instanceof Project) {
        return stage(plan, lookupSide(onlyChild(plan), stages), stages);
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
        List<NamedExpression> expressions, List<Attribute> input, List<RowStage> stages) {
      List<Attribute> output = new ArrayList<>();
      List<Expression> bound = new ArrayList<>();
      for (NamedExpression expression : expressions) {
        output.add(expression.toAttribute());
        if (expression instanceof Alias alias) {
          names.put(alias.exprId(), alias.child());
        }
        bound.add(Expressions.bind(unnamed(expression), input));
      }
      stages.add(new RowStage.Project(List.copyOf(bound)));
      return output;
    }

    private static Expression unnamed(NamedExpression expression) {
      return expression instanceof Alias alias ? alias.child() : (Expression) expression;
    }

    private RuntimeException unsupported(LogicalPlan node) {
      return ViewErrors.unsupported(
          place,
          node.nodeName()
              + " ("
              + node.simpleStringWithNodeId().lines().findFirst().orElse("")
              + ")",
          "A view can have WHERE, JOIN with lookups, GROUP BY, HAVING and ORDER BY.");
    }

    /** The columns of the result that are attributes of the key, in the key's order. */
    private List<String> keyOf(
        List<Attribute> keyAttributes, List<Attribute> columns, boolean isGrouped) {
      List<String> key = new ArrayList<>();
      for (Attribute attribute : keyAttributes) {
        Optional<Attribute> column =
            columns.stream().filter(each -> isNameOf(each, attribute)).findFirst();
        if (column.isEmpty() && isGrouped) {
          throw ViewErrors.groupNotInResult(
              place, attribute.sql(), columns.stream().map(Attribute::name).toList());
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
}
