"""Stretches that stand in many contents that share nothing else: intros, logos, lead-ins.

Belongs here: finding them among matches, and the verdicts that remain. Does not: finding matches.

A picture that is found in many videos is no evidence that two of them share footage; but viral
footage is found in many videos, too. What tells them apart: of viral footage there are videos that
show hardly anything else, of an intro there are none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vidpipe.reuse.comparison.verdicts import verdict_of
from vidpipe.reuse.matches import Match, Verdict

MANY = 10
"""A stretch with more partners than this may be common."""
SAME_STRETCH = 0.5
"""Share of the shorter of two stretches of one content in which they overlap, to be the same."""
MAINLY = 0.6
"""A content covered this far by a stretch is about it."""
RARELY = 0.05
"""Share of a common stretch's contents that may be about it: one posted the intro alone."""


@dataclass(frozen=True)
class _Use:
    """One stretch of a content that another content shows, too."""

    match: int
    segment: int
    partner: str
    start_s: float
    end_s: float
    is_main: bool
    """Whether one of the two contents is about it."""


def without_common(matches: Sequence[Match]) -> list[Match]:
    """The same matches, with common stretches marked and left out of coverage and verdict.

    Args:
        matches: all matches of some contents; marks and verdicts of before are judged anew.
    """
    uses: dict[str, list[_Use]] = {}
    for number, match in enumerate(matches):
        if not _is_judged(match):
            continue
        for place, segment in enumerate(match.segments):
            is_main = max(segment.a_coverage, segment.b_coverage) >= MAINLY
            for content, partner, start_s, end_s in (
                (match.a, match.b, segment.a_start_s, segment.a_end_s),
                (match.b, match.a, segment.b_start_s, segment.b_end_s),
            ):
                use = _Use(number, place, partner, start_s, end_s, is_main)
                uses.setdefault(content, []).append(use)
    common = {
        (use.match, use.segment)
        for own in uses.values()
        if len({use.partner for use in own}) > MANY
        for use in _common(own)
    }
    marked: dict[int, set[int]] = {}
    for number, place in common:
        marked.setdefault(number, set()).add(place)
    return [
        _judged(match, marked.get(number, set())) if _is_judged(match) else match
        for number, match in enumerate(matches)
    ]


def _is_judged(match: Match) -> bool:
    return match.verdict.is_copy or match.verdict is Verdict.COMMON_SEGMENT


def _common(own: Sequence[_Use]) -> Iterable[_Use]:
    """The uses of one content's stretches that are common."""
    for use in own:
        same = [other for other in own if _is_same(use, other)]
        partners = {other.partner for other in same}
        about = {other.partner for other in same if other.is_main}
        if len(partners) > MANY and len(about) <= RARELY * len(partners):
            yield use


def _is_same(one: _Use, other: _Use) -> bool:
    both = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    shorter = min(one.end_s - one.start_s, other.end_s - other.start_s)
    return both >= SAME_STRETCH * max(shorter, 1e-6)


def _judged(match: Match, common: set[int]) -> Match:
    segments = tuple(
        replace(segment, is_common=number in common)
        for number, segment in enumerate(match.segments)
    )
    if all(
        segment.is_common == own.is_common
        for segment, own in zip(segments, match.segments, strict=True)
    ):
        return match
    own = [segment for segment in segments if not segment.is_common]
    a_coverage = min(1.0, sum(segment.a_coverage for segment in own))
    b_coverage = min(1.0, sum(segment.b_coverage for segment in own))
    verdict = verdict_of(a_coverage, b_coverage) if own else Verdict.COMMON_SEGMENT
    return replace(
        match, segments=segments, a_coverage=a_coverage, b_coverage=b_coverage, verdict=verdict
    )
