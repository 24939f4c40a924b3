"""Clusters of one footage: members are copies of a medoid that show one moment of it; no chains."""

import random
from dataclasses import dataclass
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidpipe.reuse.clusters import Cluster, Copy, cluster_lineage, find_clusters
from vidpipe.reuse.matches import Verdict
from vidpipe_tests.publication.published_rows import digest
from vidpipe_tests.reuse.made_up_matches import all_pairs, copy, match, stretch

# The first example loads scipy, and the machine may be busy.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Part:
    """A stretch of a source that a content shows from some moment on; all whole seconds."""

    source: int
    start_s: int
    duration_s: int


World = list[list[Part]]


def parts() -> st.SearchStrategy[Part]:
    return st.builds(Part, st.integers(0, 2), st.integers(0, 12), st.integers(3, 8))


worlds = st.lists(st.lists(parts(), min_size=1, max_size=3), min_size=2, max_size=9)


def placed(content: list[Part]) -> list[tuple[float, Part]]:
    """The parts of a content with the time at which each begins."""
    times = []
    time_s = 0.0
    for part in content:
        times.append((time_s, part))
        time_s += part.duration_s
    return times


def found_copy(world: World, a: int, b: int) -> Copy | None:
    """What a perfect comparison says of two contents; shorter than two seconds is not found."""
    own, other = [], []
    for a_time, one in placed(world[a]):
        for b_time, two in placed(world[b]):
            start = max(one.start_s, two.start_s)
            end = min(one.start_s + one.duration_s, two.start_s + two.duration_s)
            if one.source == two.source and end - start >= 2:
                own.append((a_time + start - one.start_s, a_time + end - one.start_s))
                other.append((b_time + start - two.start_s, b_time + end - two.start_s))
    if not own:
        return None
    a_share, b_share = (
        min(1.0, sum(end - start for start, end in side) / sum(p.duration_s for p in world[name]))
        for side, name in ((own, a), (other, b))
    )
    covered = (a_share >= 0.8, b_share >= 0.8)
    verdict = {
        (True, True): Verdict.NEAR_DUPLICATE,
        (True, False): Verdict.CLIP_OF,
        (False, True): Verdict.CONTAINS,
        (False, False): Verdict.SHARES_FOOTAGE,
    }[covered]
    return Copy(f"c{a}", f"c{b}", verdict, a_share, b_share, tuple(own), tuple(other))


def copies_of(world: World) -> list[Copy]:
    pairs = combinations(range(len(world)), 2)
    return [one for a, b in pairs if (one := found_copy(world, a, b)) is not None]


def exchanged(one: Copy) -> Copy:
    return Copy(
        one.b,
        one.a,
        one.verdict.mirrored_roles,
        one.b_coverage,
        one.a_coverage,
        one.b_stretches,
        one.a_stretches,
    )


def shown_at(content: list[Part], moment_s: float) -> set[tuple[int, float]]:
    """Source and time in it that a content shows at a moment; two where parts meet."""
    return {
        (part.source, part.start_s + moment_s - time_s)
        for time_s, part in placed(content)
        if time_s <= moment_s <= time_s + part.duration_s
    }


def shows(content: list[Part], source: int, time_s: float) -> bool:
    return any(
        part.source == source and part.start_s <= time_s <= part.start_s + part.duration_s
        for part in content
    )


@unhurried
@given(worlds)
def test_every_member_shows_one_moment_of_the_footage_and_is_a_copy_of_the_medoid(
    world: World,
) -> None:
    copies = copies_of(world)
    said = {(one.a, one.b): one for one in [*copies, *map(exchanged, copies)]}
    for cluster in find_clusters(copies):
        assert len(cluster.members) > 1
        for member in cluster.members:
            if member.content == cluster.medoid:
                assert member.verdict is Verdict.IDENTICAL
                continue
            known = said[member.content, cluster.medoid]
            assert (member.verdict, member.coverage) == (known.verdict, known.a_coverage)
            assert member.start_s <= cluster.start_s < cluster.end_s <= member.end_s
        moment_s = (cluster.start_s + cluster.end_s) / 2
        members = [world[int(member.content[1:])] for member in cluster.members]
        assert any(
            all(shows(content, source, time_s) for content in members)
            for source, time_s in shown_at(world[int(cluster.medoid[1:])], moment_s)
        ), "all of them show the same footage"


@unhurried
@given(worlds)
def test_every_pair_of_copies_is_together_in_a_cluster(world: World) -> None:
    copies = copies_of(world)
    clusters = [cluster.contents for cluster in find_clusters(copies)]
    for one in copies:
        assert any({one.a, one.b} <= contents for contents in clusters)


@unhurried
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_roles_in_them_do_not_matter(
    world: World, chance: random.Random
) -> None:
    copies = copies_of(world)
    mixed = [exchanged(one) if chance.random() < 0.5 else one for one in copies]
    chance.shuffle(mixed)
    assert find_clusters(mixed) == find_clusters(copies)


@unhurried
@given(worlds, worlds)
def test_what_does_not_hang_together_is_clustered_alike_alone(one: World, other: World) -> None:
    apart = [
        Copy(f"x{c.a}", f"x{c.b}", c.verdict, c.a_coverage, c.b_coverage, *both(c))
        for c in copies_of(other)
    ]
    together = find_clusters([*copies_of(one), *apart])
    alone = [*find_clusters(copies_of(one)), *find_clusters(apart)]
    assert sorted(together, key=repr) == sorted(alone, key=repr)


