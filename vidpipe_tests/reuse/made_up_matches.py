"""Made-up contents and matches: contents are named by a word, which stands for their digest."""

from collections.abc import Sequence

from vidpipe.reuse.clusters import Copy
from vidpipe.reuse.matches import Match, Segment, Verdict
from vidpipe.reuse.store import ComparedContent, Outcome
from vidpipe_tests.publication.published_rows import digest

VERSION = "algorithm 1"


def stretch(
    a: tuple[float, float],
    b: tuple[float, float],
    *,
    is_mirrored: bool = False,
    is_common: bool = False,
) -> Segment:
    """An aligned stretch of two contents; its pace follows from both."""
    return Segment(
        a_start_s=a[0],
        a_end_s=a[1],
        b_start_s=b[0],
        b_end_s=b[1],
        speed=(b[1] - b[0]) / (a[1] - a[0]),
        is_mirrored=is_mirrored,
        a_box=(0.0, 0.0, 1.0, 1.0),
        b_box=(0.25, 0.0, 1.0, 0.5),
        signal="hashes",
        a_view="full",
        b_view=None,
        score=2.5,
        motion=0.75,
        likeness=0.5,
        surety=20.0,
        samples=40,
        a_coverage=0.5,
        b_coverage=0.25,
        is_common=is_common,
    )


def match(
    a: str,
    b: str,
    verdict: Verdict = Verdict.NEAR_DUPLICATE,
    *segments: Segment,
    coverage: tuple[float, float] = (1.0, 1.0),
    edits: tuple[str, ...] = (),
) -> Match:
    """A match of two named contents; all ten seconds of both, if nothing else is said."""
    aligned = segments or (stretch((0, 10), (0, 10)),)
    return Match(digest(a), digest(b), verdict, *coverage, aligned, 1e-6, edits)


def copy(one: Match) -> Copy:
    """What clusters need of a match."""
    return Copy.of(one)


def compared(*names: str) -> list[ComparedContent]:
    """Contents that were compared."""
    return [ComparedContent(digest(name), Outcome.COMPARED, 40, 10.0, "v2") for name in names]


def all_pairs(names: Sequence[str]) -> list[Match]:
    """Contents that are near duplicates of one another."""
    return [match(a, b) for place, a in enumerate(names) for b in names[:place]]
