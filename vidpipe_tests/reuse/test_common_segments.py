"""Common segments: what many contents show that share nothing else is no reuse."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from vidpipe.reuse.common_segments import MANY, without_common
from vidpipe.reuse.matches import Match, Verdict
from vidpipe_tests.reuse.made_up_matches import match, stretch

INTRO = (0.0, 3.0)
DURATION_S = 30.0


def shared(a: str, b: str, *stretches: tuple[tuple[float, float], tuple[float, float]]) -> Match:
    """Two contents of half a minute that share stretches: those of the first, of the second."""
    segments = tuple(
        replace(
            stretch(one, two),
            a_coverage=(one[1] - one[0]) / DURATION_S,
            b_coverage=(two[1] - two[0]) / DURATION_S,
        )
        for one, two in stretches
    )
    coverage = (
        sum(segment.a_coverage for segment in segments),
        sum(segment.b_coverage for segment in segments),
    )
    verdict = Verdict.NEAR_DUPLICATE if min(coverage) >= 0.8 else Verdict.SHARES_FOOTAGE
    return match(a, b, verdict, *segments, coverage=coverage)


def names(count: int) -> list[str]:
    return [f"video {number}" for number in range(count)]


def sharing_an_intro(count: int) -> list[Match]:
    return [shared(a, b, (INTRO, INTRO)) for a, b in combinations(names(count), 2)]


def verdicts(matches: Sequence[Match]) -> set[Verdict]:
    return {one.verdict for one in matches}


def marks(one: Match) -> list[bool]:
    return [segment.is_common for segment in one.segments]


def test_what_many_share_and_nothing_else_is_a_common_segment() -> None:
    judged = without_common(sharing_an_intro(MANY + 2))
    assert verdicts(judged) == {Verdict.COMMON_SEGMENT}
    assert all(marks(one) == [True] for one in judged)
    assert {(one.a_coverage, one.b_coverage) for one in judged} == {(0.0, 0.0)}


def test_what_few_share_is_no_common_segment() -> None:
    matches = sharing_an_intro(MANY + 1)
    assert without_common(matches) == matches


def test_viral_footage_that_many_show_alone_is_not_masked() -> None:
    whole = (0.0, DURATION_S)
    matches = [shared(a, b, (whole, whole)) for a, b in combinations(names(MANY + 8), 2)]
    assert without_common(matches) == matches


def test_viral_footage_that_some_show_alone_and_others_among_more_is_not_masked() -> None:
    clip, inside = (0.0, DURATION_S), (10.0, 14.0)
    alone, among = names(4), [f"compilation {number}" for number in range(MANY + 4)]
    matches = [shared(a, b, (clip, clip)) for a, b in combinations(alone, 2)]
    for b in among:
        for a in alone:
            one = shared(a, b, (clip, inside))
            matches.append(replace(one, verdict=Verdict.CLIP_OF))
    matches += [shared(a, b, (inside, inside)) for a, b in combinations(among, 2)]
    assert without_common(matches) == matches


def test_a_pair_that_shares_more_keeps_its_own_footage_and_loses_the_intro() -> None:
    matches = sharing_an_intro(MANY + 2)
    own = (12.0, 20.0)
    matches[0] = shared("video 0", "video 1", (INTRO, INTRO), (own, own))
    mixed, *others = without_common(matches)
    assert marks(mixed) == [True, False]
    assert mixed.verdict is Verdict.SHARES_FOOTAGE
    assert mixed.a_coverage == pytest.approx(8 / DURATION_S)
    assert verdicts(others) == {Verdict.COMMON_SEGMENT}


def test_a_copy_that_wears_the_intro_of_all_stays_a_copy() -> None:
    matches = sharing_an_intro(MANY + 2)
    rest = (3.0, DURATION_S)
    matches[0] = shared("video 0", "video 1", (INTRO, INTRO), (rest, rest))
    copy = without_common(matches)[0]
    assert copy.verdict is Verdict.NEAR_DUPLICATE
    assert copy.a_coverage == pytest.approx(0.9)


def test_other_stretches_of_the_same_contents_do_not_make_each_other_common() -> None:
    matches = [
        shared("hub", name, ((2.0 * number, 2.0 * number + 2), (5.0, 7.0)))
        for number, name in enumerate(names(MANY + 4))
    ]
    assert without_common(matches) == matches


def test_judging_twice_changes_nothing() -> None:
    matches = sharing_an_intro(MANY + 2)
    matches[3] = shared("video 0", "video 4", (INTRO, INTRO), ((12, 20), (12, 20)))
    once = without_common(matches)
    assert once != matches
    twice = without_common(once)
    assert all(new is old for new, old in zip(twice, once, strict=True))


def test_marks_disappear_when_partners_go() -> None:
    matches = sharing_an_intro(MANY + 2)
    judged = without_common(matches)
    gone = {judged[-1].a, judged[-1].b}
    left = [number for number, one in enumerate(judged) if not gone & {one.a, one.b}]
    again = without_common([judged[number] for number in left])
    assert again == [matches[number] for number in left]


def test_what_is_no_copy_is_neither_judged_nor_counted() -> None:
    matches = sharing_an_intro(MANY + 1)
    static = [
        replace(shared("video 0", f"still {number}", (INTRO, INTRO)), verdict=verdict)
        for number, verdict in enumerate([Verdict.STATIC, Verdict.SAME_SCENE] * 3)
    ]
    assert without_common([*matches, *static]) == [*matches, *static]
    none: list[Match] = []
    assert without_common(none) == none


def test_the_stretch_is_judged_on_either_side_of_a_match() -> None:
    judged = without_common([one.exchanged for one in sharing_an_intro(MANY + 2)])
    assert verdicts(judged) == {Verdict.COMMON_SEGMENT}


def test_intros_at_other_times_of_each_content_are_the_same_stretch() -> None:
    def intro(name: str) -> tuple[float, float]:
        start = float(name.rpartition(" ")[2])
        return start, start + 3

    matches = [shared(a, b, (intro(a), intro(b))) for a, b in combinations(names(MANY + 2), 2)]
    assert verdicts(without_common(matches)) == {Verdict.COMMON_SEGMENT}
