"""What analysts ask of reused footage: copies of posts, within minutes, by cluster and account."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest

from vidpipe.publication.transaction import publish_rows
from vidpipe.reuse.matches import Match, Verdict
from vidpipe.reuse.store import write_comparisons
from vidpipe_tests.publication.published_rows import DAY, MODEL, Post, date_rows, digest
from vidpipe_tests.reuse.made_up_matches import VERSION, all_pairs, compared, match, stretch

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)  # the first post; each next one is a minute later


def publish(connection: psycopg.Connection, *posts: Post, removed: str = "") -> None:
    rows = date_rows(posts, removed=frozenset([removed]))
    publish_rows(connection, rows, ingest_date=DAY, model=MODEL)


def found(connection: psycopg.Connection, names: str, *matches: Match) -> None:
    write_comparisons(connection, compared(*names), matches, VERSION)


def ask(
    connection: psycopg.Connection, statement: str, **values: object
) -> list[tuple[object, ...]]:
    return connection.execute(statement.encode(), values).fetchall()


@pytest.fixture
def world(connection: psycopg.Connection) -> psycopg.Connection:
    """Four posts of footage a, at noon and each a minute later, and one of something else.

    Alice posts it; bob the same bytes; carol a clip, mirrored and twice as fast; alice her copy.
    """
    publish(
        connection,
        Post("t:1", "a", "alice"),
        Post("t:2", "a", "bob"),
        Post("t:3", "clip", "carol"),
        Post("t:4", "copy", "alice"),
        Post("t:5", "other", "dave"),
    )
    part = stretch((0, 2), (6, 10), is_mirrored=True)
    clip_in = [
        match(
            "clip",
            name,
            Verdict.CLIP_OF,
            part,
            coverage=(1, 0.4),
            edits=("mirrored", "slower", "joined"),
        )
        for name in ("a", "copy")
    ]
    scene = match("a", "other", Verdict.SAME_SCENE, coverage=(0.1, 0.1))
    pairs = [*clip_in, match("a", "copy"), scene]
    write_comparisons(connection, compared("a", "clip", "copy", "other"), pairs, VERSION)
    return connection


def test_copies_are_pairs_of_posts_the_earlier_first(world: psycopg.Connection) -> None:
    rows = ask(
        world,
        "select video_id, copy_video_id, verdict, lag_s, is_same_account from vidpipe.video_copies"
        " order by 1, 2",
    )
    assert rows == [
        ("t:1", "t:2", "identical", 60, False),
        ("t:1", "t:3", "contains", 120, False),
        ("t:1", "t:4", "near_duplicate", 180, True),
        ("t:2", "t:3", "contains", 60, False),
        ("t:2", "t:4", "near_duplicate", 120, False),
        ("t:3", "t:4", "clip_of", 60, False),
    ]


def test_a_match_is_read_from_the_earlier_post(world: psycopg.Connection) -> None:
    columns = "coverage, copy_coverage, offset_s, speed, is_mirrored, edits, matched_s"
    [forth] = ask(world, f"select {columns} from vidpipe.video_copies where video_id = 't:3'")
    [back] = ask(
        world,
        f"select {columns} from vidpipe.video_copies where video_id = 't:1'"
        " and copy_video_id = 't:3'",
    )
    assert forth == (1, pytest.approx(0.4), 6, 2, True, ["mirrored", "slower", "joined"], 2)
    assert back == (pytest.approx(0.4), 1, -3, 0.5, True, ["mirrored", "faster", "joined"], 2)


def test_copies_of_a_post_are_those_before_and_after_it(world: psycopg.Connection) -> None:
    rows = ask(world, "select video_id, verdict, lag_s from vidpipe.copies_of('t:3')")
    assert rows == [
        ("t:1", "clip_of", -120),
        ("t:2", "clip_of", -60),
        ("t:4", "clip_of", 60),
    ]
    [(said,)] = ask(world, "select intervals from vidpipe.copies_of('t:3') where video_id = 't:1'")
    stretch_of_clip = {
        "start_s": 0,
        "end_s": 2,
        "copy_start_s": 6,
        "copy_end_s": 10,
        "is_common": False,
    }
    assert said == [stretch_of_clip]
    [(said,)] = ask(world, "select intervals from vidpipe.copies_of('t:1') where video_id = 't:3'")
    assert said == [
        {"start_s": 6, "end_s": 10, "copy_start_s": 0, "copy_end_s": 2, "is_common": False}
    ]
    assert ask(world, "select intervals from vidpipe.copies_of('t:1') where video_id = 't:2'") == [
        ([],)
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("'t:1'", ["t:2", "t:3", "t:4"]),
        ("'t:1', with_same_account => false", ["t:2", "t:3"]),
        ("'t:1', verdicts => array['identical', 'same_scene']", ["t:2", "t:5"]),
        ("'t:5', 0.05, verdicts => array['same_scene']", ["t:1", "t:2"]),
        ("'t:5', 0.5, verdicts => array['same_scene']", []),
        ("'t:5'", []),
    ],
)
def test_copies_can_be_narrowed_down(
    world: psycopg.Connection, arguments: str, expected: list[str]
) -> None:
    rows = ask(world, f"select video_id from vidpipe.copies_of({arguments})")
    assert [video for (video,) in rows] == expected


def test_a_former_id_answers_and_an_unknown_one_says_so(world: psycopg.Connection) -> None:
    ask(
        world,
        "insert into vidpipe.former_video_ids (former_id, video_id) values ('old', 't:3')"
        " returning 1",
    )
    now = ask(world, "select * from vidpipe.copies_of('t:3')")
    assert ask(world, "select * from vidpipe.copies_of('old')") == now != []
    with pytest.raises(psycopg.errors.NoDataFound, match='there is no video "t:9"'):
        ask(world, "select * from vidpipe.copies_of('t:9')")
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="similar"):
        ask(world, "select * from vidpipe.copies_of('t:1', verdicts => array['similar'])")


def test_removed_posts_are_left_out(connection: psycopg.Connection) -> None:
    publish(connection, Post("t:1", "a"), Post("t:2", "a", "bob"), Post("t:3", "b"), removed="t:2")
    found(connection, "ab", match("a", "b"))
    rows = ask(connection, "select video_id, copy_video_id from vidpipe.video_copies")
    assert rows == [("t:1", "t:3")]
    assert ask(connection, "select video_id from vidpipe.copies_of('t:1')") == [("t:3",)]
    assert ask(connection, "select * from vidpipe.copied_within('1 day')") == []
    [row] = ask(connection, "select posts, accounts from vidpipe.footage_cluster_summaries")
    assert row == (2, 1)


def test_a_post_whose_time_cannot_be_true_is_the_later_one(connection: psycopg.Connection) -> None:
    publish(connection, Post("t:1", "a"), Post("t:2", "b"), Post("t:3", "b"))
    found(connection, "ab", match("a", "b"))
    ask(
        connection,
        "update vidpipe.videos set posted_at = case video_id when 't:1' then posted_at"
        " + interval '1 year' end where video_id in ('t:1', 't:2') returning 1",
    )
    rows = ask(
        connection,
        "select video_id, copy_video_id, posted_at, copy_posted_at, lag_s"
        " from vidpipe.video_copies order by 1, 2",
    )
    third = NOON + timedelta(minutes=2)
    assert rows == [
        ("t:1", "t:2", None, None, None),
        ("t:3", "t:1", third, None, None),
        ("t:3", "t:2", third, None, None),
    ]


def test_who_posted_the_same_footage_within_minutes(world: psycopg.Connection) -> None:
    pairs = "select video_id, copy_video_id, verdict, lag_s from vidpipe.copied_within({})"
    assert ask(world, pairs.format("'1 minute'")) == [
        ("t:1", "t:2", "identical", 60),
        ("t:2", "t:3", "contains", 60),
        ("t:3", "t:4", "clip_of", 60),
    ]
    two = ask(world, pairs.format("'2 minutes'"))
    assert [row[:2] for row in two] == [
        ("t:1", "t:2"),
        ("t:1", "t:3"),
        ("t:2", "t:3"),
        ("t:2", "t:4"),
        ("t:3", "t:4"),
    ], "alice's own copy is none of another account"
    between = "'2 minutes', timestamptz '2026-11-02 12:01Z', timestamptz '2026-11-02 12:03Z'"
    assert [row[:2] for row in ask(world, pairs.format(between))] == [("t:2", "t:3")]
    for span in ("'0 minutes'", "'-1 minute'", "null"):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="span"):
            ask(world, pairs.format(span))


def test_two_copies_of_one_content_count_though_nobody_matched_them(
    connection: psycopg.Connection,
) -> None:
    """Two excerpts that overlap in their source, too little to be matched with each other."""
    publish(connection, Post("t:1", "x", "alice"), Post("t:2", "y", "bob"), Post("t:3", "whole"))
    excerpts = [
        match(name, "whole", Verdict.CLIP_OF, stretch((0, 6), place), coverage=(1, 0.6))
        for name, place in (("x", (0, 6)), ("y", (4, 10)))
    ]
    write_comparisons(connection, compared("x", "y", "whole"), excerpts, VERSION)
    rows = ask(
        connection,
        "select video_id, copy_video_id, verdict from vidpipe.copied_within('90 seconds')",
    )
    assert rows == [("t:1", "t:2", None), ("t:2", "t:3", "clip_of")]


@pytest.mark.parametrize(
    ("precision", "span", "pairs"),
    [
        ("second", "1 minute", 1),
        (None, "1 minute", 1),
        ("day", "1 minute", 0),
        ("day", "1 day", 1),
        ("file", "1 day", 0),
    ],
)
def test_times_that_are_not_known_well_enough_make_no_pair(
    connection: psycopg.Connection, precision: str | None, span: str, pairs: int
) -> None:
    publish(connection, Post("t:1", "a"), Post("t:2", "a", "bob"))
    ask(
        connection,
        "update vidpipe.videos set posted_at_precision = %(precision)s where video_id = 't:2'"
        " returning 1",
        precision=precision,
    )
    found_pairs = ask(
        connection, "select * from vidpipe.copied_within(%(span)s::interval)", span=span
    )
    assert len(found_pairs) == pairs


@pytest.mark.parametrize("seed", range(3))
def test_the_window_finds_what_comparing_all_pairs_finds(
    connection: psycopg.Connection, seed: int
) -> None:
    chance = random.Random(seed)
    posts = [
        Post(f"t:{number}", chance.choice("abcdefgh"), chance.choice(["alice", "bob", "carol"]))
        for number in range(120)
    ]
    publish(connection, *posts)
    minutes = [(post.video_id, chance.uniform(0, 300)) for post in posts]
    with connection.cursor() as cursor:
        cursor.executemany(
            "update vidpipe.videos set posted_at = %s where video_id = %s",
            [(NOON + timedelta(minutes=minute), video) for video, minute in minutes],
        )
    pairs = [*all_pairs("abc"), *all_pairs("de"), match("c", "f", Verdict.SHARES_FOOTAGE)]
    found(connection, "abcdefgh", *pairs)
    direct = ask(
        connection,
        "select video_id, copy_video_id, verdict from vidpipe.video_copies"
        " where not is_same_account and lag_s <= 600 order by posted_at, 1, copy_posted_at, 2",
    )
    window = ask(
        connection,
        "select video_id, copy_video_id, verdict from vidpipe.copied_within('10 minutes')"
        " where verdict is not null",
    )
    assert window == direct
    assert len(direct) > 50


def test_a_cluster_tells_who_was_first_and_how_far_it_spread(world: psycopg.Connection) -> None:
    [row] = ask(
        world,
        "select posts, contents, accounts, platforms, first_video_id, first_account,"
        " first_posted_at, spread_s, common_start_s, common_end_s"
        " from vidpipe.footage_cluster_summaries",
    )
    assert row == (4, 3, 3, 1, "t:1", "alice", NOON, 180, 6, 10)
    lags = ask(
        world,
        "select account, first_video_id, lag_s, place, posts, contents"
        " from vidpipe.cluster_accounts order by place",
    )
    assert lags == [
        ("alice", "t:1", 0, 1, 2, 2),
        ("bob", "t:2", 60, 2, 1, 1),
        ("carol", "t:3", 120, 3, 1, 1),
    ]


def plan_of(connection: psycopg.Connection, query: str) -> str:
    return "\n".join(str(row[0]) for row in ask(connection, f"explain {query}"))


@pytest.mark.parametrize("column", ["video_id", "copy_video_id"])
def test_copies_of_one_post_are_found_by_indexes(
    connection: psycopg.Connection, column: str
) -> None:
    many = [f"n{number}" for number in range(300)]
    publish(connection, *(Post(f"t:{name}", name) for name in many))
    pairs = [match(a, b) for a, b in pairwise(many)]
    write_comparisons(connection, compared(*many), pairs, VERSION)
    connection.execute("analyze")
    connection.execute("set enable_seqscan = off")  # these tables are small; it shows what can be
    by_id = plan_of(connection, f"select * from vidpipe.video_copies where {column} = 't:n7'")
    given = plan_of(
        connection,
        "select c.* from unnest(array['t:n7', 't:n9']) as g (id)"
        f" inner join vidpipe.video_copies as c on c.{column} = g.id",
    )
    indexes = ("footage_matches_pkey", "footage_matches_content_b", "videos_content_sha256")
    own = {"video_id": "contents_pkey", "copy_video_id": "contents_itself"}
    for plan in (by_id, given):
        assert "Seq Scan" not in plan
        assert all(index in plan for index in (*indexes, own[column]))


def test_a_reading_back_of_a_reading_back_is_the_match_again(
    connection: psycopg.Connection,
) -> None:
    verdicts: Mapping[str, str] = {one.value: one.mirrored_roles.value for one in Verdict}
    rows = ask(
        connection,
        "select v, vidpipe.verdict_read_back(v) from unnest(%(verdicts)s::text[]) as v",
        verdicts=list(verdicts),
    )
    assert {str(verdict): str(back) for verdict, back in rows} == verdicts
    edits = ["mirrored", "cropped", "faster", "slower", "trimmed", "joined", "laid out"]
    [(once, twice)] = ask(
        connection,
        "select vidpipe.edits_read_back(%(edits)s),"
        " vidpipe.edits_read_back(vidpipe.edits_read_back(%(edits)s))",
        edits=edits,
    )
    assert twice == edits
    assert once == ["mirrored", "cropped", "slower", "faster", "trimmed", "joined", "laid out"]


def test_all_contents_of_the_world_are_named_by_their_digest(world: psycopg.Connection) -> None:
    [row] = ask(
        world,
        "select content_sha256, copy_content_sha256 from vidpipe.video_copies"
        " where copy_video_id = 't:3' and video_id = 't:2'",
    )
    assert row == (digest("a"), digest("clip"))
