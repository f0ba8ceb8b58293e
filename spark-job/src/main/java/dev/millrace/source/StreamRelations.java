package dev.millrace.source;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.streaming.StreamingRelationV2;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Streams of sources that are not registered with Spark by a name. Driver only. */
public final class StreamRelations {

  private StreamRelations() {}

  /** The stream of a table that is its own scan. */
  public static <T extends SupportsRead & Scan> Dataset<Row> open(
      SparkSession session, T table, String kind) {
    Seq<Attribute> attributes =
        JavaConverters.asScalaBuffer(
                List.<Attribute>copyOf(
                    JavaConverters.seqAsJavaList(DataTypeUtils.toAttributes(table.readSchema()))))
            .toSeq();
    return Dataset.ofRows(
        session,
        new StreamingRelationV2(
            Option.empty(),
            kind,
            table,
            CaseInsensitiveStringMap.empty(),
            attributes,
            Option.empty(),
            Option.empty(),
            Option.empty()));
  }
}
