#!/usr/bin/env bash
# Passes the command through; gives a user that the image does not know a name, which Hadoop asks for.
set -euo pipefail

if ! getent passwd "$(id -u)" > /dev/null; then
  NSS_WRAPPER_PASSWD=$(mktemp)
  NSS_WRAPPER_GROUP=$(mktemp)
  echo "spark:x:$(id -u):$(id -g):spark:$SPARK_HOME:/bin/false" > "$NSS_WRAPPER_PASSWD"
  echo "spark:x:$(id -g):" > "$NSS_WRAPPER_GROUP"
  LD_PRELOAD=$(echo /usr/lib/*/libnss_wrapper.so)
  export LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
fi
exec "$@"
