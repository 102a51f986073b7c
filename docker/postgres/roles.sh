#!/bin/bash
# Runs once, when the database is made. POSTGRES_USER owns the database and its schemas, and migrates. The
# service has a login of its own, which may do what migrations grant to daybook_service and no more.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --set=password="$SERVICE_PASSWORD" --set=database="$POSTGRES_DB" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE daybook_service NOLOGIN;
CREATE ROLE daybook_app LOGIN PASSWORD :'password' IN ROLE daybook_service;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO daybook_service;
SQL
