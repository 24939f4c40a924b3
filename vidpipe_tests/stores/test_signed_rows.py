"""What people write beside each other: judgements, saved queries, events, watched footage."""

from collections.abc import Iterator

import psycopg
import pytest

from vidpipe.errors import SettingsError, UnknownName
from vidpipe.publication.transaction import publish_rows
from vidpipe.search.judgements import RIGHT, keep_judgement
from vidpipe.search.saved_queries import (
    SavedTerm,
    remove_query,
    remove_used_query,
    save_query,
)
from vidpipe.settings import Settings
from vidpipe.stores.database import connect, connect_url
from vidpipe_tests.publication.published_rows import DAY, MODEL, Post, date_rows
from vidpipe_tests.stores.logins import people

JUDGE = "insert into vidpipe.relevance_judgements (query_name, video_id, grade) values (%s, %s, %s)"
SAVE = "insert into vidpipe.saved_queries (name, terms, watch_threshold) values (%s, %s, %s)"
TANK = '[{"text": "tank"}]'
CAR = '[{"text": "car"}]'
DENIED = psycopg.errors.InsufficientPrivilege
USED = psycopg.errors.DependentObjectsStillExist


@pytest.fixture(scope="module")
def urls(module_database_settings: Settings) -> Iterator[dict[str, str]]:
    with connect(module_database_settings) as connection:
        rows = date_rows([Post("a:1", "c1"), Post("a:2", "c2")])
        publish_rows(connection, rows, ingest_date=DAY, model=MODEL)
    with people(
        module_database_settings, readers="signed_rita", analysts="signed_ann signed_tom"
    ) as made:
        yield made


