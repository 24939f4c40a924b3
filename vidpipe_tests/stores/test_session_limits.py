"""Readers and analysts who switch their timeouts off are stopped all the same."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import psycopg
import pytest
from dagster import DagsterInstance, SkipReason, build_sensor_context

from vidpipe.automation.reader_sessions import session_limits_sensor
from vidpipe.resources import Stores
from vidpipe.settings import Settings
from vidpipe.stores import session_limits
from vidpipe.stores.database import connect, connect_url
from vidpipe.stores.roles import ANALYST, READER
from vidpipe.stores.session_limits import Ended, end_overlong_sessions
from vidpipe_tests.stores.logins import people

UNLIMITED = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0"
SLEEP = "select pg_sleep(60)"
STUBBORN = """
do $$ begin
    loop
        begin perform pg_sleep(60); exception when query_canceled then null; end;
    end loop;
end $$
"""


@pytest.fixture(scope="module")
def urls(module_database_settings: Settings) -> Iterator[dict[str, str]]:
    with people(module_database_settings, readers="slow_reader", analysts="slow_analyst") as made:
        yield made


@pytest.fixture
def owner(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as connection:
        yield connection


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements may last 0.3 s, idle transactions 0.3 s and everything 1 s; grace is 0.2 s."""
    short = tuple((name, "300ms") for name, _ in READER.settings)
    monkeypatch.setattr(session_limits, "GRACE_S", 0.2)
    monkeypatch.setattr(session_limits, "LOCK_LIMIT_S", 0.3)
    for name, kind in (("READER", READER), ("ANALYST", ANALYST)):
        changed = replace(kind, settings=short, transaction_limit="1s")
        monkeypatch.setattr(session_limits, name, changed)


@contextmanager
def running(url: str, *statements: str) -> Iterator[list[psycopg.Error]]:
    """Runs statements in a thread; what the server said against the last one."""
    said: list[psycopg.Error] = []
    with connect_url(url, autocommit=True) as connection:
        connection.execute(UNLIMITED)

        def run() -> None:
            try:
                for statement in statements:
                    connection.execute(statement.encode())
            except psycopg.Error as error:
                said.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield said
        finally:
            thread.join(timeout=20)


def looks(owner: psycopg.Connection, count: int, *, every_s: float = 0.25) -> list[Ended]:
    ended = []
    for _ in range(count):
        time.sleep(every_s)
        ended += end_overlong_sessions(owner)
    return ended


@pytest.mark.parametrize("login", ["slow_reader", "slow_analyst"])
@pytest.mark.usefixtures("short_limits")
def test_a_statement_without_a_timeout_is_cancelled(
    owner: psycopg.Connection, urls: dict[str, str], login: str
) -> None:
    with running(urls[login], SLEEP) as said:
        assert looks(owner, 1) == [], "it may still go on"
        ended = looks(owner, 2)
    assert ended == [Ended(login, "a statement", by_cancelling=True)]
    assert isinstance(said[0], psycopg.errors.QueryCanceled)


@pytest.mark.usefixtures("short_limits")
def test_a_statement_that_catches_its_cancellation_loses_its_session(
    owner: psycopg.Connection, urls: dict[str, str]
) -> None:
    with running(urls["slow_reader"], STUBBORN) as said:
        ended = looks(owner, 6)
    assert ended[-1] == Ended("slow_reader", "a statement", by_cancelling=False)
    assert "terminating connection" in str(said[0])


@pytest.mark.usefixtures("short_limits")
def test_a_transaction_that_is_left_open_is_ended(
    owner: psycopg.Connection, urls: dict[str, str]
) -> None:
    with closing(connect_url(urls["slow_reader"], autocommit=True)) as connection:
        connection.execute(UNLIMITED)
        connection.execute("begin; select count(*) from vidpipe.videos")
        assert looks(owner, 3) == [Ended("slow_reader", "an idle transaction", by_cancelling=False)]
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")


@pytest.mark.usefixtures("short_limits")
def test_a_transaction_of_many_short_statements_ends_with_its_limit(
    owner: psycopg.Connection, urls: dict[str, str]
) -> None:
    short = ["begin", *["select pg_sleep(0.1)"] * 40]
    with running(urls["slow_reader"], *short) as said:
        ended = looks(owner, 8)
    assert ended == [Ended("slow_reader", "a transaction", by_cancelling=False)]
    assert said


def test_an_analyst_who_locks_a_table_that_others_wait_for_is_ended(
    owner: psycopg.Connection,
    module_database_settings: Settings,
    urls: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_limits, "GRACE_S", 0.1)
    monkeypatch.setattr(session_limits, "LOCK_LIMIT_S", 0.2)
    with closing(connect_url(urls["slow_analyst"], autocommit=True)) as analyst:
        analyst.execute(UNLIMITED)
        analyst.execute("begin; lock table vidpipe.saved_queries in access exclusive mode")
        assert looks(owner, 2) == [], "nobody waits"
        assert module_database_settings.database_url is not None
        url = module_database_settings.database_url.get_secret_value()
        with running(url, "select count(*) from vidpipe.saved_queries") as said:
            ended = looks(owner, 3)
        assert ended == [Ended("slow_analyst", "a lock that others wait for", by_cancelling=False)]
        assert said == []


def test_a_reader_who_only_reads_what_others_want_to_change_goes_on(
    owner: psycopg.Connection,
    module_database_settings: Settings,
    urls: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session_limits, "GRACE_S", 0.1)
    monkeypatch.setattr(session_limits, "LOCK_LIMIT_S", 0.2)
    with connect_url(urls["slow_reader"], autocommit=True) as reader:
        reader.execute("begin; select count(*) from vidpipe.saved_queries")
        assert module_database_settings.database_url is not None
        url = module_database_settings.database_url.get_secret_value()
        change = "lock table vidpipe.saved_queries in access exclusive mode"
        with running(url, "begin", change, "rollback") as said:
            assert looks(owner, 3) == []
            reader.execute("rollback")
        assert said == []


@pytest.mark.usefixtures("short_limits")
def test_vidpipe_itself_and_quick_readers_are_left_alone(
    owner: psycopg.Connection, module_database_settings: Settings, urls: dict[str, str]
) -> None:
    assert module_database_settings.database_url is not None
    url = module_database_settings.database_url.get_secret_value()
    with (
        running(url, "begin", "select pg_sleep(1.5)", "commit") as said,
        connect_url(urls["slow_reader"], autocommit=True) as reader,
    ):
        for _ in range(4):
            reader.execute("select count(*) from vidpipe.videos")
            assert looks(owner, 1) == []
        reader.execute("select 1")
    assert said == []


@pytest.mark.usefixtures("short_limits")
def test_the_sensor_says_whom_it_stopped(
    module_database_settings: Settings, urls: dict[str, str]
) -> None:
    with (
        DagsterInstance.ephemeral() as instance,
        running(urls["slow_reader"], SLEEP),
    ):
        time.sleep(0.6)
        context = build_sensor_context(
            instance, resources={"stores": Stores(module_database_settings)}
        )
        told = session_limits_sensor(context)
    assert isinstance(told, SkipReason)
    assert told.skip_message == "1 sessions of readers and analysts were over their limits"


def test_one_login_cannot_take_all_connections(urls: dict[str, str]) -> None:
    with ExitStack() as opened:
        for _ in range(20):
            opened.enter_context(closing(psycopg.connect(urls["slow_reader"])))
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            psycopg.connect(urls["slow_reader"])
