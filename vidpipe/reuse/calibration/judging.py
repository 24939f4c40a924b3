"""How a copy was found: the match of copy and source, held against what is true of them.

Belongs here: judging one match. Does not: making copies (vidpipe.reuse.editing), summing up
(vidpipe.reuse.calibration.figures, the project's benchmarks).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from vidpipe.reuse.editing.truth import Truth
from vidpipe.reuse.matches import Match, Segment

Interval = tuple[float, float]


@dataclass(frozen=True)
class Found:
    """How a copy was found; the numbers are None where it was not.

    Attributes:
        name: of the copy's entry.
        verdict: of the match, from copy to source; None for no match at all.
        is_found: whether the verdict says that footage was reused.
        is_right: whether the verdict is one of the true ones.
        copy_iou, source_iou: of the matched stretches with the true one.
        offset_error_s: how far off the source's time is in the middle of the true stretch (s).
        speed_error: relative.
        box_iou: of the copy's box with the true one.
        signal: what found the strongest segment.
    """

    name: str
    verdict: str | None
    is_found: bool
    is_right: bool = False
    copy_iou: float | None = None
    source_iou: float | None = None
    offset_error_s: float | None = None
    speed_error: float | None = None
    is_mirror_right: bool | None = None
    box_iou: float | None = None
    signal: str | None = None


def judged(name: str, truth: Truth, match: Match | None) -> Found:
    """A match of a copy (first) and its source (second) held against the truth."""
    if match is None or not match.verdict.is_copy or not match.segments:
        return Found(name, match.verdict if match else None, False)
    best = max(match.segments, key=lambda one: _overlap((one.a_start_s, one.a_end_s), _copy(truth)))
    middle_s = sum(_copy(truth)) / 2
    true_s = truth.offset_s + truth.speed * middle_s
    return Found(
        name=name,
        verdict=match.verdict,
        is_found=True,
        is_right=match.verdict in truth.verdicts,
        copy_iou=_iou(((one.a_start_s, one.a_end_s) for one in match.segments), _copy(truth)),
        source_iou=_iou(
            ((one.b_start_s, one.b_end_s) for one in match.segments),
            (truth.source_start_s, truth.source_end_s),
        ),
        offset_error_s=abs(best.offset_s + best.speed * middle_s - true_s),
        speed_error=abs(best.speed / truth.speed - 1),
        is_mirror_right=best.is_mirrored == truth.is_mirrored,
        box_iou=_box_iou(best, truth),
        signal=best.signal,
    )


def _copy(truth: Truth) -> Interval:
    return truth.copy_start_s, truth.copy_end_s


def _overlap(one: Interval, other: Interval) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def _iou(intervals: Iterable[Interval], true: Interval) -> float:
    """Of the union of some intervals with one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    both = sum(_overlap(one, true) for one in merged)
    either = sum(end - start for start, end in merged) + true[1] - true[0] - both
    return both / either if either > 0 else 0.0


def _box_iou(segment: Segment, truth: Truth) -> float:
    """Of the boxes in the copy's frame."""
    one, other = segment.a_box, truth.copy_box
    across = _overlap((one[0], one[2]), (other[0], other[2]))
    down = _overlap((one[1], one[3]), (other[1], other[3]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across * down / max(1e-9, areas - across * down)
