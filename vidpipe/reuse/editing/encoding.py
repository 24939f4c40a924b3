"""Pictures as an H.264 file, cheaply and the same bytes every time.

Belongs here: the encoder's settings, and that there is either a whole file or none.
Does not: making pictures.
"""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2

from vidpipe.reuse.editing.playback import Picture

CLOCK_HZ = 90_000
GROUP_OF_PICTURES = 60
ORDINARY_CRF = 26.0
"""The rate factor of an ordinary upload at small size."""


def write_pictures(
    path: Path,
    timed: Iterable[tuple[float, Picture]],
    size: tuple[int, int],
    *,
    fps: float,
    crf: float = ORDINARY_CRF,
) -> int:
    """Encodes pictures; the same pictures give the same bytes on one machine.

    Args:
        path: the MP4 to write; replaced if it exists.
        timed: times (s, increasing) and BGR pictures of the given size.
        size: (width_px, height_px), even.
        fps: nominal rate, which guides the encoder.
        crf: x264's rate factor, larger for worse pictures.

    Returns:
        How many pictures were written.

    Raises:
        OSError: the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        written = _encode(unfinished, timed, size, fps, crf)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _encode(
    path: Path,
    timed: Iterable[tuple[float, Picture]],
    size: tuple[int, int],
    fps: float,
    crf: float,
) -> int:
    written = 0
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, CLOCK_HZ)
        # x264's macroblock tree, in assembly and with B-frames, decides differently now and then,
        # and the number of threads changes its decisions as well.
        stream.options = {
            "preset": "superfast",
            "crf": f"{crf:g}",
            "g": str(GROUP_OF_PICTURES),
            "x264-params": "mbtree=0:bframes=0",
        }
        stream.codec_context.thread_count = 1
        for time_s, picture in timed:
            planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")  # type: ignore[arg-type]
            frame.pts, frame.time_base = round(time_s * CLOCK_HZ), Fraction(1, CLOCK_HZ)
            container.mux(stream.encode(frame))
            written += 1
        container.mux(stream.encode(None))
    return written
