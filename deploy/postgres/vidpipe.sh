#!/bin/bash
# Run once by the image of PostgreSQL, when its volume is new: vidpipe's login, its two databases and
# the extension, which only a superuser may make.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --set password="$VIDPIPE_DATABASE_PASSWORD" --username postgres <<'SQL'
create role vidpipe login createrole password :'password';
create database vidpipe owner vidpipe encoding 'UTF8' template template0;
create database vidpipe_dagster owner vidpipe encoding 'UTF8' template template0;
\connect vidpipe
create extension vector with schema public;
SQL
