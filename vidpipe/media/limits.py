"""What an upload may cost before it is refused.

Belongs here: the limits that reading a video obeys, and the setting that raises each.
Does not: enforcing them (vidpipe.media.container and vidpipe.media.decode do).
"""

from dataclasses import dataclass

from vidpipe.settings import Settings


@dataclass(frozen=True)
class Limits:
    """The bounds of one upload; picklable, so that worker processes carry it.

    A message that refuses an upload names the setting beside each field.
    """

    max_bytes: int = 4 * 2**30
    """The size of the file (VIDPIPE_MAX_UPLOAD_BYTES)."""
    max_duration_s: float = 3 * 3600.0
    """The presentation time (VIDPIPE_MAX_DURATION_S)."""
    max_frame_pixels: int = 8192 * 4320
    """The width times height of any frame (VIDPIPE_MAX_FRAME_PIXELS)."""
    max_decode_s: float = 1800.0
    """The processor time spent on reading one file (VIDPIPE_MAX_DECODE_S).

    Processor time, not the clock: the same file must be refused or kept alike on an idle and on
    a busy machine, because a refusal is remembered.
    """

    @classmethod
    def from_settings(cls, settings: Settings) -> "Limits":
        """The limits that the environment sets."""
        return cls(
            max_bytes=settings.max_upload_bytes,
            max_duration_s=settings.max_duration_s,
            max_frame_pixels=settings.max_frame_pixels,
            max_decode_s=settings.max_decode_s,
        )
