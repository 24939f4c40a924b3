"""What copiers do to footage before they post it again, and how that changes the truth.

Belongs here: each edit's effect on pictures, on time, and on what is known about the video.
Does not: choosing edits (vidpipe.demo.story), making or encoding frames (vidpipe.demo.video).

Whatever the order in which edits are named, they happen in that of `PICTURE_EDITS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from vidpipe.demo.captions import draw_caption
from vidpipe.demo.layers import Layer
from vidpipe.demo.plan import Edit, EditKind, PlannedVideo, Stretch
from vidpipe.demo.sketch import WHITE, Picture, Sketch

PICTURE_EDITS: tuple[EditKind, ...] = (
    "mirrored",
    "cropped",
    "grey",
    "letterboxed",
    "logo",
    "caption_overlay",
    "resized",
)
SPOILS_TEXT = frozenset({"mirrored", "cropped"})
LOGO_COLOUR = (214, 30, 60)
LOGO_MARGIN = 0.04  # share of the frame's shorter side between logo and edges

EditPicture = Callable[[Picture], Picture]
S = TypeVar("S", bound=Stretch)


@dataclass(frozen=True)
class Cut:
    """What a copy keeps of the original's time, and how fast it plays it."""

    start_s: float
    end_s: float
    speed: float

    def moved(self, time_s: float) -> float:
        """When the copy shows what the original shows at a time; its start or end when cut off."""
        return (min(max(time_s, self.start_s), self.end_s) - self.start_s) / self.speed

    def source_s(self, time_s: float) -> float:
        """Which moment of the original the copy shows at a time."""
        return self.start_s + time_s * self.speed


def cut_of(original: PlannedVideo, edits: Sequence[Edit]) -> Cut:
    """The effect of `trimmed` and `sped_up` on time; cuts lie on the original's frames."""
    amounts = {edit.kind: edit.amount for edit in edits}
    trimmed_s = round(amounts.get("trimmed", 0) * original.duration_s * original.fps) / original.fps
    return Cut(trimmed_s, original.duration_s - trimmed_s, amounts.get("sped_up", 1.0))


def edited(original: PlannedVideo, edits: Sequence[Edit]) -> PlannedVideo:
    """The truth about the footage after the edits: size, length, times, legibility of captions.

    Who posts it, and the text of a `caption_overlay`, are the caller's to add.
    """
    cut = cut_of(original, edits)
    size = original.size
    for edit in _in_order(edits):
        size = size_after(size, edit)
    spoils = any(edit.kind in SPOILS_TEXT for edit in edits)
    shots = [
        replace(
            shot,
            blur=_moved(shot.blur, cut) if shot.blur else None,
            static=_moved(shot.static, cut) if shot.static else None,
        )
        for one in original.shots
        if (shot := _moved(one, cut))
    ]
    captions = [
        replace(caption, is_whole=caption.is_whole and not spoils)
        for one in original.captions
        if (caption := _moved(one, cut))
    ]
    return replace(
        original,
        size=size,
        duration_s=cut.moved(original.duration_s),
        shots=tuple(shots),
        captions=tuple(captions),
        edits=tuple(edits),
        copy_of=original.video_id,
    )


def size_after(size: tuple[int, int], edit: Edit) -> tuple[int, int]:
    """(width_px, height_px) of frames after an edit; even, as H.264 wants it."""
    width, height = size
    if edit.kind == "cropped":
        return width - 2 * _margin(width, edit), height - 2 * _margin(height, edit)
    if edit.kind == "letterboxed":
        longer = _even(min(size) * edit.amount)
        return (width, longer) if width >= height else (longer, height)
    if edit.kind == "resized":
        return _even(width * edit.amount), _even(height * edit.amount)
    return size


def picture_edits(original: PlannedVideo, copy: PlannedVideo) -> EditPicture:
    """A function from the original's frames, which it may draw on, to the copy's: uint8 RGB."""
    steps: list[EditPicture] = []
    size = original.size
    for edit in _in_order(copy.edits):
        size = size_after(size, edit)
        steps.append(_step(edit, size, copy))

    def edit_picture(picture: Picture) -> Picture:
        for step in steps:
            picture = step(picture)
        return picture

    return edit_picture


def _in_order(edits: Sequence[Edit]) -> list[Edit]:
    known = [edit for edit in edits if edit.kind in PICTURE_EDITS]
    return sorted(known, key=lambda edit: PICTURE_EDITS.index(edit.kind))


def _step(edit: Edit, size: tuple[int, int], copy: PlannedVideo) -> EditPicture:
    """Edits a picture in one way; it has `size` afterwards."""
    if edit.kind == "cropped":
        return lambda picture: _centre(picture, size)
    if edit.kind == "letterboxed":
        return lambda picture: _barred(picture, size)
    if edit.kind == "resized":
        return lambda picture: _resized(picture, size)
    if edit.kind == "logo":
        logo, left, top = _draw_logo(edit, size, is_left=copy.seed % 2 == 0)
        return lambda picture: _covered(picture, logo, left, top)
    if edit.kind == "caption_overlay":
        [caption] = [one for one in copy.captions if one.is_added]
        placed = draw_caption(caption, size)
        return lambda picture: _covered(picture, placed.layer, placed.left, placed.top)
    return _mirrored if edit.kind == "mirrored" else _grey


def _mirrored(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[:, ::-1])


def _grey(picture: Picture) -> Picture:
    import cv2

    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def _centre(picture: Picture, size: tuple[int, int]) -> Picture:
    left, top = (picture.shape[1] - size[0]) // 2, (picture.shape[0] - size[1]) // 2
    return np.ascontiguousarray(picture[top : top + size[1], left : left + size[0]])


def _barred(picture: Picture, size: tuple[int, int]) -> Picture:
    barred = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - picture.shape[1]) // 2, (size[1] - picture.shape[0]) // 2
    barred[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return barred


def _resized(picture: Picture, size: tuple[int, int]) -> Picture:
    import cv2

    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _covered(picture: Picture, layer: Layer, left: int, top: int) -> Picture:
    layer.over(picture, left, top)
    return picture


def _draw_logo(edit: Edit, size: tuple[int, int], *, is_left: bool) -> tuple[Layer, int, int]:
    """Draws a disc with a triangle in an upper corner: the layer, its left and its top."""
    side_px, margin_px = round(edit.amount * min(size)), round(LOGO_MARGIN * min(size))
    sketch = Sketch.blank(side_px, side_px, side_px / 2, (side_px / 2, side_px / 2))
    sketch.circle((0, 0), 0.97, LOGO_COLOUR)
    sketch.polygon([(-0.35, -0.5), (0.6, 0), (-0.35, 0.5)], WHITE)
    return (
        Layer.of(sketch.pixels),
        margin_px if is_left else size[0] - margin_px - side_px,
        margin_px,
    )


def _moved(stretch: S, cut: Cut) -> S | None:
    """The stretch in the copy's time; None when it was cut off."""
    start_s, end_s = cut.moved(stretch.start_s), cut.moved(stretch.end_s)
    return replace(stretch, start_s=start_s, end_s=end_s) if end_s > start_s else None


def _margin(side_px: int, edit: Edit) -> int:
    return round(side_px * edit.amount)


def _even(side_px: float) -> int:
    return 2 * round(side_px / 2)
