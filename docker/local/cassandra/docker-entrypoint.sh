#!/usr/bin/env bash
# Writes the node's settings from CASSANDRA_*, then becomes the node.
set -euo pipefail

if [ "${1:-}" != cassandra ]; then
  exec "$@"
fi

address=${CASSANDRA_LISTEN_ADDRESS:-$(hostname -i | cut -d ' ' -f 1)}
cp "$CASSANDRA_HOME/conf/logback.xml" "$CASSANDRA_CONF/"
sed -e "s|@CLUSTER_NAME@|${CASSANDRA_CLUSTER_NAME:-Test Cluster}|" \
  -e "s|@SEEDS@|${CASSANDRA_SEEDS:-$address}|" \
  -e "s|@ADDRESS@|$address|" \
  -e "s|@SNITCH@|${CASSANDRA_ENDPOINT_SNITCH:-SimpleSnitch}|" \
  "$CASSANDRA_HOME/conf/cassandra.yaml" > "$CASSANDRA_CONF/cassandra.yaml"
printf 'dc=%s\nrack=%s\n' "${CASSANDRA_DC:-datacenter1}" "${CASSANDRA_RACK:-rack1}" \
  > "$CASSANDRA_CONF/cassandra-rackdc.properties"

exec "$JAVA_HOME/bin/java" "@$CASSANDRA_HOME/conf/jvm17.options" \
  "-Xms${MAX_HEAP_SIZE:-1G}" "-Xmx${MAX_HEAP_SIZE:-1G}" "-Xmn${HEAP_NEWSIZE:-256M}" \
  "-Dcassandra.storagedir=/var/lib/cassandra" "-Dcassandra.logdir=/var/log/cassandra" \
  -cp "$CASSANDRA_CONF:$CASSANDRA_HOME/lib/*" org.apache.cassandra.service.CassandraDaemon
