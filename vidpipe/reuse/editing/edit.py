"""An edit: everything that is done to footage at once, with its amounts drawn.

Belongs here: the edit, and joining several. Does not: names and chances
(vidpipe.reuse.editing.catalogue), doing it (vidpipe.reuse.editing.copying).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vidpipe.reuse.editing.steps import PictureStep
from vidpipe.reuse.editing.timetable import (
    Beheaded,
    Clipped,
    LeadIn,
    Paced,
    Surrounded,
    TimeStep,
    Trimmed,
)

_TIME_ORDER = (Beheaded, Trimmed, Clipped, Paced, Surrounded, LeadIn)


@dataclass(frozen=True)
class Edit:
    """What is done to footage.

    Attributes:
        names: of the catalogue, one or more.
        time: what is kept and what stands around it.
        picture: what is done to each picture.
        crf: x264's rate factor; None for that of ordinary uploads.
        fps: pictures in a second; None for those of the source, halved until they are at most 30.
        shorter_side_px: of the copy's frame; None for as large as the editor's bound allows.
        jitter: how far each picture is from its moment, as a share of a frame's duration.
        seed: of the jitter.
    """

    names: tuple[str, ...]
    time: tuple[TimeStep, ...] = ()
    picture: tuple[PictureStep, ...] = ()
    crf: float | None = None
    fps: float | None = None
    shorter_side_px: int | None = None
    jitter: float = 0.0
    seed: int = 0

    @property
    def other_footage(self) -> int:
        """How many other files the edit shows."""
        beside = max((step.other_footage for step in self.picture), default=0)
        around = [
            footage
            for step in self.time
            if isinstance(step, Surrounded)
            for footage, _, _ in (*step.before, *step.after)
        ]
        return max([beside, *around])

    @property
    def picture_in_order(self) -> tuple[PictureStep, ...]:
        """The picture steps as they are applied."""
        return tuple(sorted(self.picture, key=lambda step: step.order))


def joined(edits: Sequence[Edit]) -> Edit:
    """Several edits at once; the strongest compression and the lowest rate count.

    Only one of them may cut: of several cuts the first that is not a mere moment counts.
    """
    steps = [step for edit in edits for step in edit.time]
    cuts = [step for step in steps if isinstance(step, Beheaded | Trimmed | Clipped)]
    cuts.sort(key=lambda step: isinstance(step, Beheaded))
    kept = [*cuts[:1], *(step for step in steps if step not in cuts)]
    kept.sort(key=lambda step: _TIME_ORDER.index(type(step)))
    return Edit(
        names=tuple(name for edit in edits for name in edit.names),
        time=tuple(kept),
        picture=tuple(step for edit in edits for step in edit.picture),
        crf=max((edit.crf for edit in edits if edit.crf), default=None),
        fps=min((edit.fps for edit in edits if edit.fps), default=None),
        shorter_side_px=min(
            (edit.shorter_side_px for edit in edits if edit.shorter_side_px), default=None
        ),
        jitter=max(edit.jitter for edit in edits),
        seed=edits[0].seed,
    )
