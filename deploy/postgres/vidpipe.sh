#!/bin/bash
# Run once by the image of PostgreSQL, when its volume is new: vidpipe's login, its two databases, and
# what only a superuser may do: the extension, and leaving locks and large objects to vidpipe alone.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --set password="$VIDPIPE_DATABASE_PASSWORD" --username postgres <<'SQL'
create role vidpipe login createrole password :'password';
create database vidpipe owner vidpipe encoding 'UTF8' template template0;
create database vidpipe_dagster owner vidpipe encoding 'UTF8' template template0;
\connect vidpipe
create extension vector with schema public;
select
    format('revoke execute on function %s from public', p.oid::regprocedure),
    format('grant execute on function %s to vidpipe', p.oid::regprocedure)
from pg_proc as p
where p.pronamespace = 'pg_catalog'::regnamespace
    and p.proname ~ '^(pg_advisory_|pg_try_advisory_|lo_|loread$|lowrite$|pg_logical_emit_message$|pg_export_snapshot$)'
\gexec
grant pg_signal_backend, pg_read_all_stats to vidpipe;
SQL
