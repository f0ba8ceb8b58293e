package dev.millrace.pipeline;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.io.CloseableIterable;

/** The rows of tables of Iceberg as Iceberg's own reader finds them, without Spark. */
final class IcebergRows {

  private IcebergRows() {}

  /** The rows of a table in a folder of tables, each value as text. */
  static List<Map<String, String>> read(Path warehouse, String table) {
    try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), warehouse.toString())) {
      return read(catalog.loadTable(TableIdentifier.parse(table)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The batch that a table is at; -1 where it has none. */
  static long batch(Path warehouse, String table) {
    try (HadoopCatalog catalog = new HadoopCatalog(new Configuration(), warehouse.toString())) {
      TableIdentifier name = TableIdentifier.parse(table);
      return catalog.tableExists(name)
          ? Long.parseLong(
              catalog.loadTable(name).properties().getOrDefault("millrace.batch", "-1"))
          : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of a table, each value as text. */
  static List<Map<String, String>> read(Table table) {
    List<Map<String, String>> rows = new ArrayList<>();
    try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
      for (Record each : records) {
        Map<String, String> row = new HashMap<>();
        each.struct()
            .fields()
            .forEach(
                field -> {
                  Object value = each.getField(field.name());
                  row.put(field.name(), value == null ? null : value.toString());
                });
        rows.add(row);
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
