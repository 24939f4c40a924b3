"""Rules on the server and its databases as they look from any database of it.

Belongs here: version, capacity, databases, rights and group roles.
Does not: what is inside a database (vidpipe.stores.requirements.inside).
"""

from collections.abc import Iterator
from typing import Any, LiteralString

from psycopg import Connection

from vidpipe.stores.requirements.everybody import is_open_and_foreign
from vidpipe.stores.requirements.pgvector import (
    CREATE_EXTENSION,
    extension_to_create,
    pgvector_versions,
)
from vidpipe.stores.requirements.shortcoming import (
    Shortcoming,
    is_superuser,
    one_row,
    statement_with,
)

MIN_SERVER_VERSION = 160000
# One host at work: web server, daemon, code server and two runs with a few connections each,
# and people who search meanwhile.
MIN_CONNECTIONS = 50
# Two runs claim 512 items each, and a publication locks the tables that it fills; a server with
# the settings that PostgreSQL comes with has 6,400.
MIN_LOCKS = 4_000
DAGSTER_SUFFIX = "_dagster"
RIGHTS: dict[str, LiteralString] = {
    "connect": "grant connect on database {} to {}",
    "create": "grant create on database {} to {}",
    "temporary": "grant temporary on database {} to {}",
}
GROUPS = ("vidpipe_reader", "vidpipe_analyst")


def of_server(connection: Connection[Any], name: str) -> list[Shortcoming]:
    """What the server lacks for a database of that name, asked from any database of it."""
    return [
        *_version(connection),
        *_standby(connection),
        *_capacity(connection),
        *_own_database(connection, name),
    ]


def of_companions(connection: Connection[Any], name: str) -> list[Shortcoming]:
    """What Dagster and the logins of people lack beside a database of that name."""
    return [*_dagster_database(connection, name), *_groups(connection, name)]


def refused_login(login: str, name: str, reason: str) -> Shortcoming:
    """A login that the server does not let in, with all that a new server needs."""
    return Shortcoming(
        f"the server refuses login {login}, so what else is missing cannot be seen: {reason}. If"
        " it exists, correct VIDPIPE_DATABASE_URL (or pg_hba.conf on the server); on a new server"
        " run all of this, with the password of that URL",
        True,
        (
            statement_with("create role {} login createrole password '…'", login),
            _create_database(login, name),
            _create_database(login, name + DAGSTER_SUFFIX),
            f"\\connect {name}",
            CREATE_EXTENSION,
        ),
    )


def _version(connection: Connection[Any]) -> Iterator[Shortcoming]:
    version = connection.info.server_version
    if version < MIN_SERVER_VERSION:
        yield Shortcoming(
            f"the server is PostgreSQL {version // 10_000}; vidpipe needs"
            f" {MIN_SERVER_VERSION // 10_000} or newer",
            blocks=True,
        )


def _standby(connection: Connection[Any]) -> Iterator[Shortcoming]:
    [is_standby] = one_row(connection, "select pg_is_in_recovery()")
    if is_standby:
        yield Shortcoming(
            "the server is a standby, which takes no writes: name the primary server in"
            " VIDPIPE_DATABASE_URL",
            blocks=True,
        )


def _capacity(connection: Connection[Any]) -> Iterator[Shortcoming]:
    """Connections that the login may open, and locks that all sessions may hold."""
    connections, limit, locks = one_row(
        connection,
        "select current_setting('max_connections')::int"
        " - current_setting('superuser_reserved_connections')::int"
        " - coalesce(current_setting('reserved_connections', true)::int, 0),"
        " (select rolconnlimit from pg_roles where rolname = current_user),"
        " current_setting('max_locks_per_transaction')::int"
        " * (current_setting('max_connections')::int"
        " + current_setting('max_prepared_transactions')::int)",
    )
    login = connection.info.user
    if connections < MIN_CONNECTIONS:
        yield Shortcoming(
            f"the server takes {connections} connections of ordinary logins; vidpipe with its web"
            f" server, daemon and runs needs {MIN_CONNECTIONS} (then restart the server)",
            blocks=False,
            statements=("alter system set max_connections = 100",),
        )
    if 0 <= limit < MIN_CONNECTIONS:
        yield Shortcoming(
            f"login {login} may open {limit} connections; vidpipe with its web server, daemon and"
            f" runs needs {MIN_CONNECTIONS}",
            blocks=False,
            statements=(statement_with("alter role {} connection limit -1", login),),
        )
    if locks < MIN_LOCKS:
        yield Shortcoming(
            f"the server holds {locks} locks for all its sessions; two runs at once need"
            f" {MIN_LOCKS} (then restart the server)",
            blocks=False,
            statements=("alter system set max_locks_per_transaction = 128",),
        )


