"""What a video file says and shows about itself.

Belongs here: container, codec, duration, frame rate and upright size, told by content.
Does not: what its metadata file says (vidpipe.uploads), decoding it (vidpipe.media.decode).
"""

from dataclasses import dataclass

from vidpipe.media.container import FilePath, open_video
from vidpipe.media.limits import Limits
from vidpipe.media.orientation import UPRIGHT, orientation_of
from vidpipe.media.timeline import scan


@dataclass(frozen=True)
class Probe:
    """What a file says and shows about itself; sizes are those of the upright picture."""

    container: str
    codec: str
    duration_s: float | None
    fps: float | None
    width_px: int
    height_px: int
    rotation_deg: int


def probe(path: FilePath, limits: Limits, name: str | None = None) -> Probe:
    """Tells container, codec, duration, frame rate and upright size of a file by its content.

    Raises:
        UploadRejected, ItemUnavailable: see `open_video`; also when it lasts too long.
    """
    with open_video(path, limits, name) as video:
        timeline, first = scan(video, first_frame_wanted=True)
        orientation = orientation_of(first) if first is not None else UPRIGHT
        context = video.stream.codec_context
        width, height = (first or context).width, (first or context).height
        if orientation.transpose:
            width, height = height, width
        return Probe(
            container=video.container.format.name,
            codec=context.name,
            duration_s=timeline.duration_s or None,
            fps=timeline.fps,
            width_px=width,
            height_px=height,
            rotation_deg=orientation.rotation_deg,
        )
