package dev.millrace.view.plan;

import dev.millrace.view.table.Expressions;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.Predicate;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import scala.collection.Iterator;
import scala.collection.TraversableOnce;

/** A step of a view that takes one row at a time; bound to the rows of the step before. */
public sealed interface RowStage extends Serializable {

  /** Compiles the stage for one task; the rows that it emits are reused. */
  Consumer<InternalRow> open(Context context, Consumer<InternalRow> next);

  /**
   * What stages are opened with.
   *
   * @param lookups by their names, those of every join among the stages
   * @param micros what SQL calls now(), in microseconds since 1970
   * @param moments takes the later times at which the stages make something else of a row
   */
  record Context(Map<String, LookupRows> lookups, long micros, LongConsumer moments) {

    /** For stages without joins that do not depend on the time. */
    public static final Context NONE = new Context(Map.of(), 0, moment -> {});

    Expression bound(Expression expression) {
      return BatchTime.bound(expression, micros);
    }

    public UnsafeProjection projection(List<Expression> expressions) {
      UnsafeProjection projection =
          Expressions.projection(expressions.stream().map(this::bound).toArray(Expression[]::new));
      projection.initialize(0);
      return projection;
    }
  }

  /** WHERE, HAVING. */
  record Filter(Expression condition) implements RowStage {

    @Override
    public Consumer<InternalRow> open(Context context, Consumer<InternalRow> next) {
      BasePredicate predicate = Predicate.create(context.bound(condition));
      predicate.initialize(0);
      return row -> {
        if (predicate.eval(row)) {
          next.accept(row);
        }
      };
    }
  }

  /** SELECT. */
  record Project(List<Expression> expressions) implements RowStage {

    @Override
    public Consumer<InternalRow> open(Context context, Consumer<InternalRow> next) {
      UnsafeProjection projection = context.projection(expressions);
      return row -> next.accept(projection.apply(row));
    }
  }

  /**
   * A join with a lookup: the row of the table's side, then that of the lookup's side.
   *
   * @param name of the join, which no other of the pipeline has
   * @param lookup its name
   * @param kind which rows are emitted
   * @param keys what has to be equal, of the row
   * @param side of the lookup
   * @param condition what else has to be true, of both rows; null for nothing
   */
  record Join(
      String name,
      String lookup,
      JoinKind kind,
      List<Expression> keys,
      Side side,
      Expression condition)
      implements RowStage {

    /**
     * The side of the lookup.
     *
     * @param stages what happens to each of its rows before the join
     * @param keys what has to be equal, of a row after that
     * @param fields how many it has
     */
    record Side(List<RowStage> stages, List<Expression> keys, int fields) implements Serializable {

      Side {
        stages = List.copyOf(stages);
        keys = List.copyOf(keys);
      }
    }

    @Override
    public Consumer<InternalRow> open(Context context, Consumer<InternalRow> next) {
      LookupRows rows = context.lookups().get(lookup);
      UnsafeProjection key = context.projection(keys);
      BasePredicate predicate = condition == null ? null : Predicate.create(condition);
      if (predicate != null) {
        predicate.initialize(0);
      }
      InternalRow nulls = new GenericInternalRow(side.fields());
      JoinedRow joined = new JoinedRow();
      return row -> {
        boolean isMatched = false;
        for (UnsafeRow other : rows.matches(this, key.apply(row))) {
          joined.apply(row, other);
          if (predicate != null && !predicate.eval(joined)) {
            continue;
          }
          isMatched = true;
          if (!kind.hasRightColumns()) {
            break;
          }
          next.accept(joined);
        }
        if (kind == JoinKind.LEFT && !isMatched) {
          next.accept(joined.apply(row, nulls));
        } else if (kind == (isMatched ? JoinKind.SEMI : JoinKind.ANTI)) {
          next.accept(row);
        }
      };
    }
  }

  /** GROUPING SETS, ROLLUP, CUBE: a row for each of several projections. */
  record Expand(List<List<Expression>> projections) implements RowStage {

    @Override
    public Consumer<InternalRow> open(Context context, Consumer<InternalRow> next) {
      List<Consumer<InternalRow>> each =
          projections.stream()
              .map(expressions -> new Project(expressions).open(context, next))
              .toList();
      return row -> each.forEach(projection -> projection.accept(row));
    }
  }

  /** UNION ALL: the rows that each branch makes of a row. */
  record Union(List<List<RowStage>> branches) implements RowStage {

    @Override
    public Consumer<InternalRow> open(Context context, Consumer<InternalRow> next) {
      List<Consumer<InternalRow>> each =
          branches.stream().map(stages -> RowStage.open(stages, context, next)).toList();
      return row -> each.forEach(branch -> branch.accept(row));
    }
  }

  /**
   * LATERAL VIEW, explode: columns of a row, then those of each row that a generator makes of it.
   *
   * @param isOuter whether a row of which the generator makes nothing stays, with nulls
   * @param fields how many columns the generator's rows have
   */
  record Generate(Expression generator, boolean isOuter, List<Expression> columns, int fields)
      implements RowStage {

    @Override
    public Consumer<InternalRow> open(Context context, Consumer<InternalRow> next) {
      UnsafeProjection projection = context.projection(columns);
      Expression bound = context.bound(generator);
      InternalRow nulls = new GenericInternalRow(fields);
      JoinedRow joined = new JoinedRow();
      return row -> {
        InternalRow kept = projection.apply(row);
        @SuppressWarnings("unchecked")
        Iterator<InternalRow> made = ((TraversableOnce<InternalRow>) bound.eval(row)).toIterator();
        if (isOuter && !made.hasNext()) {
          next.accept(joined.apply(kept, nulls));
        }
        while (made.hasNext()) {
          next.accept(joined.apply(kept, made.next()));
        }
      };
    }
  }

  /** Tells when comparisons with now() change for a row, which stays as it is. */
  record Watch(List<BatchTime.Comparison> comparisons) implements RowStage {

    @Override
    public Consumer<InternalRow> open(Context context, Consumer<InternalRow> next) {
      List<BatchTime.Moment> opened =
          comparisons.stream().map(each -> each.opened(context.micros())).toList();
      return row -> {
        for (BatchTime.Moment each : opened) {
          context.moments().accept(each.of(row));
        }
        next.accept(row);
      };
    }
  }

  /** Whether some stage can make several rows of one. */
  static boolean canRepeatRows(List<RowStage> stages) {
    return stages.stream()
        .anyMatch(
            stage ->
                stage instanceof Expand
                    || stage instanceof Union
                    || stage instanceof Generate
                    || (stage instanceof Join join && join.kind().hasRightColumns()));
  }

  /** Compiles stages one after another. */
  static Consumer<InternalRow> open(
      List<RowStage> stages, Context context, Consumer<InternalRow> last) {
    Consumer<InternalRow> next = last;
    for (int i = stages.size() - 1; i >= 0; i--) {
      next = stages.get(i).open(context, next);
    }
    return next;
  }
}
