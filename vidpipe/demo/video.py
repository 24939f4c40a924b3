"""A planned video as frames, and as H.264 in MP4.

Belongs here: what is in the picture at a moment, presentation times, encoding.
Does not: drawing a scene (vidpipe.demo.scene), what a world consists of (vidpipe.demo.story).

A copy is not decoded from the original's file: the original's frames are drawn again and edited.
"""

import signal
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.demo.captions import PlacedCaption, draw_caption
from vidpipe.demo.edits import cut_of, picture_edits
from vidpipe.demo.plan import PlannedCaption, PlannedShot, PlannedVideo
from vidpipe.demo.scene import Scene
from vidpipe.demo.sketch import Picture
from vidpipe.pipeline.spawning import INTERRUPTS

# Frames between two keyframes of the encoder: every shot can be sought to.
GROUP_OF_PICTURES = 48
RATE_FACTOR = 23.0
CLOCK_HZ = 90_000  # time base of variable rates
DROP_SHARES = (0.0, 0.2, 0.5)  # shares of the frames that are dropped, in turns of `DROP_TURN_S`
DROP_TURN_S = 1.5
JITTER = 0.3  # shift either way, as a share of a frame's duration
BLUR_SHRINK = 4  # a strong blur is made on a smaller picture: five times as fast
BLUR_SIGMA = 0.004  # share of the frame's shorter side, on the smaller picture
A_MOMENT_S = 1e-6  # floats of one moment differ by less


def presentation_times(video: PlannedVideo) -> NDArray[np.float64]:
    """Tells when each frame is shown, in seconds, increasing from 0.

    A variable rate leaves frames out and shows others early or late; but wherever the truth says
    that something begins or ends, there is a frame on time.
    """
    count = round(video.duration_s * video.fps)
    grid = np.arange(count) / video.fps
    if not video.is_variable_rate:
        return grid
    rng = np.random.default_rng((video.seed, count))
    turns = rng.choice(DROP_SHARES, ceil(video.duration_s / DROP_TURN_S))
    is_kept = rng.random(count) >= turns[(grid / DROP_TURN_S).astype(int)]
    is_on_time = np.zeros(count, bool)
    moments = [0.0]
    for stretch in (*video.shots, *video.captions):
        moments += [stretch.start_s, stretch.end_s]
    numbers = [ceil((moment - A_MOMENT_S) * video.fps) for moment in moments]
    is_on_time[[number for number in numbers if number < count]] = True
    late = rng.uniform(-JITTER, JITTER, count) / video.fps
    return np.asarray(np.where(is_on_time, grid, grid + late)[is_kept | is_on_time])


class Footage:
    """The pictures of an original, to be asked for in order of time; the same every time."""

    def __init__(self, video: PlannedVideo) -> None:
        """Takes the plan; nothing is drawn yet."""
        self._video = video
        self._times_s = presentation_times(video)
        self._scene: tuple[PlannedShot, Scene] | None = None
        self._captions: dict[PlannedCaption, PlacedCaption] = {}

    def picture(self, time_s: float) -> Picture:
        """The frame on display at a time: uint8 RGB, shape (height_px, width_px, 3)."""
        number = np.searchsorted(self._times_s, time_s + A_MOMENT_S, side="right") - 1
        shown_s = float(self._times_s[number])
        picture = self._shot_picture(shown_s)
        for caption in self._video.captions:
            if caption.holds(shown_s):
                if caption not in self._captions:
                    self._captions[caption] = draw_caption(caption, self._video.size)
                placed = self._captions[caption]
                placed.layer.over(picture, placed.left, placed.top)
        return picture

    def _shot_picture(self, time_s: float) -> Picture:
        for shot in self._video.shots:
            if shot.holds(time_s):
                break
        else:
            width, height = self._video.size
            return np.zeros((height, width, 3), np.uint8)
        if shot.static and shot.static.holds(time_s):
            time_s = shot.static.start_s
        picture = self._scene_of(shot).frame(time_s - shot.start_s)
        return _blurred(picture) if shot.blur and shot.blur.holds(time_s) else picture

    def _scene_of(self, shot: PlannedShot) -> Scene:
        if self._scene is None or self._scene[0] != shot:
            video = self._video
            scene = Scene(
                shot.composition,
                video.size,
                (video.seed, video.shots.index(shot)),
                duration_s=shot.end_s - shot.start_s,
                fps=video.fps,
            )
            self._scene = (shot, scene)
        return self._scene[1]


def frames(
    video: PlannedVideo, original: PlannedVideo | None = None
) -> Iterator[tuple[float, Picture]]:
    """Yields presentation times and pictures; a copy needs its original."""
    source = original or video
    footage, cut = Footage(source), cut_of(source, video.edits)
    edit = picture_edits(source, video)
    for time_s in presentation_times(video):
        yield float(time_s), edit(footage.picture(cut.source_s(float(time_s))))


def prepare_process() -> None:
    """Makes a process ready to draw beside others.

    More threads of OpenCV would be in the way, and Ctrl-C ends the process without a traceback,
    also one that came while it started.
    """
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS)
    cv2.setNumThreads(1)


def write_video(path: Path, video: PlannedVideo, original: PlannedVideo | None = None) -> None:
    """Draws and encodes a video; the same plan gives the same bytes on one machine.

    Args:
        path: the MP4 to write.
        video: what to write; its own path and times of posting do not matter.
        original: whose footage it is, if it is a copy.

    Raises:
        OSError: the file cannot be written.
    """
    import av
    import cv2

    clock = Fraction(1, CLOCK_HZ if video.is_variable_rate else video.fps)
    factors = [edit.amount for edit in video.edits if edit.kind == "re_encoded"]
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(video.fps))
        stream.width, stream.height = video.size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = clock
        # The same pictures must give the same bytes. x264's macroblock tree, in assembly and with
        # B-frames, decides differently now and then (x264 in PyAV 18.1: 1 encoding in 8), and the
        # number of threads changes its decisions as well. B-frames would cost a third more time.
        stream.options = {
            "preset": "veryfast",
            "crf": str((*factors, RATE_FACTOR)[0]),
            "g": str(GROUP_OF_PICTURES),
            "x264-params": "mbtree=0:bframes=0",
        }
        stream.codec_context.thread_count = 1
        for time_s, picture in frames(video, original):
            planes: Any = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = round(time_s / clock), clock
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _blurred(picture: Picture) -> Picture:
    """Puts a picture out of focus."""
    import cv2

    height, width = picture.shape[:2]
    small_size = (width // BLUR_SHRINK, height // BLUR_SHRINK)
    small = cv2.resize(picture, small_size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), BLUR_SIGMA * min(width, height))
    return np.asarray(cv2.resize(soft, (width, height)), dtype=np.uint8)
