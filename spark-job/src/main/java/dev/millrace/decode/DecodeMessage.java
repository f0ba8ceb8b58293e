package dev.millrace.decode;

import java.io.Serializable;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.codegen.CodeBlock;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.catalyst.expressions.codegen.FalseLiteral$;
import org.apache.spark.sql.types.DataType;
import scala.collection.IndexedSeq;
import scala.collection.Seq;
import scala.collection.immutable.List;
import scala.collection.immutable.Nil$;

/**
 * The Catalyst expression over a message's key and value; {@link Decode#column} states what it
 * gives.
 *
 * <p>It gives the same for the same input and yet declares itself non-deterministic: the optimizer
 * copies a deterministic expression to wherever its result is used, and a message would be read
 * once for a filter and again for every column.
 */
final class DecodeMessage extends Expression implements Serializable {

  private static final long serialVersionUID = 1L;

  private final Expression key;
  private final Expression value;
  private final MessageDecoder decoder;

  /** Counts what was decoded; null where nobody asks. */
  private final DecodeTally tally;

  /** Only for interpreted evaluation; {@link #stateful} keeps it to one task. */
  private transient MessageReader reader;

  DecodeMessage(Expression key, Expression value, MessageDecoder decoder, DecodeTally tally) {
    this.key = key;
    this.value = value;
    this.decoder = decoder;
    this.tally = tally;
  }

  @Override
  public DataType dataType() {
    return Outcome.type(decoder.rowType());
  }

  @Override
  public boolean nullable() {
    return false;
  }

  @Override
  public boolean deterministic() {
    return false;
  }

  @Override
  public boolean stateful() {
    return true;
  }

  @Override
  public Seq<Expression> children() {
    List<Expression> none = emptyList();
    return none.$colon$colon(value).$colon$colon(key);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new DecodeMessage(children.apply(0), children.apply(1), decoder, tally);
  }

  @Override
  public Object eval(InternalRow input) {
    if (reader == null) {
      reader = MessageReader.of(decoder);
    }
    InternalRow decoded = reader.read((byte[]) key.eval(input), (byte[]) value.eval(input));
    if (tally != null) {
      tally.add(decoded);
    }
    return decoded;
  }

  @Override
  public ExprCode doGenCode(CodegenContext context, ExprCode code) {
    ExprCode keyCode = key.genCode(context);
    ExprCode valueCode = value.genCode(context);
    String plan =
        context.addReferenceObj("messageDecoder", decoder, MessageDecoder.class.getName());
    // A reader is neither serializable nor to be shared: it is made where the generated code runs.
    String taskReader =
        context.addMutableState(
            MessageReader.class.getName(),
            "messageReader",
            name -> "%s = %s.of(%s);".formatted(name, MessageReader.class.getName(), plan),
            true,
            true);
    String read =
        String.format(
            "org.apache.spark.sql.catalyst.InternalRow %s = %s.read(%s, %s);%n",
            code.value(), taskReader, orNull(keyCode), orNull(valueCode));
    if (tally != null) {
      String counter = context.addReferenceObj("decodeTally", tally, DecodeTally.class.getName());
      read += String.format("%s.add(%s);%n", counter, code.value());
    }
    List<org.apache.spark.sql.catalyst.expressions.codegen.JavaCode> inputs = emptyList();
    List<String> parts = emptyList();
    CodeBlock body = new CodeBlock(parts.$colon$colon(read), inputs);
    return code.copy(
        keyCode.code().$plus(valueCode.code()).$plus(body), FalseLiteral$.MODULE$, code.value());
  }

  @Override
  public String prettyName() {
    return "decode_message";
  }

  @Override
  public int productArity() {
    return 4;
  }

  @Override
  public Object productElement(int index) {
    return switch (index) {
      case 0 -> key;
      case 1 -> value;
      case 2 -> decoder;
      case 3 -> tally;
      default -> throw new IndexOutOfBoundsException(index);
    };
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof DecodeMessage;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DecodeMessage that
        && key.equals(that.key)
        && value.equals(that.value)
        && decoder.equals(that.decoder)
        && tally == that.tally;
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, value, decoder);
  }

  private static String orNull(ExprCode code) {
    return "(" + code.isNull() + " ? null : " + code.value() + ")";
  }

  @SuppressWarnings("unchecked") // Scala's empty list is one of every type.
  private static <T> List<T> emptyList() {
    return (List<T>) (List<?>) Nil$.MODULE$;
  }
}