def _own_database(connection: Connection[Any], name: str) -> Iterator[Shortcoming]:
    """That the database is there, in UTF-8, and open to the login."""
    login = connection.info.user
    row = connection.execute(
        "select pg_encoding_to_char(encoding), pg_has_role(current_user, datdba, 'usage'),"
        " datconnlimit, array(select p from unnest(%s::text[]) as p"
        " where not has_database_privilege(oid, p)) from pg_database where datname = %s",
        [list(RIGHTS), name],
    ).fetchone()
    if row is None:
        yield Shortcoming(f"database {name} does not exist", True, (_create_database(login, name),))
        _, available, is_for_superusers = pgvector_versions(connection)
        if available is not None and is_for_superusers and not is_superuser(connection):
            yield extension_to_create(login, name)
        return
    encoding, is_owned, limit, lacking = row
    if encoding != "UTF8":
        yield Shortcoming(
            f"database {name} has encoding {encoding}; vidpipe needs one created with encoding"
            " UTF8: make another and name it in VIDPIPE_DATABASE_URL",
            True,
            (_create_database(login, f"{name}_utf8"),),
        )
    if lacking:
        yield Shortcoming(
            f"login {login} has no right to {' and '.join(lacking)} in database {name}",
            True,
            tuple(statement_with(RIGHTS[right], name, login) for right in lacking),
        )
    if 0 <= limit < MIN_CONNECTIONS:
        yield Shortcoming(
            f"database {name} takes {limit} connections; vidpipe with its web server, daemon and"
            f" runs needs {MIN_CONNECTIONS}",
            False,
            (statement_with("alter database {} connection limit -1", name),),
        )
    if not is_owned:
        yield Shortcoming(
            f"login {login} does not own database {name}: filtered vector queries that people"
            " write by hand may return too few rows, `vidpipe db grant-reader` is refused, and it"
            " cannot keep others from entering it",
            False,
            (statement_with("alter database {} owner to {}", name, login),),
        )


def _dagster_database(connection: Connection[Any], name: str) -> Iterator[Shortcoming]:
    """That Dagster's database is there, or that the login may make it."""
    login, dagster = connection.info.user, name + DAGSTER_SUFFIX
    encoding, may_enter, may_create = one_row(
        connection,
        "select pg_encoding_to_char(d.encoding), has_database_privilege(d.oid, 'connect'),"
        " r.rolsuper or r.rolcreatedb from pg_roles as r left join pg_database as d"
        " on d.datname = %s where r.rolname = current_user",
        dagster,
    )
    if encoding is None and not may_create:
        yield Shortcoming(
            f"database {dagster}, which Dagster keeps its runs in, does not exist, and login"
            f" {login} may not create it",
            True,
            (_create_database(login, dagster),),
        )
    elif encoding not in (None, "UTF8"):
        yield Shortcoming(
            f"database {dagster} has encoding {encoding}; Dagster's runs need UTF8",
            True,
            (statement_with("drop database {}", dagster), _create_database(login, dagster)),
        )
    elif may_enter is False:
        yield Shortcoming(
            f"login {login} may not enter database {dagster}, which Dagster keeps its runs in",
            True,
            (statement_with("alter database {} owner to {}", dagster, login),),
        )
    elif is_open_and_foreign(connection, dagster):
        yield Shortcoming(
            f"everybody may enter database {dagster}, in which Dagster keeps its runs, and login"
            f" {login} does not own it: it cannot forbid that",
            False,
            (statement_with("alter database {} owner to {}", dagster, login),),
        )


def _groups(connection: Connection[Any], name: str) -> Iterator[Shortcoming]:
    """That readers and analysts can be given their rights, and logins."""
    login = connection.info.user
    missing, foreign, may_create, may_all = one_row(
        connection,
        "select array(select g from unnest(%s::text[]) as g where not exists"
        " (select from pg_roles where rolname = g)),"
        " array(select r.rolname from pg_roles as r where r.rolname = any(%s) and not exists"
        " (select from pg_auth_members as m where m.roleid = r.oid and m.admin_option"
        " and pg_has_role(current_user, m.member, 'usage'))),"
        " rolsuper or rolcreaterole, rolsuper from pg_roles where rolname = current_user",
        list(GROUPS),
        list(GROUPS),
    )
    if may_all:
        return
    if missing and not may_create:
        yield Shortcoming(
            f"the group roles {' and '.join(missing)}, through which people get their rights, do"
            f" not exist, and login {login} may not create them; run `vidpipe db upgrade` when"
            " they do",
            False,
            tuple(statement_with("create role {} nologin", group) for group in missing),
        )
    granted = foreign if may_create else [*missing, *foreign]
    grants = [] if may_create else [statement_with("alter role {} createrole", login)]
    grants += [statement_with("grant {} to {} with admin option", one, login) for one in granted]
    if grants:
        yield Shortcoming(
            f"login {login} may not make logins for readers and analysts of database {name}:"
            " `vidpipe db grant-reader` and `grant-analyst` are refused; nothing else needs that",
            False,
            tuple(grants),
        )


def _create_database(login: str, name: str) -> str:
    return statement_with(
        "create database {} owner {} encoding 'UTF8' template template0", name, login
    )