@pytest.fixture
def owner(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as connection:
        yield connection
        connection.execute("alter table vidpipe.saved_queries disable trigger refuse_if_used")
        for table in ("saved_queries", "events", "watched_footage"):
            connection.execute(f"delete from vidpipe.{table}".encode())
        connection.execute("alter table vidpipe.saved_queries enable trigger refuse_if_used")


@pytest.fixture
def ann(urls: dict[str, str], owner: psycopg.Connection) -> Iterator[psycopg.Connection]:
    assert not owner.closed  # what ann writes is removed after her connection is closed
    with connect_url(urls["signed_ann"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def tom(urls: dict[str, str], ann: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """An analyst who finds ann's saved query `tanks`."""
    ann.execute(SAVE, ["tanks", TANK, None])
    with connect_url(urls["signed_tom"], autocommit=True) as connection:
        yield connection


def test_a_judgement_is_signed_by_the_login_that_makes_it(tom: psycopg.Connection) -> None:
    tom.execute(JUDGE, ["tanks", "a:1", 1])
    tom.execute("set role vidpipe_analyst")
    tom.execute(JUDGE, ["tanks", "a:2", 0])
    signed = tom.execute("select distinct judged_by from vidpipe.relevance_judgements").fetchall()
    assert signed == [("signed_tom",)]


@pytest.mark.parametrize("column", ["judged_by", "judged_at", "judgement_no"])
def test_nobody_writes_another_signature_or_time(tom: psycopg.Connection, column: str) -> None:
    value = {"judged_by": "'signed_ann'", "judged_at": "now()", "judgement_no": "0"}[column]
    with pytest.raises(DENIED):
        tom.execute(
            f"insert into vidpipe.relevance_judgements (query_name, video_id, grade, {column})"
            f" values ('tanks', 'a:1', 1, {value})".encode()
        )


def test_row_security_holds_although_somebody_may_write_the_column(
    owner: psycopg.Connection, tom: psycopg.Connection
) -> None:
    named = "insert (judged_by) on vidpipe.relevance_judgements"
    owner.execute(f"grant {named} to signed_tom".encode())
    try:
        with pytest.raises(DENIED, match="row-level security"):
            tom.execute(
                "insert into vidpipe.relevance_judgements (query_name, video_id, grade, judged_by)"
                " values ('tanks', 'a:1', 1, 'signed_ann')"
            )
    finally:
        owner.execute(f"revoke {named} from signed_tom".encode())


@pytest.mark.parametrize("login", ["signed_ann", "signed_tom", "signed_rita"])
@pytest.mark.parametrize(
    "statement",
    [
        "update vidpipe.relevance_judgements set grade = 3",
        "update vidpipe.relevance_judgements set judged_at = now()",
        "delete from vidpipe.relevance_judgements",
        "truncate vidpipe.relevance_judgements",
        "alter table vidpipe.relevance_judgements disable row level security",
    ],
)
def test_nobody_changes_or_deletes_a_judgement_not_even_their_own(
    urls: dict[str, str], tom: psycopg.Connection, login: str, statement: str
) -> None:
    tom.execute(JUDGE, ["tanks", "a:1", 1])
    with connect_url(urls[login], autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises(DENIED):
            connection.execute(statement.encode())
        kept = connection.execute("select grade, judged_by from vidpipe.relevance_judgements")
        assert kept.fetchall() == [(1, "signed_tom")]


def test_a_judgement_that_changes_is_a_row_more_and_the_newest_of_each_judge_counts(
    ann: psycopg.Connection, tom: psycopg.Connection
) -> None:
    for judge, grade in ((tom, 1), (ann, 1), (tom, 0), (tom, 2)):
        judge.execute(JUDGE, ["tanks", "a:1", grade])
    counted = "select judged_by, grade from vidpipe.current_judgements order by 1"
    assert tom.execute(counted).fetchall() == [("signed_ann", 1), ("signed_tom", 2)]
    rows = tom.execute("select count(*) from vidpipe.relevance_judgements").fetchone()
    assert rows == (4,)


def test_a_judgement_of_what_does_not_exist_is_refused(
    owner: psycopg.Connection, tom: psycopg.Connection
) -> None:
    for judge in (owner, tom):
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match='there is no video "a:9"'):
            judge.execute(JUDGE, ["tanks", "a:9", 1])
        with pytest.raises(UnknownName, match="there is no video"):
            keep_judgement(judge, "tanks", "a:9", RIGHT)
        with pytest.raises(UnknownName, match="there is no saved query 'nobody'"):
            keep_judgement(judge, "nobody", "a:1", RIGHT)


def test_a_query_is_deleted_by_who_saved_it_with_what_is_their_own(ann: psycopg.Connection) -> None:
    ann.execute(SAVE, ["mine", TANK, 0.4])
    ann.execute(JUDGE, ["mine", "a:1", 1])
    ann.execute(SAVE, ["of-mine", '[{"saved": "mine"}]', None])
    ann.execute("delete from vidpipe.saved_queries where name = 'mine'")
    left = ann.execute("select count(*) from vidpipe.relevance_judgements").fetchone()
    assert left == (0,)


def test_a_query_that_another_judged_watches_or_builds_on_is_not_deleted_or_changed(
    ann: psycopg.Connection, tom: psycopg.Connection
) -> None:
    tom.execute(JUDGE, ["tanks", "a:1", 1])
    tom.execute("update vidpipe.saved_queries set watch_threshold = 0.5 where name = 'tanks'")
    tom.execute(SAVE, ["of-tanks", '[{"saved": "tanks"}]', None])
    sentence = (
        'saved query "tanks" is used by others: "signed_tom" watches it; "signed_tom" judged its'
        ' results .1 times.; saved query "of-tanks" of "signed_tom" is made of it'
    )
    with pytest.raises(USED, match=sentence):
        ann.execute("delete from vidpipe.saved_queries where name = 'tanks'")
    with pytest.raises(USED, match=sentence):
        ann.execute("update vidpipe.saved_queries set terms = %s where name = 'tanks'", [CAR])
    ann.execute("update vidpipe.saved_queries set note = 'case 3' where name = 'tanks'")
    kept = ann.execute("select terms, watched_by from vidpipe.saved_queries where name = 'tanks'")
    assert kept.fetchone() == ([{"text": "tank"}], "signed_tom")


@pytest.mark.parametrize(
    "change",
    ['terms = \'[{"text": "car"}]\'', "cutoff = 0.9", "note = 'mine now'"],
)
def test_a_query_of_somebody_else_stays_as_it_is(tom: psycopg.Connection, change: str) -> None:
    with pytest.raises(DENIED, match='written by "signed_ann": nobody else can change or delete'):
        tom.execute(f"update vidpipe.saved_queries set {change} where name = 'tanks'".encode())
    with pytest.raises(DENIED, match='written by "signed_ann"'):
        tom.execute("delete from vidpipe.saved_queries where name = 'tanks'")


@pytest.mark.parametrize("threshold", ["null", "0.99"])
def test_nobody_ends_or_moves_the_watch_of_another(
    ann: psycopg.Connection, tom: psycopg.Connection, threshold: str
) -> None:
    watching = "update vidpipe.saved_queries set watch_threshold = {} where name = 'tanks'"
    tom.execute(watching.format("0.5").encode())
    with pytest.raises(DENIED, match='"tanks" is watched by "signed_tom"'):
        ann.execute(watching.format(threshold).encode())
    tom.execute(watching.format("0.6").encode())
    tom.execute(watching.format("null").encode())
    ann.execute(watching.format("0.7").encode())
    watched = ann.execute("select watched_by from vidpipe.saved_queries where name = 'tanks'")
    assert watched.fetchone() == ("signed_ann",)


@pytest.mark.parametrize(
    ("write", "statements"),
    [
        (
            "insert into vidpipe.events (date, label) values ('2026-11-02', 'A ban')",
            ("update vidpipe.events set label = 'No ban'", "delete from vidpipe.events"),
        ),
        (
            "insert into vidpipe.watched_footage (name, content_sha256)"
            " values ('war', repeat('a', 64))",
            ("update vidpipe.watched_footage set note = ''", "delete from vidpipe.watched_footage"),
        ),
    ],
    ids=["events", "watched_footage"],
)
def test_events_and_watched_footage_are_changed_by_who_wrote_them(
    ann: psycopg.Connection, tom: psycopg.Connection, write: str, statements: tuple[str, ...]
) -> None:
    ann.execute(write.encode())
    for statement in statements:
        with pytest.raises(DENIED, match='written by "signed_ann"'):
            tom.execute(statement.encode())
    for statement in statements:
        assert ann.execute(statement.encode()).rowcount == 1


def test_who_runs_vidpipe_keeps_what_is_used_unless_they_say_so(
    owner: psycopg.Connection, tom: psycopg.Connection
) -> None:
    tom.execute(JUDGE, ["tanks", "a:1", 1])
    with pytest.raises(SettingsError, match=r"used by others.*--although-used"):
        remove_query(owner, "tanks")
    with pytest.raises(SettingsError, match=r"used by others.*another name"):
        save_query(owner, "tanks", [SavedTerm("text", "car")], replace=True)
    save_query(owner, "tanks", [SavedTerm("text", "tank")], cutoff=0.2, replace=True)
    with pytest.raises(SettingsError, match="only whoever runs vidpipe"):
        remove_used_query(tom, "tanks")
    remove_used_query(owner, "tanks")
    assert owner.execute("select count(*) from vidpipe.relevance_judgements").fetchone() == (0,)
    with pytest.raises(UnknownName, match="no saved query 'tanks'"):
        remove_used_query(owner, "tanks")
    owner.execute(SAVE, ["later", TANK, None])
    tom.execute(JUDGE, ["later", "a:1", 1])
    with pytest.raises(USED):  # the trigger is back
        owner.execute("delete from vidpipe.saved_queries where name = 'later'")


def test_who_runs_vidpipe_removes_what_nobody_uses_whoever_saved_it(
    owner: psycopg.Connection, tom: psycopg.Connection
) -> None:
    assert not tom.closed
    remove_query(owner, "tanks")
    assert owner.execute("select count(*) from vidpipe.saved_queries").fetchone() == (0,)
