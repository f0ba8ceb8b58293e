package dev.millrace.cassandra;

import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.metadata.NodeStateListenerBase;
import dev.millrace.error.CassandraErrors;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Reports when a node of the cluster is gone, and when it answers again. */
public final class NodeAnnouncements extends NodeStateListenerBase {

  private final Consumer<String> progress;
  private final Set<Node> gone = ConcurrentHashMap.newKeySet();

  public NodeAnnouncements(Consumer<String> progress) {
    this.progress = progress;
  }

  @Override
  public void onUp(Node node) {
    // A node that is new comes up, too.
    if (gone.remove(node)) {
      progress.accept(CassandraErrors.nodeUp(node.getEndPoint().toString()));
    }
  }

  @Override
  public void onDown(Node node) {
    if (gone.add(node)) {
      progress.accept(CassandraErrors.nodeDown(node.getEndPoint().toString()));
    }
  }

  @Override
  public void close() {}
}
