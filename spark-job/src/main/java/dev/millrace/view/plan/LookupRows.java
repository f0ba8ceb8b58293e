package dev.millrace.view.plan;

import dev.millrace.view.table.Expressions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/**
 * The rows of a lookup as of one version. Lookups with the same rows, in any order, have the same
 * version. Immutable and thread-safe; made on the driver, used by executors.
 */
public final class LookupRows implements Serializable {

  private static final long serialVersionUID = 1L;

  private final StructType columns;
  private final byte[][] rows;
  private final String version;

  /** The rows by the keys of each join, made by the first task of a process that needs them. */
  private transient volatile Map<String, Index> indexes;

  private LookupRows(StructType columns, byte[][] rows) {
    this.columns = columns;
    this.rows = rows;
    Arrays.sort(rows, Arrays::compareUnsigned);
    this.version = HexFormat.of().formatHex(sha256(write()));
  }

  /** The rows as a lookup has them. */
  public static LookupRows of(StructType columns, List<Row> rows) {
    Function1<Object, Object> converter = CatalystTypeConverters.createToCatalystConverter(columns);
    UnsafeProjection projection = UnsafeProjection.create(columns);
    return new LookupRows(
        columns,
        rows.stream()
            .map(row -> projection.apply((InternalRow) converter.apply(row)).getBytes().clone())
            .toArray(byte[][]::new));
  }

  /** Reads what {@link #write} wrote. */
  public static LookupRows read(byte[] written) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(written))) {
      StructType columns =
          (StructType)
              DataType.fromJson(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
      byte[][] rows = new byte[in.readInt()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = new byte[in.readInt()];
        in.readFully(rows[i]);
      }
      return new LookupRows(columns, rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The columns and rows as bytes, the same for the same version. */
  public byte[] write() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      byte[] type = columns.json().getBytes(StandardCharsets.UTF_8);
      out.writeInt(type.length);
      out.write(type);
      out.writeInt(rows.length);
      for (byte[] row : rows) {
        out.writeInt(row.length);
        out.write(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** What is the same for the same columns and rows, and another one for others. */
  public String version() {
    return version;
  }

  /** The columns that it has. */
  public StructType columns() {
    return columns;
  }

  /** The rows for a query of this session. */
  public Dataset<Row> dataset(SparkSession session) {
    return session.createDataFrame(rows(), columns);
  }

  /** The rows as Spark's API has them. */
  public List<Row> rows() {
    Function1<Object, Object> converter = CatalystTypeConverters.createToScalaConverter(columns);
    return Arrays.stream(rows)
        .map(row -> (Row) converter.apply(Expressions.row(row, columns.length())))
        .toList();
  }

  /**
   * The rows of a join's side of the lookup whose keys are equal; none for a key with a null.
   *
   * @param key not kept
   */
  List<UnsafeRow> matches(RowStage.Join join, UnsafeRow key) {
    return key.anyNull()
        ? List.of()
        : index(join).rows().getOrDefault(ByteBuffer.wrap(key.getBytes()), List.of());
  }

  private Index index(RowStage.Join join) {
    Map<String, Index> made = indexes;
    if (made == null) {
      synchronized (this) {
        if (indexes == null) {
          indexes = new ConcurrentHashMap<>();
        }
        made = indexes;
      }
    }
    return made.computeIfAbsent(join.name(), first -> Index.of(join.side(), rows, columns));
  }

  /**
   * The rows by key.
   *
   * @param failure why there are none, or null: it is that of each row that needs them
   */
  private record Index(Map<ByteBuffer, List<UnsafeRow>> byKey, RuntimeException failure) {

    static Index of(RowStage.Join.Side side, byte[][] rows, StructType columns) {
      Map<ByteBuffer, List<UnsafeRow>> byKey = new HashMap<>();
      UnsafeProjection keys = Expressions.projection(side.keys().toArray(Expression[]::new));
      keys.initialize(0);
      Consumer<InternalRow> stages =
          RowStage.open(
              side.stages(),
              RowStage.Context.NONE,
              row -> {
                UnsafeRow key = keys.apply(row);
                if (!key.anyNull()) {
                  byKey
                      .computeIfAbsent(
                          ByteBuffer.wrap(key.getBytes().clone()), first -> new ArrayList<>(1))
                      .add(((UnsafeRow) row).copy());
                }
              });
      try {
        for (byte[] row : rows) {
          stages.accept(Expressions.row(row, columns.length()));
        }
        return new Index(byKey, null);
      } catch (RuntimeException e) {
        return new Index(Map.of(), e);
      }
    }

    Map<ByteBuffer, List<UnsafeRow>> rows() {
      if (failure != null) {
        throw failure;
      }
      return byKey;
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
