"""Which moment of which footage a copy shows when.

Belongs here: cuts, pace, what stands before and after, and that nothing falls on the grid of
samples.
Does not: pictures. `vidpipe.reuse.editing.catalogue` draws the amounts.

Footage is numbered: 0 is the source, 1 and more are other files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

GRID_S = 0.25
"""Footage prints sample four times a second: edits on whole samples would be found too easily."""
OFF_GRID_S = 0.02
"""Nothing lies nearer than this to a whole sample."""
STEP_OFF_S = 0.047
SHORTEST_S = 0.2
"""No cut leaves less of a source."""
SOURCE = 0


@dataclass(frozen=True)
class Part:
    """A stretch of the copy: `footage` from `footage_start_s` on at `speed`; black for None."""

    start_s: float
    end_s: float
    footage: int | None
    footage_start_s: float = 0.0
    speed: float = 1.0

    def footage_s(self, time_s: float) -> float:
        """The moment of the footage that is shown at a moment of the copy."""
        return self.footage_start_s + (time_s - self.start_s) * self.speed

    def later(self, seconds: float) -> "Part":
        """The same part at another time of the copy."""
        return replace(self, start_s=self.start_s + seconds, end_s=self.end_s + seconds)


@dataclass(frozen=True)
class Trimmed:
    """Only a stretch is kept: its start and length as shares of the duration."""

    start_share: float
    kept_share: float

    def applied(self, parts: Sequence[Part], duration_s: float) -> list[Part]:
        """The parts after the edit; `duration_s` is the source's."""
        kept_s = max(SHORTEST_S, self.kept_share * duration_s)
        start_s = min(self.start_share * duration_s, max(0.0, duration_s - kept_s))
        return _cut(parts, start_s, min(kept_s, duration_s - start_s))


@dataclass(frozen=True)
class Clipped:
    """A stretch of fixed length is kept, or all of a shorter source; `start_share` of the rest."""

    start_share: float
    length_s: float

    def applied(self, parts: Sequence[Part], duration_s: float) -> list[Part]:
        """The parts after the edit; `duration_s` is the source's."""
        length_s = min(self.length_s, duration_s)
        return _cut(parts, self.start_share * (duration_s - length_s), length_s)


@dataclass(frozen=True)
class Beheaded:
    """A moment is missing at the beginning, so that samples of source and copy do not coincide."""

    missing_s: float

    def applied(self, parts: Sequence[Part], duration_s: float) -> list[Part]:
        """The parts after the edit; `duration_s` is the source's."""
        missing_s = min(self.missing_s, duration_s / 4)
        return _cut(parts, missing_s, duration_s - missing_s)


@dataclass(frozen=True)
class Paced:
    """The footage is played faster (above 1) or slower."""

    speed: float

    def applied(self, parts: Sequence[Part], duration_s: float) -> list[Part]:
        """The parts after the edit; `duration_s` is the source's."""
        del duration_s
        return [
            replace(
                part,
                start_s=part.start_s / self.speed,
                end_s=part.end_s / self.speed,
                speed=part.speed * self.speed,
            )
            for part in parts
        ]


@dataclass(frozen=True)
class LeadIn:
    """Black stands before everything."""

    black_s: float

    def applied(self, parts: Sequence[Part], duration_s: float) -> list[Part]:
        """The parts after the edit; `duration_s` is the source's."""
        del duration_s
        return [Part(0.0, self.black_s, None), *(part.later(self.black_s) for part in parts)]


@dataclass(frozen=True)
class Surrounded:
    """Other footage stands before and after: each piece is (footage, its start, its length)."""

    before: tuple[tuple[int, float, float], ...]
    after: tuple[tuple[int, float, float], ...] = ()

    def applied(self, parts: Sequence[Part], duration_s: float) -> list[Part]:
        """The parts after the edit; `duration_s` is the source's."""
        del duration_s
        made: list[Part] = []
        clock = 0.0
        for footage, start_s, length_s in self.before:
            made.append(Part(clock, clock + length_s, footage, start_s))
            clock += length_s
        made += [part.later(clock) for part in parts]
        clock = made[-1].end_s
        for footage, start_s, length_s in self.after:
            made.append(Part(clock, clock + length_s, footage, start_s))
            clock += length_s
        return made


TimeStep = Trimmed | Clipped | Beheaded | Paced | LeadIn | Surrounded
"""Steps in the order in which they are applied."""


def timetable(steps: Sequence[TimeStep], duration_s: float) -> tuple[Part, ...]:
    """The parts of a copy one after another; exactly one of them shows the source.

    Args:
        steps: what is done, in this order.
        duration_s: length of the source.

    Returns:
        Parts whose cuts and offsets do not lie on the grid of samples.
    """
    parts = [Part(0.0, duration_s, SOURCE)]
    for step in steps:
        parts = step.applied(parts, duration_s)
    return tuple(_off_grid(parts, duration_s))


def is_on_grid(seconds: float) -> bool:
    """Whether a time lies within `OFF_GRID_S` of a whole sample."""
    return abs(seconds / GRID_S - round(seconds / GRID_S)) * GRID_S < OFF_GRID_S


def source_part(parts: Sequence[Part]) -> Part:
    """The part that shows the source."""
    return next(part for part in parts if part.footage == SOURCE)


def _cut(parts: Sequence[Part], start_s: float, length_s: float) -> list[Part]:
    [only] = parts
    return [replace(only, end_s=only.start_s + length_s, footage_start_s=start_s)]


def _off_grid(parts: list[Part], duration_s: float) -> list[Part]:
    """Moves what stands before the source, and the source's cut, until neither is on the grid."""
    number = next(index for index, part in enumerate(parts) if part.footage == SOURCE)
    if number and is_on_grid(parts[number].start_s):
        last = parts[number - 1]
        parts = [
            *parts[: number - 1],
            replace(last, end_s=last.end_s + STEP_OFF_S),
            *(part.later(STEP_OFF_S) for part in parts[number:]),
        ]
    part = parts[number]
    for steps in range(1, 8):
        start_s = part.footage_start_s
        offset_s = part.start_s - start_s / part.speed
        if not is_on_grid(offset_s) and (start_s == 0 or not is_on_grid(start_s)):
            break
        moved_s = parts[number].footage_start_s + STEP_OFF_S * steps
        if moved_s + (part.end_s - part.start_s) * part.speed > duration_s:
            # There is no room behind: the part begins later and is that much shorter.
            shorter_s = (moved_s - start_s) / part.speed
            part = replace(part, end_s=part.end_s - shorter_s)
        part = replace(part, footage_start_s=moved_s)
    shift_s = part.end_s - parts[number].end_s
    return [*parts[:number], part, *(one.later(shift_s) for one in parts[number + 1 :])]
