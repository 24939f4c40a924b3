"""What a server lacks is listed at once, and the SQL of the list mends it: the embedded server's
programs, asked as a login with few rights."""

import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from vidpipe.errors import DatabaseError
from vidpipe.settings import Settings, load_settings
from vidpipe.stores import locks, session_limits
from vidpipe.stores.database import connect, connect_url, dagster_database_url, with_login
from vidpipe.stores.database_check import shortcomings
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.requirements import everybody, pgvector, server
from vidpipe.stores.requirements.shortcoming import Shortcoming
from vidpipe.stores.roles import READER
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.stores.session_limits import end_overlong_sessions
from vidpipe_tests.documents.markdown import CHECKOUT
from vidpipe_tests.stores.logins import people

_numbers = itertools.count(1)
PASSWORD = "p"


@dataclass(frozen=True)
class Administrator:
    """A superuser of a server, and a login without rights that shall work there."""

    url: str
    login: str
    name: str

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Runs what an administrator types into psql."""
        connection = psycopg.connect(with_login(self.url, database=database), autocommit=True)
        for statement in statements:
            if statement.startswith("\\connect "):
                connection.close()
                name = statement.removeprefix("\\connect ")
                connection = psycopg.connect(with_login(self.url, database=name), autocommit=True)
            else:
                connection.execute(statement.encode())
        connection.close()

    @property
    def settings(self) -> Settings:
        """Settings of the superuser for that database."""
        return load_settings(database_url=with_login(self.url, database=self.name))

    def make(self, statement: str) -> None:
        """Runs a statement with the names of database and login."""
        parts = {"name": sql.Identifier(self.name), "login": sql.Identifier(self.login)}
        self.run(sql.SQL(statement).format(**parts).as_string())

    def found(self, password: str = PASSWORD) -> list[Shortcoming]:
        """What the login's server lacks."""
        url = with_login(self.url, user=self.login, password=password, database=self.name)
        return shortcomings(load_settings(database_url=url))

    def mend(self, found: list[Shortcoming]) -> None:
        """Does what the list says."""
        for one in found:
            statements = (text.replace("…", PASSWORD) for text in one.statements)
            self.run(*statements, database=one.database)


@pytest.fixture
def administrator(embedded_home: Path) -> Iterator[Administrator]:
    number = next(_numbers)
    administrator = Administrator(
        embedded_server.start(embedded_home).url("postgres"), f"Poor {number}", f"mine-{number}"
    )
    yield administrator
    for name in (administrator.name, f"{administrator.name}_dagster", f"{administrator.name}_utf8"):
        administrator.run(f'drop database if exists "{name}" with (force)')
    with psycopg.connect(administrator.url, autocommit=True) as connection:
        if connection.execute(
            "select from pg_roles where rolname = %s", [administrator.login]
        ).fetchone():
            administrator.make("drop owned by {login}")
            administrator.make("drop role {login}")


def sentences(found: list[Shortcoming]) -> str:
    return "\n".join(one.what for one in found)


def test_a_login_without_a_database_learns_everything_at_once(
    administrator: Administrator,
) -> None:
    administrator.make("create role {login} login password 'p' connection limit 20")
    told = sentences(administrator.found())
    for missing in (
        f"database {administrator.name} does not exist",
        "no extension vector",
        f"database {administrator.name}_dagster",
        "may open 20 connections",
        "may not make logins for readers",
    ):
        assert missing in told


@pytest.mark.parametrize(
    "state",
    [
        ["create role {login} login password 'p' connection limit 20"],
        [],  # not even the login is there
        [
            "create role {login} login password 'p' createdb",
            "create database {name}",
            "revoke all on database {name} from public",
        ],
        [
            "create role {login} login password 'p' createdb",
            "create database {name} owner {login}",
            "alter database {name} set default_transaction_read_only = on",
        ],
    ],
)
def test_the_sql_of_the_list_is_all_that_an_administrator_needs(
    administrator: Administrator, state: list[str]
) -> None:
    for statement in state:
        administrator.make(statement)
    assert any(one.blocks for one in administrator.found())
    administrator.mend(administrator.found())
    administrator.mend(administrator.found())  # what could be seen only after the first
    assert administrator.found() == []
    url = with_login(
        administrator.url,
        user=administrator.login,
        password=PASSWORD,
        database=administrator.name,
    )
    settings = load_settings(database_url=url)
    assert upgrade(settings) != []
    assert dagster_database_url(settings).endswith("_dagster")
    assert administrator.found() == []


