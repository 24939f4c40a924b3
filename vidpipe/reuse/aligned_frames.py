"""Frames of two videos at the moments that were aligned, with the parts that both show outlined.

Belongs here: choosing the moments, reading frames out of files or of footage prints.
Does not: drawing the sheet (vidpipe.media.contact_sheet), keyframes (vidpipe.reuse.shown_pairs).
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt

from vidpipe.errors import ItemError, UnknownName
from vidpipe.media.limits import Limits
from vidpipe.reuse.comparison.lines import nearest_samples
from vidpipe.reuse.editing.playback import Playback
from vidpipe.reuse.footage import Floats, Footage, FrameBox
from vidpipe.reuse.matches import Segment
from vidpipe.reuse.outside import digest_of_file
from vidpipe.settings import Settings
from vidpipe.uploads.opening import local_copy

MOMENTS = 6
LONG_SIDE_PX = 280
OUTLINE = (0, 220, 255)
"""BGR."""
QUALITY = 88

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """One of the two videos.

    Attributes:
        letter: how captions call it.
        footage: its print.
        path: the file, where it is one from outside.
        upload_id: an upload of the content that may still be there, where it is an indexed one.
    """

    letter: str
    footage: Footage
    path: Path | None = None
    upload_id: str | None = None


def side_by_side(
    settings: Settings, a: Source, b: Source, segment: Segment | None
) -> list[tuple[bytes, str]]:
    """Pictures with captions, two for each moment: of the first video, then of the second.

    Where a file is gone or holds other bytes by now, the small grey pictures of the print stand for
    its frames.

    Args:
        settings: where uploads are, and what reading one may cost.
        a, b: the two.
        segment: the stretch that is shown; without one, moments that nothing aligns are.
    """
    shares = (np.arange(MOMENTS) + 0.5) / MOMENTS
    if segment is None:
        times = (shares * a.footage.end_s, shares * b.footage.end_s)
        boxes: tuple[FrameBox | None, FrameBox | None] = (None, None)
    else:
        length_s = segment.a_end_s - segment.a_start_s
        times = (
            segment.a_start_s + shares * length_s,
            segment.b_start_s + shares * length_s * segment.speed,
        )
        boxes = (segment.a_box, segment.b_box)
    columns = [
        [
            (jpeg, f"{source.letter} {time_s:.1f} s")
            for jpeg, time_s in zip(_frames(settings, source, own, box), own, strict=True)
        ]
        for source, own, box in zip((a, b), times, boxes, strict=True)
    ]
    return [tile for pair in zip(*columns, strict=True) for tile in pair]


def _frames(settings: Settings, source: Source, times: Floats, box: FrameBox | None) -> list[bytes]:
    try:
        with _opened(settings, source) as path:
            if path is not None and digest_of_file(Path(path)) == source.footage.content:
                return _frames_of_file(Path(path), Limits.from_settings(settings), times, box)
    except (ItemError, UnknownName):
        pass  # it is gone, or cannot be read: the print has pictures, too
    numbers = nearest_samples(source.footage.times_s, times)
    return [_grey(source.footage, int(number)) for number in numbers]


def _opened(settings: Settings, source: Source) -> AbstractContextManager[str | None]:
    """A path to the bytes while they are read; None where no upload of them is known."""
    if source.path is not None:
        return nullcontext(str(source.path))
    if source.upload_id is None or settings.uploads_url is None:
        return nullcontext(None)
    return local_copy(settings.uploads_url, source.upload_id, max_bytes=settings.max_upload_bytes)


def _frames_of_file(path: Path, limits: Limits, times: Floats, box: FrameBox | None) -> list[bytes]:
    with Playback(path, limits) as playback:
        width, height = playback.upright_size
        scale = LONG_SIDE_PX / max(width, height)
        size = max(2, round(width * scale)), max(2, round(height * scale))
        return [_jpeg(_outlined(playback.at(float(time_s), size), box)) for time_s in times]


def _outlined(picture: Picture, box: FrameBox | None) -> Picture:
    if box is None:
        return picture
    height, width = picture.shape[:2]
    left, right = (round(min(max(share, 0.0), 1.0) * (width - 1)) for share in (box[0], box[2]))
    top, bottom = (round(min(max(share, 0.0), 1.0) * (height - 1)) for share in (box[1], box[3]))
    drawn: Any = cv2.rectangle(picture.copy(), (left, top), (right, bottom), OUTLINE, 2)
    return cast(Picture, drawn)


def _grey(footage: Footage, number: int) -> bytes:
    """A sample's small picture in the shape of the part of the frame that it shows."""
    left, top, right, bottom = footage.views["full"].box
    aspect = footage.aspect * (right - left) / max(bottom - top, 1e-3)
    size = (
        max(2, round(LONG_SIDE_PX * min(1.0, aspect))),
        max(2, round(LONG_SIDE_PX * min(1.0, 1 / max(aspect, 1e-3)))),
    )
    picture = cv2.resize(footage.thumbnails[number], size, interpolation=cv2.INTER_CUBIC)
    return _jpeg(cast(Picture, picture))


def _jpeg(picture: Picture) -> bytes:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data.tobytes()
