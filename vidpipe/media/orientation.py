"""How the pictures of a video are turned to stand upright.

Belongs here: reading the display matrix of a frame.
Does not: turning pixels (vidpipe.media.decode).
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from av.video.frame import VideoFrame


@dataclass(frozen=True)
class Orientation:
    """How stored pixels are turned to stand upright: transpose first, then the flips."""

    transpose: bool = False
    flip_horizontally: bool = False
    flip_vertically: bool = False

    @property
    def rotation_deg(self) -> int:
        """The clockwise rotation (0, 90, 180 or 270), mirroring apart."""
        if self.transpose:
            return 90 if self.flip_horizontally else 270
        return 180 if self.flip_vertically and self.flip_horizontally else 0


UPRIGHT = Orientation()


def orientation_of(frame: VideoFrame) -> Orientation:
    """The orientation that the display matrix of a frame asks for.

    Source: the rules of FFmpeg's own `-autorotate` (fftools/ffmpeg_filter.c).
    """
    side_data = cast(Any, frame.side_data)  # a mapping whose iteration is broken in PyAV 18
    parts = [side_data[number] for number in range(len(side_data))]
    matrices = [
        np.frombuffer(bytes(part), dtype=np.int32)
        for part in parts
        if part.type.name == "DISPLAYMATRIX"
    ]
    if not matrices or matrices[0].size != 9:
        return UPRIGHT
    matrix = matrices[0]
    turn = round(-frame.rotation / 90) % 4
    if turn == 1:
        return Orientation(transpose=True, flip_horizontally=bool(matrix[3] <= 0))
    if turn == 3:
        return Orientation(
            transpose=True, flip_horizontally=bool(matrix[3] < 0), flip_vertically=True
        )
    if turn == 2:
        return Orientation(
            flip_horizontally=bool(matrix[0] < 0), flip_vertically=bool(matrix[4] < 0)
        )
    return Orientation(flip_vertically=bool(matrix[4] < 0))