def test_looking_changes_nothing(administrator: Administrator) -> None:
    administrator.make("create role {login} login password 'p' createdb")
    assert administrator.found() == administrator.found()
    with psycopg.connect(administrator.url) as connection:
        made = connection.execute(
            "select datname from pg_database where datname like %s", [f"{administrator.name}%"]
        ).fetchall()
    assert made == []


def test_a_wrong_password_is_told_from_a_server_that_is_not_there(
    administrator: Administrator,
) -> None:
    administrator.make("create role {login} login password 'p'")
    [refused] = administrator.found("wrong")
    assert f"the server refuses login {administrator.login}" in refused.what
    assert "wrong" not in sentences([refused])
    [absent] = shortcomings(load_settings(database_url="postgresql://a:secret@127.0.0.1:9/b"))
    assert "127.0.0.1:9/b cannot be reached" in absent.what
    assert "secret" not in absent.what
    assert absent.statements == ()


def test_another_encoding_cannot_be_mended_and_another_database_is_proposed(
    administrator: Administrator,
) -> None:
    administrator.make("create role {login} login password 'p'")
    administrator.make(
        "create database {name} owner {login} encoding 'SQL_ASCII' locale 'C' template template0"
    )
    told = sentences(administrator.found())
    assert "has encoding SQL_ASCII; vidpipe needs one created with encoding UTF8" in told


def test_tables_of_somebody_else_are_named_with_their_owner(administrator: Administrator) -> None:
    administrator.make("create role {login} login password 'p' createrole createdb")
    administrator.make("create database {name} owner {login}")
    owned = load_settings(database_url=with_login(administrator.url, database=administrator.name))
    upgrade(owned)
    superuser = str(conninfo_to_dict(administrator.url)["user"])
    foreign = [one for one in administrator.found() if one.blocks]
    assert [f"belong to {superuser}, whose member" in one.what for one in foreign] == [True]
    poor = load_settings(
        database_url=with_login(
            administrator.url,
            user=administrator.login,
            password=PASSWORD,
            database=administrator.name,
        )
    )
    with pytest.raises(DatabaseError, match="vidpipe db check has the SQL"):
        upgrade(poor)


@pytest.fixture
def plain_owner(administrator: Administrator) -> Settings:
    """Settings of a login that owns a database with pgvector and can make logins, no more."""
    administrator.make("create role {login} login password 'p' createrole createdb")
    administrator.make("create database {name} owner {login}")
    administrator.run("create extension vector", database=administrator.name)
    return load_settings(
        database_url=with_login(
            administrator.url,
            user=administrator.login,
            password=PASSWORD,
            database=administrator.name,
        )
    )


