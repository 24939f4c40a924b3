"""What readers and analysts try against the server, as themselves: locks, files, databases."""

from collections.abc import Iterator

import psycopg
import pytest

from vidpipe.settings import Settings
from vidpipe.stores import locks
from vidpipe.stores.closing import close_databases
from vidpipe.stores.database import connect, connect_url, dagster_database_url, with_login
from vidpipe.stores.requirements.everybody import open_databases, open_functions
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe_tests.stores.callable_functions import CALLABLE
from vidpipe_tests.stores.logins import people

KINDS = ("rights_reader", "rights_analyst")


@pytest.fixture(scope="module")
def urls(module_database_settings: Settings) -> Iterator[dict[str, str]]:
    upgrade(module_database_settings)  # the template's rights on databases are not copied
    with people(
        module_database_settings, readers="rights_reader", analysts="rights_analyst"
    ) as made:
        yield made


@pytest.mark.parametrize("login", KINDS)
@pytest.mark.parametrize(
    "statement",
    [
        f"select pg_advisory_lock({locks.TOPIC_MAKING.key})",
        f"select pg_advisory_xact_lock({locks.PUBLISH.key})",
        f"select pg_try_advisory_lock({locks.UPLOADS.key})",
        f"select pg_try_advisory_xact_lock_shared({locks.UPGRADE.key})",
        "select pg_advisory_lock_shared(1, 2)",
        "do $$ begin perform pg_advisory_lock(1); end $$",
        "select vidpipe.promote_topic_run(1)",
        "select lo_creat(-1)",
        "select lo_create(0)",
        "select lo_from_bytea(0, repeat('x', 100)::bytea)",
        "select lo_put(1, 0, 'x')",
        "select lo_import('/etc/passwd')",
        "select lo_export(1, '/tmp/x')",
        "select lo_open(1, x'20000'::int)",
        "select lowrite(0, 'x')",
        "select lo_unlink(1)",
        "select pg_read_file('/etc/passwd')",
        "select pg_ls_dir('.')",
        "copy (select 1) to '/tmp/x'",
        "copy vidpipe.videos to program 'cat'",
        "select pg_logical_emit_message(false, 'a', repeat('x', 100))",
        "select pg_export_snapshot()",
        "create temporary table mine (x int)",
        "create temporary view mine as select 1",
        "create function pg_temp.f() returns int language sql as 'select 1'",
        "create schema mine",
        "alter system set statement_timeout = 0",
        "select pg_reload_conf()",
        "select pg_create_logical_replication_slot('s', 'pgoutput')",
        "set session authorization vidpipe",
        "alter role current_user connection limit -1",
        "alter table vidpipe.videos disable trigger user",
        "begin; lock table vidpipe.videos in exclusive mode",
        "set temp_file_limit = -1",
    ],
)
def test_what_a_reader_or_an_analyst_tries_is_refused(
    urls: dict[str, str], login: str, statement: str
) -> None:
    with connect_url(urls[login], autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


@pytest.mark.parametrize("login", KINDS)
def test_nobody_but_the_owner_enters_the_database_of_dagster(
    module_database_settings: Settings, urls: dict[str, str], login: str
) -> None:
    dagster = dagster_database_url(module_database_settings)
    connect_url(dagster).close()
    with connect_url(dagster) as connection:
        name = connection.info.dbname
    with pytest.raises(psycopg.OperationalError, match="does not have CONNECT privilege"):
        psycopg.connect(with_login(urls[login], database=name))


def test_a_database_that_was_made_with_the_rights_of_postgresql_is_closed_when_it_is_next_used(
    module_database_settings: Settings,
) -> None:
    url = dagster_database_url(module_database_settings)
    with connect(module_database_settings, autocommit=True) as connection:
        name = f"{connection.info.dbname}_dagster"
        connection.execute(f'grant connect, temporary on database "{name}" to public'.encode())
        assert open_databases(connection, [name]) == [name]
        assert dagster_database_url(module_database_settings) == url
        assert open_databases(connection, [name]) == []


def test_an_upgrade_with_nothing_to_apply_closes_what_was_opened(
    upgraded_database_settings: Settings,
) -> None:
    upgrade(upgraded_database_settings)
    with connect(upgraded_database_settings, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'grant all on database "{name}" to public'.encode())
        connection.execute("grant execute on function pg_advisory_lock(bigint) to public")
        assert upgrade(upgraded_database_settings) == []
        assert open_functions(connection) == []
        assert open_databases(connection, [name]) == []


def test_members_of_the_groups_enter_although_nobody_granted_them_the_database(
    upgraded_database_settings: Settings,
) -> None:
    """An administrator without `vidpipe db grant-reader` makes logins so."""
    settings = upgraded_database_settings
    upgrade(settings)
    with connect(settings, autocommit=True) as connection:
        connection.execute("create role rights_member login password 'p' in role vidpipe_reader")
        try:
            assert settings.database_url is not None
            url = settings.database_url.get_secret_value()
            member = connect_url(with_login(url, user="rights_member", password="p"))
            assert member.execute("select count(*) from vidpipe.videos").fetchone() == (0,)
            member.close()
        finally:
            connection.execute("drop role rights_member")


def test_databases_of_somebody_else_stay_as_they_are(
    upgraded_database_settings: Settings,
) -> None:
    with connect(upgraded_database_settings, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute("create role rights_owner login password 'p'")
        try:
            assert upgraded_database_settings.database_url is not None
            url = upgraded_database_settings.database_url.get_secret_value()
            login = with_login(url, user="rights_owner", password="p")
            with connect_url(login, autocommit=True) as other:
                close_databases(other, [name])
            assert open_databases(connection, [name]) == [name]
        finally:
            connection.execute("drop role rights_owner")


# Functions with an effect beyond their result: volatile ones, and others whose names say that they
# look at files, locks, settings or transactions. Those with internal arguments cannot be called.
WITH_EFFECTS = """
select distinct p.proname::text from pg_proc as p
where p.pronamespace = 'pg_catalog'::regnamespace
    and has_function_privilege(%s, p.oid, 'execute')
    and p.prorettype <> all(array['internal', 'trigger', 'event_trigger', 'index_am_handler',
        'table_am_handler', 'tsm_handler', 'language_handler', 'fdw_handler']::regtype[])
    and not ('internal'::regtype = any(p.proargtypes::oid[]))
    and (p.provolatile = 'v' or p.proname ~ '(file|dir|lock|^lo_|xml$|xmlschema$|xact_id'
        '|txid_current|tablespace|extension|timezone_|slot|snapshot$|setting)')
"""


@pytest.mark.parametrize("login", KINDS)
def test_every_function_with_an_effect_that_people_may_call_was_judged(
    module_database_settings: Settings, urls: dict[str, str], login: str
) -> None:
    assert login in urls
    judged = {name for names in CALLABLE.values() for name in names.split()}
    with connect(module_database_settings) as connection:
        found = {name for (name,) in connection.execute(WITH_EFFECTS, [login]).fetchall()}
    assert len(found) > 100
    assert found - judged == set()


def test_no_function_is_judged_twice() -> None:
    names = [name for listed in CALLABLE.values() for name in listed.split()]
    assert len(names) == len(set(names))


def test_functions_of_vidpipe_run_with_the_rights_of_who_calls_them(
    module_database_settings: Settings,
) -> None:
    with connect(module_database_settings) as connection:
        definers = connection.execute(
            "select p.oid::regprocedure::text from pg_proc as p where p.prosecdef"
            " and p.pronamespace = any(array['vidpipe', 'vidpipe_ops', 'public']::regnamespace[])"
        ).fetchall()
    assert definers == []