def both(one: Copy) -> tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]]:
    return one.a_stretches, one.b_stretches


@unhurried
@given(worlds)
def test_clusters_that_did_not_change_are_kept(world: World) -> None:
    clusters = find_clusters(copies_of(world))
    before = {number + 7: cluster.contents for number, cluster in enumerate(clusters)}
    steps = cluster_lineage(before, clusters)
    assert [step.group for step in steps] == list(range(len(clusters)))
    assert all(step.event == "kept" for step in steps)
    for step in steps:
        assert step.previous is not None
        assert step.group is not None
        assert before[step.previous] == clusters[step.group].contents


@unhurried
@given(st.integers(2, 6), st.integers(1, 6))
def test_ids_survive_new_members(members: int, more: int) -> None:
    names = [f"n{number}" for number in range(members + more)]
    before = clusters_of_pairs(names[:members])
    steps = cluster_lineage({3: before[0].contents}, clusters_of_pairs(names))
    assert [(step.event, step.group, step.previous) for step in steps] == [("kept", 0, 3)]


def clusters_of_pairs(names: list[str]) -> list[Cluster]:
    return find_clusters(map(copy, all_pairs(names)))


def named(clusters: list[Cluster], *words: str) -> list[str]:
    """Contents of each cluster by their words, in the order of choosing."""
    words_of = {digest(word): word for word in words}
    return ["".join(sorted(words_of[one] for one in cluster.contents)) for cluster in clusters]


def test_a_compilation_is_in_a_cluster_of_each_footage_and_joins_none_of_them() -> None:
    """x shows five seconds of a and then five of c, which have copies of their own."""
    a_in_x = stretch((0, 5), (0, 5))
    c_in_x = stretch((0, 5), (5, 10))
    shares = Verdict.SHARES_FOOTAGE
    pairs = [
        *all_pairs(["a", "b"]),
        *all_pairs(["c", "d"]),
        *(match(name, "x", shares, a_in_x, coverage=(0.5, 0.5)) for name in "ab"),
        *(match(name, "x", shares, c_in_x, coverage=(0.5, 0.5)) for name in "cd"),
    ]
    clusters = find_clusters(map(copy, pairs))
    assert sorted(named(clusters, *"abcdx")) == ["abx", "cdx"]
    assert all(cluster.medoid != digest("x") for cluster in clusters)


def test_two_excerpts_that_share_nothing_are_not_together() -> None:
    whole = [
        match("early", "all", Verdict.CLIP_OF, stretch((0, 5), (0, 5)), coverage=(1, 0.5)),
        match("late", "all", Verdict.CLIP_OF, stretch((0, 5), (5, 10)), coverage=(1, 0.5)),
    ]
    clusters = find_clusters(map(copy, whole))
    words = ("early", "late", "all")
    assert sorted(named(clusters, *words)) == ["allearly", "alllate"]


def test_an_excerpt_lies_where_the_medoid_shows_it() -> None:
    pairs = [
        *all_pairs(["a", "b", "c"]),
        *(
            match("e", name, Verdict.CLIP_OF, stretch((0, 3), (4, 7)), coverage=(1, 0.3))
            for name in "abc"
        ),
    ]
    [cluster] = find_clusters(map(copy, pairs))
    [excerpt] = [one for one in cluster.members if one.content == digest("e")]
    assert (excerpt.start_s, excerpt.end_s) == (cluster.start_s, cluster.end_s) == (4, 7)
    assert (excerpt.verdict, excerpt.coverage, excerpt.medoid_coverage) == ("clip_of", 1, 0.3)
    own = next(one for one in cluster.members if one.content == cluster.medoid)
    assert (own.start_s, own.end_s) == (0, 10)


def test_what_many_contents_show_joins_nothing() -> None:
    """The pair shares an intro, too, which others share with neither."""
    pair = match(
        "a",
        "b",
        Verdict.SHARES_FOOTAGE,
        stretch((4, 9), (5, 10)),
        stretch((0, 3), (0, 3), is_common=True),
    )
    assert Copy.of(pair).a_stretches == ((4, 9),)


def test_split_and_merged_clusters_are_told() -> None:
    ab_cd = {1: frozenset(map(digest, "ab")), 2: frozenset(map(digest, "cd"))}
    one = clusters_of_pairs(["a", "b", "c", "d"])
    [kept, merged] = cluster_lineage(ab_cd, one)
    assert (kept.event, merged.event, merged.group) == ("kept", "merged", 0)
    assert {kept.previous, merged.previous} == {1, 2}
    two = [*clusters_of_pairs(["a", "b", "e"]), *clusters_of_pairs(["c", "d"])]
    steps = cluster_lineage({5: frozenset(map(digest, "abecd"))}, two)
    assert [(step.event, step.previous) for step in steps] == [("kept", 5), ("split", 5)]
    gone = cluster_lineage(ab_cd, [])
    assert [(step.event, step.group, step.previous, step.contents) for step in gone] == [
        ("gone", None, 1, 2),
        ("gone", None, 2, 2),
    ]


def test_a_common_compilation_makes_two_clusters_no_relatives() -> None:
    """The new cluster is of other footage: it was not split from the one that x was in."""
    before = {1: frozenset(map(digest, "abx"))}
    [known] = clusters_of_pairs(["a", "b", "x"])
    [stranger] = clusters_of_pairs(["x", "y"])
    steps = cluster_lineage(before, [known, stranger])
    assert [(step.event, step.previous) for step in steps] == [("kept", 1), ("new", None)]
