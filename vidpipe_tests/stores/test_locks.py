"""Advisory locks: keys that never change, one place that takes them, exclusion on a real server."""

import re
from pathlib import Path

import psycopg
import pytest

import vidpipe
from vidpipe.packaged import packaged
from vidpipe.settings import Settings
from vidpipe.stores import locks
from vidpipe.stores.database import connect
from vidpipe.stores.locks import SessionLock, TransactionLock, claims

LOCKS = {
    name: lock
    for name, lock in vars(locks).items()
    if isinstance(lock, SessionLock | TransactionLock)
}

# The keys as releases of vidpipe have taken them, in the words of PostgreSQL.
RELEASED_KEYS = {
    "UPGRADE": "x'7669645F75706772'::bigint",
    "TOPIC_MAKING": "hashtextextended('vidpipe/making_topics', 0)",
    "FOOTAGE": "hashtextextended('vidpipe/footage', 0)",
    "UPLOADS": "x'76695F75706C6F61'::bigint",
    "PUBLICATION": "hashtextextended('vidpipe/publication', 0)",
    "PUBLISH": "x'7669645F7075626C'::bigint",
    "MODELS": "x'7669645F6D6F646C'::bigint",
    "TOPIC_RUNS": "hashtext('vidpipe.topic_runs')",
    "DAGSTER_TABLES": "7401884216",
}
LOCK_CALL = re.compile(r"pg_(?:try_)?advisory\w*\(")


def value_of(connection: psycopg.Connection, expression: str) -> int:
    row = connection.execute(f"select ({expression})::bigint".encode()).fetchone()
    assert row is not None
    return int(row[0])


def is_free(connection: psycopg.Connection, lock: SessionLock | TransactionLock) -> bool:
    """Whether another session could take the lock now; takes nothing for longer."""
    with connection.transaction():
        row = connection.execute("select pg_try_advisory_xact_lock(%s)", [lock.key]).fetchone()
    assert row is not None
    return bool(row[0])


def test_no_two_locks_share_a_key() -> None:
    keys = [lock.key for lock in LOCKS.values()]
    assert len(keys) == len(set(keys)) == len(RELEASED_KEYS)


def test_every_lock_stands_in_the_table_of_the_charter() -> None:
    assert locks.__doc__ is not None
    assert re.findall(r"^\| `(\w+)`", locks.__doc__, re.MULTILINE) == list(LOCKS)


@pytest.mark.parametrize("name", RELEASED_KEYS)
def test_a_running_older_vidpipe_takes_the_same_key(name: str, database_settings: Settings) -> None:
    with connect(database_settings) as connection:
        assert value_of(connection, RELEASED_KEYS[name]) == LOCKS[name].key


def test_functions_of_the_schema_take_locks_of_the_table(database_settings: Settings) -> None:
    taken = {
        (file.name, argument)
        for file in packaged("sql").rglob("*.sql")
        for argument in re.findall(r"pg_advisory_xact_lock\((.*)\);", file.read_text("utf-8"))
    }
    calls = sum(
        len(LOCK_CALL.findall(file.read_text("utf-8"))) for file in packaged("sql").rglob("*.sql")
    )
    with connect(database_settings) as connection:
        keys = [(file, value_of(connection, argument)) for file, argument in taken]
    assert keys == [("topics.sql", locks.TOPIC_RUNS.key)]
    assert calls == len(keys)


def test_no_other_module_takes_advisory_locks_by_itself() -> None:
    """Dagster's storage has a connection of SQLAlchemy; it takes only the key from the table."""
    package = Path(vidpipe.__file__).parent
    found = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if LOCK_CALL.search(file.read_text("utf-8"))
    }
    assert found == {"stores/locks.py", "dagster_instance/database.py"}
    assert "advisory_xact_lock(key)" in (package / "dagster_instance/database.py").read_text(
        "utf-8"
    )


def test_a_session_lock_is_held_inside_its_block_only(database_settings: Settings) -> None:
    with (
        connect(database_settings, autocommit=True) as one,
        connect(database_settings, autocommit=True) as other,
    ):
        with locks.PUBLICATION.held(one):
            assert not is_free(other, locks.PUBLICATION)
            assert is_free(other, locks.PUBLISH)
        assert is_free(other, locks.PUBLICATION)


def test_a_session_lock_does_not_hide_why_the_connection_ended(database_settings: Settings) -> None:
    with (
        connect(database_settings, autocommit=True) as one,
        connect(database_settings, autocommit=True) as other,
    ):
        with pytest.raises(psycopg.OperationalError, match="terminat"), locks.UPGRADE.held(one):
            one.execute("select pg_terminate_backend(pg_backend_pid())")
        with locks.UPGRADE.held(other):
            pass


def test_a_transaction_lock_ends_with_its_transaction(database_settings: Settings) -> None:
    with (
        connect(database_settings, autocommit=True) as one,
        connect(database_settings, autocommit=True) as other,
    ):
        with one.transaction():
            locks.PUBLISH.take(one)
            assert not is_free(other, locks.PUBLISH)
        assert is_free(other, locks.PUBLISH)


def test_claims_are_given_to_one_session_at_once(database_settings: Settings) -> None:
    with (
        connect(database_settings, autocommit=True) as one,
        connect(database_settings, autocommit=True) as other,
    ):
        with claims(one, ["a", "b"]) as mine:
            assert mine == [True, True]
            with claims(other, ["c", "b", "a", "d"]) as theirs:
                assert theirs == [True, False, False, True]
        with claims(other, ["a", "b"]) as theirs:
            assert theirs == [True, True]


def test_claims_of_a_session_that_ends_are_free_again(database_settings: Settings) -> None:
    with (
        connect(database_settings, autocommit=True) as one,
        connect(database_settings, autocommit=True) as other,
    ):
        with pytest.raises(psycopg.OperationalError, match="terminat"), claims(one, ["a"]):
            one.execute("select pg_terminate_backend(pg_backend_pid())")
        with claims(other, ["a"]) as taken:
            assert taken == [True]
