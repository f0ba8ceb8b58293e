package dev.millrace.view;

import dev.millrace.view.aggregate.Group;
import dev.millrace.view.plan.GroupRule;
import dev.millrace.view.table.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.ExternalAppendOnlyUnsafeRowArray;
import org.apache.spark.sql.execution.window.WindowFunctionFrame;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.DataType;
import scala.Function1;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.mutable.Buffer;

/** Spark's window functions over the rows of a group. Executor only, for one task. */
final class WindowFunctions {

  private final List<WindowFunctionFrame> frames = new ArrayList<>();
  private final InternalRow values;
  private final UnsafeProjection columns;
  private final UnsafeProjection results;
  private final ExternalAppendOnlyUnsafeRowArray rows;

  WindowFunctions(GroupRule.Windowed rule) {
    List<Expression> functions = new ArrayList<>();
    List<Function1<InternalRow, WindowFunctionFrame>> factories = new ArrayList<>();
    for (Tuple2<Buffer<Expression>, Function1<InternalRow, WindowFunctionFrame>> frame :
        Expressions.list(rule.functions().windowFrameExpressionFactoryPairs())) {
      functions.addAll(Expressions.list(frame._1()));
      factories.add(frame._2());
    }
    List<DataType> types = functions.stream().map(Expression::dataType).toList();
    this.values = new SpecificInternalRow(Expressions.seq(types));
    factories.forEach(factory -> frames.add(factory.apply(values)));
    this.results = rule.functions().createResultProjection(Expressions.seq(functions));
    List<Expression> references = new ArrayList<>();
    for (Attribute column : Expressions.list(rule.functions().child().output())) {
      references.add(
          new BoundReference(rule.ordinals().get(references.size()), column.dataType(), true));
    }
    this.columns = Expressions.projection(references.toArray(Expression[]::new));
    SQLConf conf = SQLConf.get();
    this.rows =
        new ExternalAppendOnlyUnsafeRowArray(
            conf.windowExecBufferInMemoryThreshold(), conf.windowExecBufferSpillThreshold());
  }

  /**
   * Gives each row of a group with the functions' results, in the order of the window; the rows are
   * reused.
   */
  void forEach(Group group, Consumer<UnsafeRow> consumer) {
    rows.clear();
    group.forEachRow(
        0,
        (row, count) -> {
          UnsafeRow unsafe = columns.apply(row);
          for (long left = count; left > 0; left--) {
            rows.add(unsafe);
          }
        });
    frames.forEach(frame -> frame.prepare(rows));
    JoinedRow joined = new JoinedRow();
    int index = 0;
    for (Iterator<UnsafeRow> all = rows.generateIterator(); all.hasNext(); index++) {
      UnsafeRow row = all.next();
      for (WindowFunctionFrame frame : frames) {
        frame.write(index, row);
      }
      consumer.accept(results.apply(joined.apply(row, values)));
    }
  }
}
