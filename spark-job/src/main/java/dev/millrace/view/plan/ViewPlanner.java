package dev.millrace.view.plan;

import dev.millrace.error.QueryErrors;
import dev.millrace.error.ViewErrors;
import dev.millrace.event.Relation;
import dev.millrace.sql.SqlText;
import dev.millrace.view.aggregate.Aggregate;
import dev.millrace.view.aggregate.ValueOrder;
import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.TableLayout;
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
import org.apache.spark.sql.catalyst.expressions.VirtualColumn;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.planning.ExtractEquiJoinKeys$;
import org.apache.spark.sql.catalyst.planning.PhysicalAggregation$;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.logical.Except;
import org.apache.spark.sql.catalyst.plans.logical.Expand;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Generate;
import org.apache.spark.sql.catalyst.plans.logical.Intersect;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.JoinHint;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Union;
import org.apache.spark.sql.catalyst.plans.logical.Window;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
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
  public ViewPlanner(
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

  /**
   * What a view's result has to be, given the relations of a session: SQL of a batch.
   *
   * @param micros what it calls now(), in microseconds since 1970
   */
  public static Dataset<Row> batch(SparkSession session, String sql, long micros) {
    LogicalPlan analyzed = BatchTime.at(session.sql(sql).queryExecution().analyzed(), micros);
    return Dataset.ofRows(session, AggregatePlanner.decided(TopRows.decided(analyzed)));
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
      LogicalPlan timed = BatchTime.variable(analyzed);
      // What is compared with the time is not to be concluded of a lookup's columns, too.
      session
          .conf()
          .set(SQLConf.CONSTRAINT_PROPAGATION_ENABLED().key(), String.valueOf(timed == analyzed));
      LogicalPlan replaced = aggregates.replaced(TopRows.decided(timed));
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
          if (optimized.outputSet().contains(attribute)
              || nodes(optimized).stream().anyMatch(each -> reads(each, attribute))) {
            needed.add(attribute.name());
          }
        }
      }
    }
    return needed;
  }

  /** A union names none of the columns that it takes from its parts. */
  private static boolean reads(LogicalPlan node, Attribute attribute) {
    return node.references().contains(attribute)
        || (node instanceof Union
            && Expressions.list(node.children()).stream()
                .anyMatch(part -> part.outputSet().contains(attribute)));
  }

  /** Names what a view can't have by the words of SQL, from the plan that is closest to them. */
  private void requireSupported(LogicalPlan analyzed, String place) {
    if (!analyzed.subqueriesAll().isEmpty()) {
      throw ViewErrors.unsupported(
          place, "a subquery in an expression", "Join with a lookup, or use a subquery in FROM.");
    }
    for (LogicalPlan node : nodes(analyzed)) {
      TopRows.requireSupported(node, place);
      if (node instanceof Intersect || node instanceof Except) {
        throw ViewErrors.unsupported(
            place, "INTERSECT or EXCEPT", "Use a condition with AND, or AND NOT.");
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
    Optional<Expression> compared = BatchTime.compared(expression);
    if (compared.isPresent()) {
      requireFunctionOfTheRow(compared.get(), place);
      return;
    }
    if (BatchTime.isNow(expression)) {
      throw ViewErrors.timeNotCompared(place, expression.sql());
    }
    if (expression.children().isEmpty() && !expression.deterministic()) {
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

    private final List<RowStage> rowStages = new ArrayList<>();
    private final List<LevelDraft> levels = new ArrayList<>();

    /** What the rows so far are known by. */
    private List<Attribute> key = List.of();

    private boolean isKeyOfGroups;
    private int joins;
    private String lookupName;
    private boolean canRepeatKey;
    private boolean isTimed;

    private final AggregatePlanner planner;

    Planning(String name, String place, TableLayout layout, AggregatePlanner planner) {
      this.planner = planner;
      this.name = name;
      this.place = place;
      this.layout = layout;
    }

    /** A level whose stages are not complete yet. */
    private record LevelDraft(
        List<Attribute> keyAttributes,
        List<Expression> keys,
        List<Expression> inputs,
        List<Aggregate> aggregates,
        List<RowStage> results) {}

    ViewPlan plan(LogicalPlan optimized) {
      List<Attribute> output = build(optimized);
      // The result is a row of its own even where no stage made one.
      List<Attribute> columns = Expressions.list(optimized.output());
      lastStages().add(new RowStage.Project(Arrays.asList(Expressions.bindAll(columns, output))));
      List<String> keyColumns = keyOf(key, columns, isKeyOfGroups);
      return new ViewPlan(
          name,
          optimized.schema(),
          keyColumns,
          isKeyOfGroups || (keyColumns.size() == tableKey.size() && !canRepeatKey),
          false,
          read(optimized),
          joined,
          isTimed,
          rowStages,
          levels.stream()
              .map(
                  level ->
                      new ViewPlan.Grouping(
                          level.keys(),
                          level.keyAttributes().stream()
                              .map(attribute -> nameIn(columns, attribute))
                              .toList(),
                          level.inputs(),
                          level.aggregates(),
                          level.results()))
              .toList());
    }

    /** Where the stages of the rows so far are added. */
    private List<RowStage> lastStages() {
      return levels.isEmpty() ? rowStages : levels.get(levels.size() - 1).results();
    }

    /** The stages and levels of a plan; the columns of its rows. */
    private List<Attribute> build(LogicalPlan plan) {
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
      if (plan.children().isEmpty() || plan instanceof Union) {
        List<Attribute> output = rows(plan, rowStages);
        key = plan instanceof Union union ? keyOf(union) : keyOf(output);
        return output;
      }
      List<Attribute> input = build(tableSide(plan));
      if (!levels.isEmpty() && plan instanceof Join) {
        throw ViewErrors.unsupported(
            place,
            "a join of the result of GROUP BY",
            "Join the table with the lookup first, below GROUP BY.");
      }
      if (!levels.isEmpty() && plan instanceof Generate) {
        throw ViewErrors.unsupported(
            place,
            "LATERAL VIEW or a function that returns rows (explode) over the result of GROUP BY",
            "Use it in a subquery, below GROUP BY.");
      }
      return stage(plan, input, lastStages());
    }

    private List<Attribute> aggregate(LogicalPlan plan) {
      Tuple4<
              scala.collection.Seq<NamedExpression>,
              scala.collection.Seq<AggregateExpression>,
              scala.collection.Seq<NamedExpression>,
              LogicalPlan>
          parts = PhysicalAggregation$.MODULE$.unapply(plan).get();
      List<NamedExpression> keys = Expressions.list(parts._1());
      List<AggregateExpression> aggregates = Expressions.list(parts._2());
      List<NamedExpression> results = Expressions.list(parts._3());
      List<Attribute> input = input(parts._4());
      List<Expression> inputs = new ArrayList<>();
      List<Aggregate> kept = new ArrayList<>();
      for (AggregateExpression aggregate : aggregates) {
        kept.add(planner.plan(aggregate, input, inputs));
      }
      List<Expression> boundKeys =
          keys.stream()
              .map(each -> Expressions.normalized(Expressions.bind(unnamed(each), input)))
              .toList();
      watch(boundKeys, lastStages());
      watch(inputs, lastStages());
      List<Attribute> keyAttributes = keys.stream().map(NamedExpression::toAttribute).toList();
      List<Attribute> grouped = new ArrayList<>(keyAttributes);
      aggregates.forEach(aggregate -> grouped.add(aggregate.resultAttribute()));
      key = keyAttributes;
      isKeyOfGroups = true;
      levels.add(new LevelDraft(keyAttributes, boundKeys, inputs, kept, new ArrayList<>()));
      return project(results, grouped, lastStages());
    }

    /** ORDER BY with LIMIT: the level whose groups are the first rows of each partition. */
    private List<Attribute> top(TopRows top) {
      List<Attribute> row = input(top.child());
      // Of a row of the table also what the state notes of it, which is not a column.
      List<Attribute> input =
          row.stream().filter(each -> top.child().outputSet().contains(each)).toList();
      for (Attribute column : input) {
        if (!ValueOrder.has(column.dataType())) {
          throw ViewErrors.unsupported(
              place,
              "ORDER BY ... LIMIT with the column "
                  + column.name()
                  + " of type "
                  + column.dataType().sql(),
              "Select only columns whose values have an order.");
        }
      }
      List<Expression> inputs = new ArrayList<>();
      List<DataType> types = new ArrayList<>();
      List<Boolean> areDescending = new ArrayList<>();
      for (TopRows.Order order : top.orders()) {
        inputs.add(Expressions.normalized(Expressions.bind(order.expression(), row)));
        types.add(order.expression().dataType());
        areDescending.add(order.isDescending());
      }
      int orders = inputs.size();
      for (Attribute column : input) {
        inputs.add(Expressions.bind(column, row));
        types.add(column.dataType());
        areDescending.add(false);
      }
      List<NamedExpression> partitions = top.partitions();
      List<Expression> boundPartitions =
          partitions.stream()
              .map(each -> Expressions.normalized(Expressions.bind(unnamed(each), row)))
              .toList();
      watch(boundPartitions, lastStages());
      watch(inputs, lastStages());
      StructType kept = new StructType();
      for (int i = 0; i < types.size(); i++) {
        kept = kept.add("c" + i, types.get(i));
      }
      DataType rows = DataTypes.createArrayType(kept, false);
      List<RowStage> results = new ArrayList<>();
      results.add(
          new RowStage.Generate(
              new PosExplode(new BoundReference(partitions.size(), rows, false)),
              false,
              List.of(),
              2));
      List<Expression> columns = new ArrayList<>();
      for (int i = 0; i < input.size(); i++) {
        columns.add(
            new GetStructField(new BoundReference(1, kept, false), orders + i, Option.empty()));
      }
      List<Attribute> output = new ArrayList<>(input);
      if (top.rowNumber().isPresent()) {
        output.add(top.rowNumber().get());
        columns.add(
            new Add(
                new BoundReference(0, DataTypes.IntegerType, false),
                Literal.create(1, DataTypes.IntegerType)));
      }
      results.add(new RowStage.Project(columns));
      levels.add(
          new LevelDraft(
              partitions.stream().map(NamedExpression::toAttribute).toList(),
              boundPartitions,
              inputs,
              List.of(
                  Aggregate.first(
                      0,
                      new ValueOrder(types, areDescending),
                      rows,
                      maxKeptValues,
                      top.limit(),
                      "ORDER BY ... LIMIT")),
              results));
      if (top.condition().isPresent()) {
        results.add(new RowStage.Filter(Expressions.bind(top.condition().get(), output)));
      }
      for (Project each : top.projections()) {
        output = project(Expressions.list(each.projectList()), output, results);
      }
      return output;
    }

    /** The rows that a level takes: rows of their own, regardless of their last stage. */
    private List<Attribute> input(LogicalPlan plan) {
      List<Attribute> input = build(plan);
      if (levels.size() == ViewPlan.MAX_LEVELS) {
        throw ViewErrors.unsupported(
            place,
            "more than " + ViewPlan.MAX_LEVELS + " GROUP BY and LIMIT above one another",
            "Use fewer of them.");
      }
      if (!levels.isEmpty()) {
        lastStages().add(new RowStage.Project(Arrays.asList(Expressions.bindAll(input, input))));
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
      if (plan instanceof org.apache.spark.sql.catalyst.plans.logical.Aggregate
          || TopRows.in(plan).isPresent()) {
        throw ViewErrors.unsupported(
            place,
            "GROUP BY or LIMIT in a part of UNION ALL",
            "Use them above the union, or one output for each part.");
      }
      if (plan instanceof Union union) {
        return union(union, stages);
      }
      return stage(plan, rows(tableSide(plan), stages), stages);
    }

    private List<Attribute> union(Union union, List<RowStage> stages) {
      List<List<RowStage>> branches = new ArrayList<>();
      for (LogicalPlan branch : Expressions.list(union.children())) {
        if (nodes(branch).stream().noneMatch(ViewPlanner.this::isTable)) {
          throw ViewErrors.unsupported(
              place,
              "a part of UNION ALL that does not read " + table,
              "Read " + table + " in each part; a part can join lookups.");
        }
        List<RowStage> made = new ArrayList<>();
        List<Attribute> output = rows(branch, made);
        made.add(
            new RowStage.Project(
                Arrays.asList(Expressions.bindAll(Expressions.list(branch.output()), output))));
        branches.add(List.copyOf(made));
      }
      stages.add(new RowStage.Union(List.copyOf(branches)));
      canRepeatKey = true;
      return Expressions.list(union.output());
    }

    /** The attributes that are the table's key, as far as they are there. */
    private List<Attribute> keyOf(List<Attribute> row) {
      List<Attribute> key = new ArrayList<>();
      for (String column : tableKey) {
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
      for (String column : tableKey) {
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
        Expression condition = Expressions.bind(filter.condition(), input);
        watch(List.of(condition), stages);
        stages.add(new RowStage.Filter(condition));
        return input;
      }
      if (node instanceof Project project) {
        return project(Expressions.list(project.projectList()), input, stages);
      }
      if (node instanceof Join join) {
        return join(join, input, stages);
      }
      if (node instanceof Expand expand) {
        List<List<Expression>> projections =
            Expressions.list(expand.projections()).stream()
                .map(each -> Arrays.asList(Expressions.bindAll(Expressions.list(each), input)))
                .toList();
        projections.forEach(each -> watch(each, stages));
        stages.add(new RowStage.Expand(projections));
        return Expressions.list(expand.output());
      }
      if (node instanceof Generate generate) {
        return generate(generate, input, stages);
      }
      if (node instanceof Window window) {
        throw TopRows.unboundedWindow(
            ((Expression) window.windowExpressions().apply(0)).children().apply(0).sql(), place);
      }
      throw unsupported(node);
    }

    private List<Attribute> generate(
        Generate generate, List<Attribute> input, List<RowStage> stages) {
      List<Attribute> columns = Expressions.list(generate.requiredChildOutput());
      List<Attribute> generated = Expressions.list(generate.nullableOutput());
      Expression generator = Expressions.bind((Expression) generate.generator(), input);
      watch(List.of(generator), stages);
      stages.add(
          new RowStage.Generate(
              generator,
              generate.outer(),
              Arrays.asList(Expressions.bindAll(columns, input)),
              generated.size()));
      canRepeatKey = true;
      columns.addAll(generated);
      return columns;
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
      if (join.condition().isDefined() && BatchTime.isIn(join.condition().get())) {
        throw timeOfLookup();
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
        if (Expressions.list(plan.expressions()).stream().anyMatch(BatchTime::isIn)) {
          throw timeOfLookup();
        }
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
      watch(bound, stages);
      stages.add(new RowStage.Project(List.copyOf(bound)));
      return output;
    }

    /**
     * Before a stage whose expressions compare with now(): it tells when that changes for a row.
     */
    private void watch(List<Expression> bound, List<RowStage> stages) {
      List<BatchTime.Comparison> comparisons = new ArrayList<>();
      for (Expression expression : bound) {
        comparisons.addAll(comparisons(expression));
      }
      if (comparisons.isEmpty()) {
        return;
      }
      if (!levels.isEmpty()) {
        throw ViewErrors.unsupported(
            place,
            "now() above GROUP BY or LIMIT",
            "Compare columns of the table with it: in WHERE below them, or in FILTER.");
      }
      isTimed = true;
      stages.add(new RowStage.Watch(comparisons));
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
          place,
          "now() compared with a column of a lookup",
          "Compare it with columns of the table.");
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
}
