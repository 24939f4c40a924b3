"""Stored clusters: ids survive, lineage tells of the others, only what changed moves."""

import random

import psycopg
import pytest

from vidpipe.reuse.cluster_store import clusters_of, read_clusters
from vidpipe.reuse.clusters import Copy, find_clusters
from vidpipe.reuse.forgetting import forget
from vidpipe.reuse.matches import Match, Verdict
from vidpipe.reuse.store import stored_contents, write_comparisons
from vidpipe_tests.publication.published_rows import digest
from vidpipe_tests.reuse.made_up_matches import VERSION, all_pairs, compared, match, stretch

Lineage = list[tuple[str, int | None, int | None]]


def write(connection: psycopg.Connection, names: str, matches: list[Match]) -> None:
    write_comparisons(connection, compared(*names), matches, VERSION, dagster_run_id="run")


def stored(connection: psycopg.Connection) -> dict[int, set[str]]:
    """Contents of the living clusters."""
    return {one.cluster_id: set(one.cluster.contents) for one in read_clusters(connection)}


def digests(names: str) -> set[str]:
    return set(map(digest, names))


def lineage(connection: psycopg.Connection) -> Lineage:
    return connection.execute(
        "select event, cluster_id, previous_cluster_id from vidpipe.footage_lineage"
        " order by step_no"
    ).fetchall()


def test_a_cluster_keeps_its_number_as_contents_come(connection: psycopg.Connection) -> None:
    write(connection, "ab", all_pairs("ab"))
    times = "select made_at, changed_at from vidpipe.footage_clusters where cluster_id = 1"
    [(made_at, _)] = connection.execute(times).fetchall()
    write(connection, "cd", [one for one in all_pairs("abcd") if one not in all_pairs("ab")])
    assert stored(connection) == {1: digests("abcd")}
    assert lineage(connection) == [("new", 1, None)]
    [(still_made_at, changed_at)] = connection.execute(times).fetchall()
    assert still_made_at == made_at < changed_at
    assert [one.cluster_id for one in clusters_of(connection, digest("d"))] == [1]
    assert clusters_of(connection, digest("z")) == []


def test_clusters_that_merge_and_split_say_so(connection: psycopg.Connection) -> None:
    write(connection, "abcde", [*all_pairs("abc"), *all_pairs("de")])
    before = stored(connection)
    large = next(one for one, contents in before.items() if contents == digests("abc"))
    small = next(one for one, contents in before.items() if contents == digests("de"))
    write(connection, "abcde", all_pairs("abcde"))
    assert stored(connection) == {large: digests("abcde")}
    assert lineage(connection)[2:] == [("merged", large, small)]
    ended = "select ended_at is not null, merged_into, contents, medoid_content"
    ended += " from vidpipe.footage_clusters where cluster_id = %s"
    assert connection.execute(ended.encode(), [small]).fetchone() == (True, large, 0, None)
    write(connection, "abcde", [*all_pairs("abc"), *all_pairs("de")])
    assert stored(connection) == {large: digests("abc"), 3: digests("de")}
    assert lineage(connection)[3:] == [("split", 3, large)]
    write(connection, "de", [])
    assert stored(connection) == {large: digests("abc")}
    assert lineage(connection)[4:] == [("gone", None, 3)]


def test_who_noted_a_cluster_that_merged_twice_finds_the_last(
    connection: psycopg.Connection,
) -> None:
    write(connection, "abcdefghi", [*all_pairs("ab"), *all_pairs("cde"), *all_pairs("fghi")])
    first, second, third = sorted(stored(connection), key=lambda one: len(stored(connection)[one]))
    write(connection, "abcde", all_pairs("abcde"))
    write(connection, "abcdefghi", all_pairs("abcdefghi"))
    heirs = connection.execute(
        "select cluster_id, merged_into from vidpipe.footage_clusters order by contents, cluster_id"
    ).fetchall()
    living = next(iter(stored(connection)))
    ended = {first, second, third} - {living}
    assert dict(heirs) == dict.fromkeys(ended, living) | {living: None}


def test_clusters_of_other_footage_are_left_as_they_are(connection: psycopg.Connection) -> None:
    write(connection, "abcd", [*all_pairs("ab"), *all_pairs("cd")])
    changed = "select cluster_id, changed_at, xmin::text from vidpipe.footage_clusters"
    changed += " order by cluster_id"
    before = {one: rest for one, *rest in connection.execute(changed.encode()).fetchall()}
    other = next(one for one, contents in stored(connection).items() if contents == digests("cd"))
    write(connection, "e", [match("e", "a"), match("e", "b")])
    after = {one: rest for one, *rest in connection.execute(changed.encode()).fetchall()}
    assert after[other] == before[other]
    assert after != before


