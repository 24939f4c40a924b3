"""Comparing one pair of contents.

Belongs here: the order in which signals are asked. Does not: what each says.
"""

import numpy as np

from vidpipe.reuse.comparison.alignment import Alignment, Taken, by_hashes, by_keypoints
from vidpipe.reuse.comparison.gates import refused_by
from vidpipe.reuse.comparison.hashes import matrix
from vidpipe.reuse.comparison.keypoints import keypoint_maps
from vidpipe.reuse.comparison.lines import times_of
from vidpipe.reuse.comparison.odds import Odds, surety
from vidpipe.reuse.comparison.pictures import LEAST_MOVING
from vidpipe.reuse.comparison.verdicts import coverage, guessed_edits, verdict_of
from vidpipe.reuse.footage import Footage
from vidpipe.reuse.matches import Match, Segment, Verdict

MOST_SEGMENTS = 8
LOOP_MOTION = 0.9
"""What a stretch must reach that shows again what another stretch of the pair shows: of a gesture
that is made twice, one is no copy of the other."""
WHOLE_COVERAGE = 0.95
"""Where both videos are covered so far, no further stretch is looked for."""
ENOUGH_COVERAGE = 0.8
"""Keypoints are asked where hashes cover less than this of the shorter video."""
SCENE_LIKENESS = 0.7
STATIC_LIKENESS = 0.9
"""Where nothing moves: wearers of one template are alike up to 0.86."""
SCENE_SCORE = 6.0
SCENE_POINTS = 1.5
"""Points of a picture: where little moves there are few different ones."""
SCENE_CELLS = 8


USUAL_ODDS = Odds()


def compare(a: Footage, b: Footage, odds: Odds = USUAL_ODDS) -> Match | None:
    """What two contents have to do with each other; None if nothing.

    Args:
        a, b: the prints of the two.
        odds: what chance does in the corpus in which a match is looked for.
    """
    if a.is_too_short or b.is_too_short:
        return None
    accepted, refused = stretches(a, b, odds)
    segments = tuple(segment_of(a, b, one) for one in accepted)
    if not segments:
        alike = next((one for one in refused if _is_same_scene(a, b, one)), None)
        if alike is None:
            return None
        is_static = a.is_static or b.is_static or alike.pictures.moving < LEAST_MOVING
        verdict = Verdict.STATIC if is_static else Verdict.SAME_SCENE
        stretch = segment_of(a, b, alike)
        expected = odds.expected(stretch.surety)
        return Match(a.content, b.content, verdict, 0, 0, (stretch,), expected)
    a_coverage = coverage(a, [(one.a_start_s, one.a_end_s) for one in segments])
    b_coverage = coverage(b, [(one.b_start_s, one.b_end_s) for one in segments])
    verdict = verdict_of(a_coverage, b_coverage)
    edits = guessed_edits(a, b, segments)
    expected = min(odds.expected(segment.surety) for segment in segments)
    return Match(a.content, b.content, verdict, a_coverage, b_coverage, segments, expected, edits)


def stretches(
    a: Footage, b: Footage, odds: Odds = USUAL_ODDS
) -> tuple[list[Alignment], list[Alignment]]:
    """Aligned stretches that are copies, the first found first, and those that are not."""
    accepted: list[Alignment] = []
    refused: list[Alignment] = []
    taken: Taken = []
    points = matrix(a, b)
    while len(accepted) < MOST_SEGMENTS:
        found = by_hashes(a, b, points, taken)
        chosen = next(
            (
                one
                for one in found
                if not refused_by(one, odds)
                and (one.pictures.motion >= LOOP_MOTION or not _shows_again(one, accepted))
            ),
            None,
        )
        if chosen is None:
            refused += found
            break
        accepted.append(chosen)
        taken.append((chosen.i, chosen.j))
        if min(_coverages(a, b, accepted)) >= WHOLE_COVERAGE:
            break
        points = points.without(taken)
    if max(_coverages(a, b, accepted)) >= ENOUGH_COVERAGE:
        return accepted, refused
    for candidate in keypoint_maps(a, b):
        one = by_keypoints(a, b, candidate, taken)
        if one is None:
            continue
        if refused_by(one, odds):
            refused.append(one)
            continue
        accepted.append(one)
        taken.append((one.i, one.j))
        if max(_coverages(a, b, accepted)) >= ENOUGH_COVERAGE:
            break
    return accepted, refused


def _shows_again(found: Alignment, accepted: list[Alignment]) -> bool:
    """Whether most of it, in one of the videos, lies in stretches that were accepted before."""
    again_a = np.isin(found.i, [sample for one in accepted for sample in one.i])
    again_b = np.isin(found.j, [sample for one in accepted for sample in one.j])
    return bool(max(again_a.mean(), again_b.mean()) > 0.5)


def segment_of(a: Footage, b: Footage, found: Alignment) -> Segment:
    """The words of an aligned stretch."""
    a_start, a_end = times_of(found.i, a)
    b_start, b_end = times_of(found.j, b)
    a_box, b_box = found.boxes(a, b)
    return Segment(
        a_start_s=a_start,
        a_end_s=a_end,
        b_start_s=b_start,
        b_end_s=b_end,
        speed=found.line.speed,
        is_mirrored=found.to_b.is_mirrored,
        a_box=a_box,
        b_box=b_box,
        signal="hashes" if found.views else "keypoints",
        a_view=found.views.a if found.views else None,
        b_view=found.views.b if found.views else None,
        score=found.score,
        motion=found.pictures.motion,
        likeness=found.pictures.moving_likeness,
        surety=surety(found.pictures, found.line.speed, found.cells),
        samples=found.samples,
        a_coverage=coverage(a, [(a_start, a_end)]),
        b_coverage=coverage(b, [(b_start, b_end)]),
    )


def _coverages(a: Footage, b: Footage, found: list[Alignment]) -> tuple[float, float]:
    """Share of each video that the stretches cover."""
    return (
        coverage(a, [times_of(one.i, a) for one in found]),
        coverage(b, [times_of(one.j, b) for one in found]),
    )


def _is_same_scene(a: Footage, b: Footage, found: Alignment) -> bool:
    worth = float(np.minimum(a.novelty[found.i], b.novelty[found.j]).sum())
    needed = min(SCENE_SCORE, SCENE_POINTS * worth)
    agrees = found.score >= needed or found.cells >= SCENE_CELLS
    pictures = found.pictures
    if pictures.moving < LEAST_MOVING:
        return agrees and pictures.likeness >= STATIC_LIKENESS
    return agrees and pictures.moving_likeness >= SCENE_LIKENESS
