"""Comparisons in PostgreSQL: what was found is read as it was written, and replaced as a whole."""

from dataclasses import replace

import psycopg
import pytest

from vidpipe.reuse.matches import Match, Verdict
from vidpipe.reuse.store import (
    ComparedContent,
    Outcome,
    match_of,
    matches_of,
    one_at_a_time,
    stored_contents,
    write_comparisons,
)
from vidpipe.settings import Settings
from vidpipe.stores import locks
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import digest
from vidpipe_tests.reuse.made_up_matches import VERSION, all_pairs, compared, match, stretch


def rows(connection: psycopg.Connection, statement: str) -> list[tuple[object, ...]]:
    return connection.execute(statement.encode()).fetchall()


def ordered(one: Match) -> Match:
    """The match as it is stored: the smaller digest first."""
    return one if one.a < one.b else one.exchanged


def test_matches_are_read_as_they_were_written_from_either_side(
    connection: psycopg.Connection,
) -> None:
    written = match(
        "a",
        "b",
        Verdict.CLIP_OF,
        stretch((0, 4), (10, 12), is_mirrored=True),
        stretch((4, 5), (14, 15), is_common=True),
        coverage=(1, 0.25),
        edits=("mirrored", "faster"),
    )
    write_comparisons(connection, compared("a", "b"), [written], VERSION, dagster_run_id="run")
    assert matches_of(connection, digest("a")) == [written]
    [read_back] = matches_of(connection, digest("b"))
    assert read_back.verdict is Verdict.CONTAINS
    assert read_back == match_of(connection, digest("b"), digest("a"))
    assert match_of(connection, digest("a"), digest("b")) == written
    assert match_of(connection, digest("a"), digest("c")) is None
    one = ordered(written)
    strongest = one.segments[0]
    assert rows(
        connection,
        "select verdict, is_copy, matched_s, offset_s, speed, is_mirrored, signals,"
        " comparison_version, dagster_run_id from vidpipe.footage_matches",
    ) == [
        (
            one.verdict.value,
            True,
            3.0,  # two seconds at twice the pace and one at the same
            strongest.offset_s,
            strongest.speed,
            True,
            ["hashes"],
            VERSION,
            "run",
        )
    ]


def test_every_content_has_an_outcome_and_a_number_in_the_order_of_comparing(
    connection: psycopg.Connection,
) -> None:
    still = ComparedContent(digest("s"), Outcome.STATIC, 9, 2.0, "v2", "nothing moves in it")
    broken = ComparedContent(digest("n"), Outcome.NO_PRINT, 0, None, None, "it has no print")
    write_comparisons(connection, compared("a"), [], VERSION)
    write_comparisons(connection, [still, broken, *compared("b")], [], VERSION)
    write_comparisons(connection, compared("a"), [], "algorithm 2")
    stored = stored_contents(connection)
    assert [stored[digest(name)].content for name in "sn"] == [still, broken]
    assert list(stored)[-1] == digest("a"), "it was compared again, after the others"
    assert stored[digest("a")].comparison_version == "algorithm 2"
    assert stored[digest("b")].comparison_version == VERSION
    assert len({one.compared_no for one in stored.values()}) == 4


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_what_was_compared_has_no_reason(
    connection: psycopg.Connection, outcome: Outcome
) -> None:
    wrong = None if outcome is not Outcome.COMPARED else "for no reason"
    content = ComparedContent(digest("a"), outcome, 0, None, None, wrong)
    with pytest.raises(psycopg.errors.CheckViolation):
        write_comparisons(connection, [content], [], VERSION)


def test_writing_the_same_again_changes_nothing(connection: psycopg.Connection) -> None:
    pairs = all_pairs(["a", "b", "c"])
    first = write_comparisons(connection, compared("a", "b", "c"), pairs, VERSION)
    assert len(first.new_copies) == 3
    assert [step.event for step in first.steps] == ["new"]
    tables = {
        "vidpipe.footage_matches": "to_jsonb(t) - 'compared_at'",
        "vidpipe.footage_segments": "to_jsonb(t)",
        "vidpipe.footage_clusters": "to_jsonb(t)",
        "vidpipe.cluster_members": "to_jsonb(t)",
        "vidpipe.footage_lineage": "to_jsonb(t)",
        "vidpipe.footage_contents": "to_jsonb(t) - 'compared_at' - 'compared_no'",
    }
    statements = [f"select {row} from {table} as t order by 1" for table, row in tables.items()]
    before = [rows(connection, one) for one in statements]
    backwards = [one.exchanged for one in reversed(pairs)]
    again = write_comparisons(connection, compared("c", "a", "b"), backwards, VERSION)
    assert (again.new_copies, again.lost_copies, again.steps) == ((), (), ())
    assert [rows(connection, one) for one in statements] == before
    assert all(before)