def test_members_tell_how_they_show_the_medoid(connection: psycopg.Connection) -> None:
    excerpt = stretch((0, 4), (3, 7))
    write(
        connection,
        "abe",
        [
            *all_pairs("ab"),
            *(match("e", name, Verdict.CLIP_OF, excerpt, coverage=(1, 0.4)) for name in "ab"),
        ],
    )
    rows = connection.execute(
        "select m.content_sha256 = c.medoid_content, m.is_medoid, m.verdict, m.coverage,"
        " m.medoid_coverage, m.start_s, m.end_s from vidpipe.cluster_members as m"
        " inner join vidpipe.footage_clusters as c on m.cluster_id = c.cluster_id"
        " order by m.is_medoid desc, m.verdict"
    ).fetchall()
    assert rows == [
        (True, True, "identical", 1.0, 1.0, 0.0, 10.0),
        (False, False, "clip_of", 1.0, pytest.approx(0.4), 3.0, 7.0),
        (False, False, "near_duplicate", 1.0, 1.0, 0.0, 10.0),
    ]
    common = "select contents, common_start_s, common_end_s from vidpipe.footage_clusters"
    assert connection.execute(common).fetchall() == [(3, 3.0, 7.0)]


def test_matches_that_are_no_copies_make_no_cluster(connection: psycopg.Connection) -> None:
    write(
        connection,
        "abcd",
        [
            match("a", "b", Verdict.SAME_SCENE),
            match("b", "c", Verdict.COMMON_SEGMENT),
            match("c", "d", Verdict.STATIC),
        ],
    )
    assert stored(connection) == {}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_order_contents_come_in_the_clusters_are_those_of_all(
    connection: psycopg.Connection, seed: int
) -> None:
    chance = random.Random(seed)
    names = [f"n{number}" for number in range(24)]
    pairs = []
    for _ in range(40):
        a, b = chance.sample(names, 2)
        start = chance.uniform(0, 6)
        pairs.append(
            match(
                a,
                b,
                chance.choice([Verdict.SHARES_FOOTAGE, Verdict.CONTAINS, Verdict.NEAR_DUPLICATE]),
                stretch((start, start + 3), (0, 3)),
                coverage=(round(chance.random(), 2), round(chance.random(), 2)),
            )
        )
    known: set[str] = set()
    chance.shuffle(names)
    for place in range(0, 24, 5):
        new = set(map(digest, names[place : place + 5]))
        known |= new
        found = [one for one in pairs if {one.a, one.b} <= known and {one.a, one.b} & new]
        write_comparisons(connection, compared(*names[place : place + 5]), found, VERSION)
    once = {(min(one.a, one.b), max(one.a, one.b)): one for one in pairs}
    expected = find_clusters(map(Copy.of, once.values()))
    living = read_clusters(connection)
    assert {one.cluster.contents for one in living} == {one.contents for one in expected}
    assert {(one.cluster.medoid, one.cluster.start_s) for one in living} == {
        (one.medoid, one.start_s) for one in expected
    }


def test_a_cluster_whose_medoid_is_forgotten_goes_on_around_another(
    connection: psycopg.Connection,
) -> None:
    write(connection, "abc", all_pairs("abc"))
    [cluster] = read_clusters(connection)
    forget(connection, [], [cluster.cluster.medoid])
    [rest] = read_clusters(connection)
    assert rest.cluster_id == cluster.cluster_id
    assert rest.cluster.contents == cluster.cluster.contents - {cluster.cluster.medoid}
    assert rest.cluster.medoid in rest.cluster.contents
    assert lineage(connection) == [("new", 1, None)]


def test_a_cluster_ends_when_one_content_is_left_or_none(connection: psycopg.Connection) -> None:
    write(connection, "abcd", [*all_pairs("ab"), *all_pairs("cd")])
    forget(connection, [], [digest("a"), digest("c"), digest("d")])
    assert stored(connection) == {}
    assert list(stored_contents(connection)) == [digest("b")]
    assert sorted(step[0] for step in lineage(connection)) == ["gone", "gone", "new", "new"]
    kept = connection.execute(
        "select count(*) from (select to_jsonb(t)::text as said from vidpipe.footage_clusters as t"
        " union all select to_jsonb(t)::text from vidpipe.cluster_members as t"
        " union all select to_jsonb(t)::text from vidpipe.footage_matches as t"
        " union all select to_jsonb(t)::text from vidpipe.footage_segments as t) as rows"
        " where said like %s or said like %s or said like %s",
        [f"%{digest(name)}%" for name in "acd"],
    ).fetchone()
    assert kept == (0,)
