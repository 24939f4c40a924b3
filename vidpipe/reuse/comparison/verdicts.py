"""From aligned stretches to a verdict: coverage, and what was done to the footage.

Belongs here: rules on stretches that were accepted. Does not: accepting them
(vidpipe.reuse.comparison.gates).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from vidpipe.reuse.comparison.geometry import area
from vidpipe.reuse.footage import Footage
from vidpipe.reuse.matches import Segment, Verdict

COVERED = 0.8
"""Share of its effective duration from which on a video is covered."""
NEARLY_WHOLE = 0.88
"""Share of the frame from which on it is shown whole: fitted boxes are a little off."""
SLOWEST, FASTEST = 1 / 1.06, 1.06
"""Speeds in between are the usual pace."""
A_MOMENT_S = 0.6


def coverage(footage: Footage, stretches: Iterable[tuple[float, float]]) -> float:
    """Share of a video's effective duration that lies in stretches (s): 0 to 1.

    Dark and flat samples count neither way.
    """
    is_inside = np.zeros(len(footage), bool)
    for start_s, end_s in stretches:
        is_inside |= (footage.times_s >= start_s - 1e-6) & (footage.times_s < end_s - 1e-6)
    total = footage.shown_s.sum()
    return float(footage.shown_s[is_inside].sum() / total) if total else 0.0


def verdict_of(a_coverage: float, b_coverage: float) -> Verdict:
    """The verdict of a pair that shares footage."""
    if a_coverage >= COVERED and b_coverage >= COVERED:
        return Verdict.NEAR_DUPLICATE
    if a_coverage >= COVERED:
        return Verdict.CLIP_OF
    return Verdict.CONTAINS if b_coverage >= COVERED else Verdict.SHARES_FOOTAGE


def guessed_edits(a: Footage, b: Footage, segments: Sequence[Segment]) -> tuple[str, ...]:
    """What was done to the footage between two videos, in words of `Match.edits`."""
    first = segments[0]
    edits = []
    if first.is_mirrored:
        edits.append("mirrored")
    a_share, b_share = (
        area(box) / max(area(footage.views["full"].box), 1e-9)
        for footage, box in ((a, first.a_box), (b, first.b_box))
    )
    if min(a_share, b_share) < NEARLY_WHOLE:
        is_all_of_one = max(a_share, b_share) >= NEARLY_WHOLE
        edits.append("cropped" if is_all_of_one else "laid out")
    if first.speed > FASTEST:
        edits.append("slower")
    if first.speed < SLOWEST:
        edits.append("faster")
    starts_apart = min(first.a_start_s, first.b_start_s) > A_MOMENT_S
    ends_apart = min(a.end_s - first.a_end_s, b.end_s - first.b_end_s) > A_MOMENT_S
    if starts_apart or ends_apart:
        edits.append("joined")
    if max(first.a_start_s, first.b_start_s, a.end_s - first.a_end_s, b.end_s - first.b_end_s) > (
        A_MOMENT_S
    ):
        edits.append("trimmed")
    return tuple(edits)
