package dev.millrace.decode;

import java.io.Serializable;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodeBlock;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.types.DataType;
import scala.collection.IndexedSeq;
import scala.collection.Seq;
import scala.collection.immutable.List;
import scala.collection.immutable.Nil$;

/** Hands its input on and counts how often it was asked for it, in this process. */
public final class CountInputs extends Expression implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Generated code and deserialized copies can't reach a field of the test. */
  private static final AtomicLong COUNT = new AtomicLong();

  private final Expression input;

  CountInputs(Expression input) {
    this.input = input;
  }

  static long countAndReset() {
    return COUNT.getAndSet(0);
  }

  /** Called from generated code. */
  public static void count() {
    COUNT.incrementAndGet();
  }

  @Override
  public DataType dataType() {
    return input.dataType();
  }

  @Override
  public boolean nullable() {
    return input.nullable();
  }

  @Override
  public Seq<Expression> children() {
    return CountInputs.<Expression>emptyList().$colon$colon(input);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new CountInputs(children.apply(0));
  }

  @Override
  public Object eval(InternalRow row) {
    count();
    return input.eval(row);
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    ExprCode inputCode = input.genCode(context);
    String count = CountInputs.class.getName() + ".count();%n".formatted();
    CodeBlock body =
        new CodeBlock(CountInputs.<String>emptyList().$colon$colon(count), emptyList());
    return code.copy(inputCode.code().$plus(body), inputCode.isNull(), inputCode.value());
  }

  @Override
  public int productArity() {
    return 1;
  }

  @Override
  public Object productElement(int index) {
    return input;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CountInputs;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CountInputs that && input.equals(that.input);
  }

  @Override
  public int hashCode() {
    return input.hashCode();
  }

  @SuppressWarnings("unchecked")
  private static <T> List<T> emptyList() {
    return (List<T>) (List<?>) Nil$.MODULE$;
  }
}
