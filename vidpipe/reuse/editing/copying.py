"""Making an edited copy of a video file, with the truth about it.

Belongs here: walking along the copy's time, applying the steps, the size of what is read.
Does not: what the steps do, drawing amounts (vidpipe.reuse.editing.catalogue).
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from math import ceil
from pathlib import Path

import numpy as np

from vidpipe.media.limits import Limits
from vidpipe.reuse.editing.edit import Edit
from vidpipe.reuse.editing.encoding import ORDINARY_CRF, write_pictures
from vidpipe.reuse.editing.placement import Placement, even
from vidpipe.reuse.editing.playback import Picture, Playback, black, fitted
from vidpipe.reuse.editing.steps import Brush
from vidpipe.reuse.editing.timetable import SOURCE, Part, source_part, timetable
from vidpipe.reuse.editing.truth import OtherStretch, Truth

LONG_SIDE_PX = 480
"""Of copies: enough for every hash and keypoint, and cheap."""
FASTEST_FPS = 30.0
UNKNOWN_FPS = 25.0


def write_copy(
    source: Path,
    copy: Path,
    edit: Edit,
    *,
    others: Sequence[Path] = (),
    limits: Limits | None = None,
    long_side_px: int = LONG_SIDE_PX,
) -> Truth:
    """Writes an edited copy of a video; the same arguments give the same bytes on one machine.

    Args:
        source: the video that is copied.
        copy: the MP4 to write; replaced if it exists, untouched if anything fails.
        edit: what is done.
        others: other footage, at least `edit.other_footage` files.
        limits: what reading each file may cost.
        long_side_px: the most pixels of the copy's longer side.

    Returns:
        What is true of source and copy.

    Raises:
        UploadRejected: a file is no video, hostile, or over a limit.
        DecodeError: not one frame of a file could be decoded.
        ItemUnavailable: a file cannot be read just now.
        ValueError: there is too little other footage.
    """
    if len(others) < edit.other_footage:
        raise ValueError(
            f"{', '.join(edit.names)} needs {edit.other_footage} other files, not {len(others)}"
        )
    with ExitStack() as stack:
        limits = limits or Limits()
        playbacks = [stack.enter_context(Playback(path, limits)) for path in (source, *others)]
        beside = [stack.enter_context(Playback(path, limits)) for path in others]
        plan = _Plan(edit, playbacks, beside, long_side_px)
        written = write_pictures(
            copy, plan.pictures(), plan.placement.size, fps=plan.fps, crf=edit.crf or ORDINARY_CRF
        )
        return plan.truth(written)


class _Plan:
    """One copy: when it shows what, how large, and who edits its pictures."""

    def __init__(
        self,
        edit: Edit,
        playbacks: Sequence[Playback],
        beside: Sequence[Playback],
        long_side_px: int,
    ) -> None:
        self._edit, self._playbacks, self._beside = edit, playbacks, beside
        self._duration_s = playbacks[SOURCE].duration_s
        self._parts = timetable(edit.time, self._duration_s)
        self.fps = edit.fps or _calm(playbacks[SOURCE].fps)
        self._size_read = self._fitting(long_side_px)
        self._lay_out()

    def pictures(self) -> Iterator[tuple[float, Picture]]:
        """The copy's times and pictures."""
        count = max(1, round(self._parts[-1].end_s * self.fps))
        rng = np.random.default_rng(self._edit.seed)
        jitter_s = rng.uniform(-self._edit.jitter, self._edit.jitter, count) / self.fps
        parts = iter(self._parts)
        part = next(parts)
        for number in range(count):
            time_s = number / self.fps
            while time_s >= part.end_s and part is not self._parts[-1]:
                part = next(parts)
            yield time_s, self._picture(part, time_s, float(jitter_s[number]))

    def truth(self, pictures: int) -> Truth:
        """What is true of the copy that was written."""
        part = source_part(self._parts)
        around = [one for one in self._parts if one.footage not in {SOURCE, None}]
        end_s = self._parts[-1].end_s
        window_files = max((step.other_footage for step in self._edit.picture), default=0)
        return Truth(
            edits=self._edit.names,
            source_duration_s=self._duration_s,
            copy_duration_s=pictures / self.fps,
            copy_black_s=sum(one.end_s - one.start_s for one in self._parts if one.footage is None),
            source_start_s=part.footage_start_s,
            source_end_s=part.footage_s(part.end_s),
            copy_start_s=part.start_s,
            copy_end_s=part.end_s,
            speed=part.speed,
            is_mirrored=self.placement.is_mirrored,
            source_box=self.placement.source_box,
            copy_box=self.placement.copy_box,
            width_px=self.placement.width_px,
            height_px=self.placement.height_px,
            fps=self.fps,
            others=tuple(
                OtherStretch((one.footage or 1) - 1, one.start_s, one.end_s) for one in around
            )
            + tuple(OtherStretch(number, 0.0, end_s) for number in range(window_files)),
        )

    def _picture(self, part: Part, time_s: float, jitter_s: float) -> Picture:
        if part.footage is None:
            return black(self.placement.size)
        footage_s = max(0.0, part.footage_s(time_s) + jitter_s * part.speed)
        playback = self._playbacks[part.footage]
        if part.footage == SOURCE:
            last_s = min(self._duration_s, part.footage_s(part.end_s))
            picture = playback.at(min(footage_s, last_s), self._size_read).copy()
            for brush in self._own:
                picture = brush(picture, time_s)
        else:
            picture = playback.covering(footage_s, self._shared_size).copy()
        for brush in self._shared:
            picture = brush(picture, time_s)
        return fitted(picture, self.placement.size)

    def _lay_out(self) -> None:
        """Asks the steps in their order, the source's own ones first."""
        self._own: list[Brush] = []
        self._shared: list[Brush] = []
        placement = Placement.whole(*self._size_read)
        self._shared_size = placement.size
        for step in self._edit.picture_in_order:
            placement, brush = step.planned(placement, self._beside)
            if step.is_for_all:
                self._shared.append(brush)
            else:
                self._own.append(brush)
                self._shared_size = placement.size
        self.placement = placement.scaled(*_allowed(placement.size, self._edit.shorter_side_px))

    def _fitting(self, long_side_px: int) -> tuple[int, int]:
        """The size in which the source is read, so that the copy's long side is as wanted.

        A source is never enlarged.
        """
        width, height = self._playbacks[SOURCE].upright_size
        scale = min(1.0, long_side_px / max(width, height))
        for _ in range(2):
            self._size_read = even(width * scale), even(height * scale)
            self._lay_out()
            scale = min(1.0, scale * long_side_px / max(self.placement.size))
        return even(width * scale), even(height * scale)


def _allowed(size: tuple[int, int], shorter_side_px: int | None) -> tuple[int, int]:
    scale = min(1.0, shorter_side_px / min(size)) if shorter_side_px else 1.0
    return even(size[0] * scale), even(size[1] * scale)


def _calm(fps: float | None) -> float:
    """The rate of a copy: the source's, halved (or less) until it is at most `FASTEST_FPS`."""
    if not fps or not 1 <= fps <= 240:
        return UNKNOWN_FPS
    return fps / ceil(fps / FASTEST_FPS - 0.01)
