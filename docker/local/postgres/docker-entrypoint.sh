#!/usr/bin/env bash
# Makes the cluster at the first start, runs what lies in /docker-entrypoint-initdb.d, then becomes the server.
set -euo pipefail

if [ "${1:0:1}" = "-" ]; then
  set -- postgres "$@"
fi
if [ "$1" != postgres ]; then
  exec "$@"
fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi

export POSTGRES_USER=${POSTGRES_USER:-postgres}
export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}

process_sql() {
  psql --set ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" "$@"
}

make_cluster() {
  : "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD to the password of the superuser $POSTGRES_USER}"
  install --directory --mode 0700 "$PGDATA"
  # POSTGRES_INITDB_ARGS is a list of words.
  # shellcheck disable=SC2086
  initdb --username "$POSTGRES_USER" --pwfile <(printf '%s\n' "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-}
  echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"

  # On the socket alone, so that nobody takes a database that is being made for the finished one.
  pg_ctl --wait --options "-c listen_addresses=''" start
  if [ "$POSTGRES_DB" != postgres ]; then
    process_sql --dbname postgres --set database="$POSTGRES_DB" <<< 'CREATE DATABASE :"database";'
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        echo "Running $file"
        # Sourced where it is not executable, as the official image does.
        # shellcheck source=/dev/null
        if [ -x "$file" ]; then "$file"; else . "$file"; fi
        ;;
      *.sql) echo "Running $file"; process_sql --dbname "$POSTGRES_DB" --file "$file" ;;
    esac
  done
  pg_ctl --wait --mode fast stop
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  make_cluster
fi
exec "$@"
