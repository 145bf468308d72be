#!/bin/sh
# Run once by the postgres image on an empty database folder: the two roles and the database.
set -eu
psql --username="${POSTGRES_USER:-postgres}" --dbname=postgres --set=ON_ERROR_STOP=1 \
  --set=owner="$OWNER_PASSWORD" --set=app="$APP_PASSWORD" <<'SQL'
CREATE ROLE suishoupai_owner LOGIN PASSWORD :'owner';
CREATE ROLE suishoupai_app LOGIN PASSWORD :'app';
CREATE DATABASE suishoupai OWNER suishoupai_owner;
SQL
