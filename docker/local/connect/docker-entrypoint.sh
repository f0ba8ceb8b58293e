#!/usr/bin/env bash
# Writes the worker's settings from the environment, then becomes the worker. CONNECT_X_Y is the setting x.y.
set -euo pipefail

if [ "${1:-}" != start ]; then
  exec "$@"
fi

: "${CONFIG_STORAGE_TOPIC:?set CONFIG_STORAGE_TOPIC to the topic that keeps connector configurations}"
: "${OFFSET_STORAGE_TOPIC:?set OFFSET_STORAGE_TOPIC to the topic that keeps source offsets}"
export CONNECT_BOOTSTRAP_SERVERS=${BOOTSTRAP_SERVERS:?set BOOTSTRAP_SERVERS to the address of Kafka}
export CONNECT_CONFIG_STORAGE_TOPIC=$CONFIG_STORAGE_TOPIC
export CONNECT_OFFSET_STORAGE_TOPIC=$OFFSET_STORAGE_TOPIC
export CONNECT_STATUS_STORAGE_TOPIC=${STATUS_STORAGE_TOPIC:-connect-status}
export CONNECT_GROUP_ID=${GROUP_ID:-1}
export CONNECT_KEY_CONVERTER=${KEY_CONVERTER:-org.apache.kafka.connect.json.JsonConverter}
export CONNECT_VALUE_CONVERTER=${VALUE_CONVERTER:-org.apache.kafka.connect.json.JsonConverter}
export CONNECT_REST_ADVERTISED_HOST_NAME=${ADVERTISED_HOST_NAME:-$(hostname -i)}
export CONNECT_REST_ADVERTISED_PORT=${ADVERTISED_PORT:-8083}
export CONNECT_OFFSET_FLUSH_INTERVAL_MS=${OFFSET_FLUSH_INTERVAL_MS:-60000}
export CONNECT_OFFSET_FLUSH_TIMEOUT_MS=${OFFSET_FLUSH_TIMEOUT_MS:-5000}
export CONNECT_PLUGIN_PATH=${CONNECT_PLUGIN_PATH:-$KAFKA_CONNECT_PLUGINS_DIR}

settings=$KAFKA_HOME/config/connect-distributed.properties
: > "$settings"
for variable in "${!CONNECT_@}"; do
  name=${variable#CONNECT_}
  name=${name,,}
  printf '%s=%s\n' "${name//_/.}" "${!variable}" >> "$settings"
done
cp -n "$KAFKA_HOME/config.orig/log4j2.properties" "$KAFKA_HOME/config/"

# A list of words, as in Kafka's own scripts.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" ${HEAP_OPTS:--Xms256M -Xmx2G} -XX:+UseSerialGC ${KAFKA_OPTS:-} \
  "-Dlog4j2.configurationFile=$KAFKA_HOME/config/log4j2.properties" \
  -cp "$KAFKA_HOME/libs/*" org.apache.kafka.connect.cli.ConnectDistributed "$settings"