def test_a_pair_that_is_not_found_again_is_no_match_any_more(
    connection: psycopg.Connection,
) -> None:
    write_comparisons(connection, compared("a", "b", "c"), all_pairs(["a", "b", "c"]), VERSION)
    found = rows(connection, "select min(first_found_at) from vidpipe.footage_matches")
    scene = match("a", "b", Verdict.SAME_SCENE, coverage=(0, 0))
    written = write_comparisons(connection, compared("a"), [scene], "algorithm 2")
    assert written.new_copies == ()
    assert set(written.lost_copies) == {
        (min(digest("a"), digest(other)), max(digest("a"), digest(other))) for other in "bc"
    }
    assert [one.b for one in matches_of(connection, digest("a"))] == [digest("b")]
    assert len(matches_of(connection, digest("c"))) == 1, "pairs of others stay"
    times = "select first_found_at from vidpipe.footage_matches where verdict = 'same_scene'"
    assert rows(connection, times) == found


def test_what_is_still_to_be_compared_keeps_its_matches_until_then(
    connection: psycopg.Connection,
) -> None:
    write_comparisons(connection, compared("a", "b", "c"), all_pairs(["a", "b", "c"]), VERSION)
    again = write_comparisons(connection, compared("a"), [], "algorithm 2", pending=[digest("b")])
    pair = (min(digest("a"), digest("c")), max(digest("a"), digest("c")))
    assert again.lost_copies == (pair,)
    assert [one.b for one in matches_of(connection, digest("a"))] == [digest("b")]
    write_comparisons(connection, compared("b"), [match("b", "c")], "algorithm 2")
    assert matches_of(connection, digest("a")) == []


def test_edits_are_read_from_either_side(connection: psycopg.Connection) -> None:
    found = [match("a", other, edits=("faster", "joined")) for other in "bcde"]
    write_comparisons(connection, compared(*"abcde"), found, VERSION)
    assert {one.edits for one in matches_of(connection, digest("a"))} == {("faster", "joined")}
    for other in "bcde":
        [read_back] = matches_of(connection, digest(other))
        assert read_back.edits == ("slower", "joined")
    said = rows(
        connection,
        "select edits from vidpipe.content_matches where content_sha256 = "
        f"'{digest('a')}' and other_content <> content_sha256",
    )
    assert said == [(["faster", "joined"],)] * 4


def test_a_pair_that_is_told_twice_is_written_once(connection: psycopg.Connection) -> None:
    one = match("a", "b")
    write_comparisons(connection, compared("a", "b"), [one, one.exchanged], VERSION)
    assert rows(connection, "select count(*) from vidpipe.footage_matches") == [(1,)]


def test_a_match_of_a_content_that_nobody_compared_changes_nothing(
    connection: psycopg.Connection,
) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        write_comparisons(connection, compared("a"), [match("a", "b")], VERSION)
    assert stored_contents(connection) == {}


def test_copies_are_listed_before_what_only_looks_alike(connection: psycopg.Connection) -> None:
    found = [
        match("a", "b", Verdict.SAME_SCENE, coverage=(0.9, 0.9)),
        match("a", "c", Verdict.SHARES_FOOTAGE, coverage=(0.2, 0.2)),
        replace(match("a", "d"), a_coverage=0.9),
    ]
    write_comparisons(connection, compared(*"abcd"), found, VERSION)
    assert [one.b for one in matches_of(connection, digest("a"))] == [
        digest(name) for name in "dcb"
    ]


def test_comparing_and_erasing_wait_for_each_other(
    connection: psycopg.Connection, upgraded_database_settings: Settings
) -> None:
    with connect(upgraded_database_settings, autocommit=True) as other:
        take = "select pg_try_advisory_lock(%s)"
        with one_at_a_time(connection):
            assert other.execute(take, [locks.FOOTAGE.key]).fetchone() == (False,)
        assert other.execute(take, [locks.FOOTAGE.key]).fetchone() == (True,)
