#!/usr/bin/env bash
# Passwords come from the environment, never from a file in git. The image's entrypoint runs this after the SQL next to it.
set -euo pipefail

: "${DEBEZIUM_PASSWORD:?set DEBEZIUM_PASSWORD to the password of debezium_user}"

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv password DEBEZIUM_PASSWORD
ALTER ROLE debezium_user PASSWORD :'password';
SQL
