"""Keyframes that are clear and of diverse colours: the method that is used by default.

Belongs here: which candidates are clear enough, which of them differs most, what is held meanwhile.
Does not: sharpness and colours themselves (vidpipe.media.frame_scores, vidpipe.media.colours).
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from vidpipe.media.colours import (
    Signature,
    colour_distances,
    colour_signature,
    colour_variance,
)
from vidpipe.media.decode import Plane, TimedFrame, shrunk
from vidpipe.media.frame_scores import light, sharpness
from vidpipe.media.keyframes.chosen import Chosen, Look, repeats, scored
from vidpipe.media.keyframes.segments import Segments

POOL_SHARE = 0.8
"""Candidates with at least this share of the best sharpness of their shot in a segment form its
pool."""

CUT_DIFFERENCE = 14
"""Between two candidates lies a cut where more than half of a small picture changed by more grey
levels than this. Small pictures hardly change with focus, so that a blurred moment stays part of
its shot, and a caption or a thing that moves changes less than half."""

SHORTEST_SHOT_S = 0.3
"""What lasts no longer between two cuts is a flash, a fade or a fast pan, and no shot."""

CANDIDATES_PER_SEGMENT = 12
"""Short segments are looked at more often, so that each has at least so many candidates."""

HELD_FRAMES = 8
HELD_BYTES = 192 * 2**20
"""The most full frames that wait for the end of their segment, by number and by memory."""


@dataclass(frozen=True)
class _Candidate:
    timed: TimedFrame
    luma: Plane
    sharpness: float
    signature: Signature
    score: float


@dataclass
class _Pool:
    """The candidates of one segment that may still be chosen.

    The choice falls on the greatest score among those with `POOL_SHARE` of the best sharpness,
    which is known only at the end of the segment. A candidate that another beats in sharpness
    and score can never win, so only the others are kept: sharpest first, scores rising.
    """

    held: list[_Candidate] = field(default_factory=list)
    best_sharpness: float = -1.0

    def admits(self, sharp: float) -> bool:
        return sharp >= POOL_SHARE * self.best_sharpness

    def add(self, candidate: _Candidate) -> None:
        self.best_sharpness = max(self.best_sharpness, candidate.sharpness)
        if any(
            other.sharpness >= candidate.sharpness and other.score >= candidate.score
            for other in self.held
        ):
            return
        self.held = [
            other
            for other in self.held
            if self.admits(other.sharpness)
            and (other.sharpness > candidate.sharpness or other.score > candidate.score)
        ]
        self.held.append(candidate)
        self.held.sort(key=lambda other: -other.sharpness)
        self._make_room()

    def best(self) -> _Candidate | None:
        """The winner: as scores rise along the list, the last one that is sharp enough."""
        sharp = [candidate for candidate in self.held if self.admits(candidate.sharpness)]
        return sharp[-1] if sharp else None

    def _make_room(self) -> None:
        """Drops the frame that would be missed least: the one nearest in score to a sharper."""
        frame = self.held[0].timed.frame
        size = max(1, sum(plane.buffer_size for plane in frame.planes))
        room = max(2, min(HELD_FRAMES, HELD_BYTES // size))
        while len(self.held) > room:
            losses = [
                after.score - before.score
                for before, after in zip(self.held, self.held[1:], strict=False)
            ]
            del self.held[1 + losses.index(min(losses))]


class ClearAndDiverse:
    """Chooses clear frames with diverse colours: the method of the article this project follows.

    In each segment the pool holds the candidates with at least `POOL_SHARE` of the best sharpness
    of their shot: between shots sharpness tells detailed scenes from plain ones, not clear frames
    from blurred ones, and a foggy street beside a market would never be shown. What is too short
    to be a shot counts to the next one; at the end of a segment, to all of it. A single keyframe
    cannot show several shots: it is one of the clearest of the whole video. The first segment
    gives the pool's frame of greatest colour variance, every later one the frame whose colours
    differ most from the nearest of those already chosen.
    Near-black, flat and damaged frames are considered only where a segment has nothing else;
    a frame that repeats a chosen one is not considered at all.

    Source: Yiwen Lai, "Building a simple video analytics tool using the CLIP model", CSIT.
    """

    def __init__(self, segments: Segments, candidates_per_second: float) -> None:
        self._segments = segments
        rate = candidates_per_second
        if segments.duration_s > 0:
            rate = max(rate, CANDIDATES_PER_SEGMENT * segments.count / segments.duration_s)
        self._rate = rate
        self._cell = -1
        self._segment = 0
        self._chosen: list[Look] = []
        self._leader: _Candidate | None
        self._small: Plane | None
        self._seen_from_s: float | None
        self._open_segment()

    def wants(self, timed: TimedFrame) -> bool:
        """Whether this is the first frame of its 1/rate second, or of its segment."""
        if self._rate == float("inf"):
            return True
        cell = int(timed.time_s * self._rate + 1e-6)
        if cell == self._cell and self._segments.of(timed.time_s) == self._segment:
            return False
        self._cell = cell
        return True

    def offer(self, timed: TimedFrame, luma: Plane) -> list[Chosen]:
        """Judges a candidate; returns the choice of the previous segment when it has ended."""
        segment = self._segments.of(timed.time_s)
        decided = self._close_segment() if segment != self._segment else []
        self._segment = segment
        small = shrunk(luma)
        if self._segments.count > 1 and self._is_cut(small):
            if self._is_shot:
                self._close_shot()
            self._seen_from_s = None
        self._small = small
        self._judge(timed, luma)
        return decided

    def finish(self) -> list[Chosen]:
        """Decides the last segment."""
        return self._close_segment()

    def _open_segment(self) -> None:
        self._clear = _Pool()
        self._rest = _Pool()
        self._leader = None  # of the shots that have ended
        self._best_sharpness = -1.0  # of theirs
        self._small = None
        self._seen_from_s = None  # since the last cut, in clear candidates
        self._seen_to_s = 0.0

    def _is_cut(self, small: Plane) -> bool:
        before = self._small
        return before is not None and bool(
            before.shape != small.shape
            or 2 * np.count_nonzero(cv2.absdiff(before, small) > CUT_DIFFERENCE) > small.size
        )

    @property
    def _is_shot(self) -> bool:
        """Whether what was seen since the last cut is long enough."""
        since = self._seen_from_s
        return since is not None and self._seen_to_s - since > SHORTEST_SHOT_S

    def _judge(self, timed: TimedFrame, luma: Plane) -> None:
        is_poor = timed.is_suspect or light(luma).is_low_information
        if not is_poor:
            self._seen_to_s = timed.time_s
            if self._seen_from_s is None:
                self._seen_from_s = timed.time_s
        pool = self._rest if is_poor else self._clear
        if is_poor and (self._clear.held or self._leader):
            return
        sharp = sharpness(luma)
        if not pool.admits(sharp):
            return
        signature = colour_signature(timed.frame, luma)
        distances = colour_distances(signature, [look.signature for look in self._chosen])
        if repeats(luma, distances, self._chosen):
            return
        score = min(distances) if distances else colour_variance(signature)
        pool.add(_Candidate(timed, luma, sharp, signature, score))
        if not is_poor:
            self._rest = _Pool()

    def _close_shot(self) -> None:
        """Holds the best of a shot until the end of its segment if it leads."""
        best = self._clear.best()
        self._best_sharpness = max(self._best_sharpness, self._clear.best_sharpness)
        self._clear = _Pool()
        if best and (self._leader is None or best.score > self._leader.score):
            self._leader = best

    def _close_segment(self) -> list[Chosen]:
        if not self._is_shot:
            self._clear.best_sharpness = max(self._clear.best_sharpness, self._best_sharpness)
        self._close_shot()
        best = self._leader or self._rest.best()
        self._open_segment()
        if best is None:
            return []
        chosen = scored(self._segment, best.timed, best.luma, best.signature, self._chosen)
        self._chosen.append(Look(best.luma, best.signature))
        return [chosen]
