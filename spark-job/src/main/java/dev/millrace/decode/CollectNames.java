package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.IndexedSeq;
import scala.collection.Seq;
import scala.collection.immutable.Nil$;

/**
 * The aggregate that gives the distinct strings of arrays, in order; null arrays add nothing and
 * cost next to nothing. An empty array where there are none.
 *
 * <p>Spark's {@code collect_set} would do, if a query could observe it: it calls itself
 * non-deterministic, which observed metrics must not be. The order makes this one deterministic.
 */
final class CollectNames extends TypedImperativeAggregate<SortedSet<String>>
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** No name in Postgres holds it. */
  private static final String SEPARATOR = "\0";

  private final Expression names;
  private final int mutableAggBufferOffset;
  private final int inputAggBufferOffset;

  /**
   * @param names an array of strings
   */
  CollectNames(Expression names) {
    this(names, 0, 0);
  }

  private CollectNames(Expression names, int mutableAggBufferOffset, int inputAggBufferOffset) {
    this.names = names;
    this.mutableAggBufferOffset = mutableAggBufferOffset;
    this.inputAggBufferOffset = inputAggBufferOffset;
  }

  @Override
  public SortedSet<String> createAggregationBuffer() {
    return new TreeSet<>();
  }

  @Override
  public SortedSet<String> update(SortedSet<String> buffer, InternalRow input) {
    ArrayData found = (ArrayData) names.eval(input);
    if (found != null) {
      for (int i = 0; i < found.numElements(); i++) {
        buffer.add(found.getUTF8String(i).toString());
      }
    }
    return buffer;
  }

  @Override
  public SortedSet<String> merge(SortedSet<String> buffer, SortedSet<String> other) {
    buffer.addAll(other);
    return buffer;
  }

  @Override
  public Object eval(SortedSet<String> buffer) {
    return new GenericArrayData(buffer.stream().map(UTF8String::fromString).toArray());
  }

  @Override
  public byte[] serialize(SortedSet<String> buffer) {
    return String.join(SEPARATOR, buffer).getBytes(UTF_8);
  }

  @Override
  public SortedSet<String> deserialize(byte[] bytes) {
    return bytes.length == 0
        ? new TreeSet<>()
        : new TreeSet<>(Arrays.asList(new String(bytes, UTF_8).split(SEPARATOR, -1)));
  }

  @Override
  public DataType dataType() {
    return DataTypes.createArrayType(DataTypes.StringType, false);
  }

  @Override
  public boolean nullable() {
    return false;
  }

  @Override
  public Seq<Expression> children() {
    return CollectNames.<Expression>emptyList().$colon$colon(names);
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
    return new CollectNames(children.apply(0), mutableAggBufferOffset, inputAggBufferOffset);
  }

  @Override
  public int mutableAggBufferOffset() {
    return mutableAggBufferOffset;
  }

  @Override
  public int inputAggBufferOffset() {
    return inputAggBufferOffset;
  }

  @Override
  public ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return new CollectNames(names, offset, inputAggBufferOffset);
  }

  @Override
  public ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return new CollectNames(names, mutableAggBufferOffset, offset);
  }

  @Override
  public String prettyName() {
    return "collect_names";
  }

  @Override
  public int productArity() {
    return 3;
  }

  @Override
  public Object productElement(int index) {
    return List.of(names, mutableAggBufferOffset, inputAggBufferOffset).get(index);
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CollectNames;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CollectNames that
        && names.equals(that.names)
        && mutableAggBufferOffset == that.mutableAggBufferOffset
        && inputAggBufferOffset == that.inputAggBufferOffset;
  }

  @Override
  public int hashCode() {
    return Objects.hash(names, mutableAggBufferOffset, inputAggBufferOffset);
  }

  @SuppressWarnings("unchecked") // Scala's empty list is one of every type.
  private static <T> scala.collection.immutable.List<T> emptyList() {
    return (scala.collection.immutable.List<T>) (scala.collection.immutable.List<?>) Nil$.MODULE$;
  }
}