def test_an_owner_who_cannot_close_the_locks_works_and_is_warned(
    administrator: Administrator, plain_owner: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    told = sentences(administrator.found())
    assert "may take vidpipe's own locks there" in told
    assert "may not end statements of other logins" in told
    assert not any(one.blocks for one in administrator.found())
    upgrade(plain_owner)
    administrator.mend([one for one in administrator.found() if "may not make logins" in one.what])
    assert "everybody who may enter database" in caplog.text
    assert "`vidpipe db check` has the SQL" in caplog.text
    with people(plain_owner, readers="plain_rita", dropped_by=administrator.settings) as urls:
        with connect_url(urls["plain_rita"], autocommit=True) as reader:
            reader.execute("set default_transaction_read_only = off")
            reader.execute("select pg_advisory_lock(1)")  # what the warning is about
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("create temporary table mine (x int)")
        dagster = dagster_database_url(plain_owner)
        with pytest.raises(psycopg.OperationalError, match="CONNECT privilege"):
            psycopg.connect(with_login(dagster, user="plain_rita", password=_password(urls)))
        with connect(plain_owner, autocommit=True) as owner:
            assert end_overlong_sessions(owner) == []


def test_the_sql_of_the_list_closes_locks_to_readers_and_leaves_them_to_vidpipe(
    administrator: Administrator, plain_owner: Settings
) -> None:
    upgrade(plain_owner)
    administrator.mend(administrator.found())
    assert administrator.found() == []
    with (
        connect(plain_owner, autocommit=True) as owner,
        people(
            plain_owner,
            readers="plain_rita",
            analysts="plain_ann",
            dropped_by=administrator.settings,
        ) as urls,
    ):
        with locks.TOPIC_MAKING.held(owner), locks.claims(owner, ["a"]) as mine:
            assert mine == [True]
        for url in urls.values():
            with connect_url(url, autocommit=True) as reader:
                for statement in ("select pg_advisory_lock(1)", "select lo_create(0)"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        reader.execute(statement.encode())
        with closing(connect_url(urls["plain_rita"], autocommit=True)) as reader:
            reader.execute("set idle_in_transaction_session_timeout = 0")
            reader.execute("begin; select 1")
            assert _looked(owner) == ["plain_rita"]


def test_a_login_that_may_not_lock_is_told_so_before_anything_else(
    administrator: Administrator, plain_owner: Settings
) -> None:
    administrator.run(
        "revoke execute on function pg_advisory_lock(bigint) from public",
        database=administrator.name,
    )
    [blocking] = [one for one in administrator.found() if one.blocks]
    assert "may not take locks in database" in blocking.what
    with pytest.raises(DatabaseError, match="may not take locks"):
        upgrade(plain_owner)
    administrator.mend([blocking])
    assert upgrade(plain_owner) != []


def test_a_database_of_dagster_that_belongs_to_another_is_open_to_everybody(
    administrator: Administrator, plain_owner: Settings
) -> None:
    assert plain_owner.database_url is not None
    administrator.run(f'create database "{administrator.name}_dagster"')
    [told] = [one for one in administrator.found() if "everybody may enter" in one.what]
    administrator.mend([told])
    dagster_database_url(plain_owner)
    assert "everybody may enter" not in sentences(administrator.found())


def test_the_script_of_the_containers_closes_the_same_functions() -> None:
    script = (CHECKOUT / "deploy" / "postgres" / "vidpipe.sh").read_text("utf-8")
    assert f"'{everybody.CLOSED}'" in script
    assert f"grant {', '.join(everybody.LIMITING_ROLES)} to vidpipe" in script


def _password(urls: dict[str, str]) -> str:
    return str(conninfo_to_dict(urls["plain_rita"])["password"])


def _looked(owner: psycopg.Connection) -> list[str]:
    """Logins whose sessions were ended by a look that allows nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session_limits, "GRACE_S", 0.0)
        strict = tuple((name, "0") for name, _ in READER.settings)
        patch.setattr(session_limits, "READER", replace(READER, settings=strict))
        return [one.login for one in end_overlong_sessions(owner)]


def test_a_small_server_is_told_how_to_take_more(
    administrator: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator.make("create role {login} login password 'p' createrole createdb")
    administrator.make("create database {name} owner {login}")
    administrator.run("create extension vector", database=administrator.name)
    monkeypatch.setattr(server, "MIN_CONNECTIONS", 100_000)
    monkeypatch.setattr(server, "MIN_LOCKS", 10_000_000)
    found = administrator.found()
    assert [one.statements[0].split(" = ")[0] for one in found[:2]] == [
        "alter system set max_connections",
        "alter system set max_locks_per_transaction",
    ]
    assert not any(one.blocks for one in found), "vidpipe works with less, only not as much"


def test_an_old_server_and_an_old_pgvector_are_told_together(
    administrator: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator.make("create role {login} login password 'p' createrole createdb")
    administrator.make("create database {name} owner {login}")
    monkeypatch.setattr(server, "MIN_SERVER_VERSION", 990000)
    monkeypatch.setattr(pgvector, "MIN_PGVECTOR", (9, 9, 9))
    told = sentences(administrator.found())
    assert "vidpipe needs 99 or newer" in told
    assert "vidpipe needs 9.9.9 or newer" in told


def test_the_embedded_server_has_all_that_is_needed(embedded_home: Path) -> None:
    url = embedded_server.start(embedded_home).url("vidpipe")
    with connect(load_settings(database_url=url)):
        assert shortcomings(load_settings(database_url=url)) == []
    assert shortcomings(load_settings(home=embedded_home)) == []


def test_the_document_for_administrators_shows_the_same_sql() -> None:
    page = (CHECKOUT / "docs" / "data-engineers.md").read_text("utf-8")
    [shown] = re.findall(r"```psql\n(.*?)```", page, re.S)
    said = server.refused_login("vidpipe", "vidpipe", "no").statements
    assert shown.replace(";", "").replace("secret", "…").splitlines() == [
        text.replace('"', "") for text in said
    ]
