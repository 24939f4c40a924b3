"""Small planned videos for tests, and the frames of files as arrays.

Belongs here: what several tests of the demo world build on. Does not: assertions.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np

from vidpipe.demo.compositions import Composition
from vidpipe.demo.edits import edited
from vidpipe.demo.plan import Edit, PlannedCaption, PlannedShot, PlannedVideo, Stretch

FIRST = Composition("tank", "burning", "desert", "day", "clear")
SECOND = Composition("tank", "intact", "street", "night", "clear")
CAPTION = PlannedCaption(1.0, 2.0, "ROAD CLOSED", "en", "white_on_dark", 0.12, "bottom")


def planned(name: str = "original", **changes: Any) -> PlannedVideo:
    """Black, a blurred shot, a shot that stands still for a while, black: 4 s, 320x180, 20 fps."""
    video = PlannedVideo(
        video_id=f"demotube:{name}",
        platform="demotube",
        account="somebody",
        account_role="ordinary",
        path=f"2025-03-03/somebody/{name}.mp4",
        ingest_date=date(2025, 3, 3),
        posted_at=datetime(2025, 3, 3, 12, 0, 5, tzinfo=UTC),
        size=(320, 180),
        fps=20,
        is_variable_rate=False,
        duration_s=4.0,
        shots=(
            PlannedShot(0.5, 2.0, FIRST, blur=Stretch(1.5, 1.9)),
            PlannedShot(2.0, 3.5, SECOND, static=Stretch(2.5, 3.2)),
        ),
        captions=(),
        description="A tank burns.",
        hashtags=("tank",),
        has_sidecar=True,
        topic_subject="tank",
        topic_setting="desert/day",
        seed=11,
    )
    return replace(video, **changes)


def copied(original: PlannedVideo, *edits: Edit, name: str = "copy") -> PlannedVideo:
    """A copy of a video with edits, as a post of its own."""
    return replace(
        edited(original, edits),
        video_id=f"demogram:{name}",
        platform="demogram",
        account="copier",
        path=f"2025-03-03/copier/{name}.mp4",
    )


@dataclass(frozen=True)
class ReadVideo:
    """A decoded file: presentation times (s), and frames as int16 RGB, all of one shape."""

    times_s: np.ndarray
    frames: np.ndarray
    codec: str
    average_rate: float
    duration_s: float

    def at(self, time_s: float) -> np.ndarray:
        """The frame on display at a time."""
        shown: np.ndarray = self.frames[
            np.searchsorted(self.times_s, time_s + 1e-4, side="right") - 1
        ]
        return shown


def read_video(path: Path) -> ReadVideo:
    """Decodes a whole file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoded = list(container.decode(stream))
        assert stream.average_rate is not None
        assert container.duration is not None
        return ReadVideo(
            times_s=np.array([frame.time for frame in decoded]),
            frames=np.stack([frame.to_ndarray(format="rgb24") for frame in decoded]).astype(
                np.int16
            ),
            codec=stream.codec_context.name,
            average_rate=float(stream.average_rate),
            duration_s=container.duration / 1e6,
        )
