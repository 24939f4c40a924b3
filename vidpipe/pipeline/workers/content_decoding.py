"""Decoding a content once, as the workers of `keyframes` and `footage_prints` do.

Belongs here: fetching the bytes, the options of the pass, how a row tells damage.
Does not: the pass itself (vidpipe.media.summarise), the results of a stage (the workers).

Imports of PyAV and OpenCV are local: the run process imports this module and must stay light.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vidpipe.clean_text import display_name
from vidpipe.errors import DecodeError
from vidpipe.media.limits import Limits
from vidpipe.pipeline.contract import Item, Row, ok_row
from vidpipe.settings import KeyframeMethod, Settings

if TYPE_CHECKING:
    from vidpipe.media.summarise import Summary

Decode = Callable[[Item], "Summary"]


@dataclass(frozen=True)
class ContentDecoder:
    """Summarises contents of items `{content_sha256, upload_id, fingerprint}`.

    Attributes:
        uploads_url: uploads folder or bucket that holds the bytes.
        limits: what reading one file may cost.
        keyframes_per_video: K.
        method: how keyframes are chosen.
        candidates_per_second: frames judged (Hz).
        hash_samples_per_second: samples of the footage print (Hz).
    """

    uploads_url: str
    limits: Limits = field(default_factory=Limits)
    keyframes_per_video: int = 5
    method: KeyframeMethod = "clear_and_diverse"
    candidates_per_second: float = 8.0
    hash_samples_per_second: float = 4.0

    @classmethod
    def from_settings(cls, settings: Settings) -> "ContentDecoder":
        """The decoder that settings ask for."""
        return cls(
            uploads_url=settings.uploads_url or "",
            limits=Limits.from_settings(settings),
            keyframes_per_video=settings.keyframes_per_video,
            method=settings.keyframe_method,
            candidates_per_second=settings.candidates_per_second,
            hash_samples_per_second=settings.hash_samples_per_second,
        )

    def open(self) -> Decode:
        """Loads the libraries; called once in a worker process.

        Returns:
            A function that decodes the content of an item. It returns only when the upload is known
            to have stayed the same while it was read, and raises an ItemError when the item failed.
        """
        from vidpipe.media.summarise import SummaryOptions, summarise
        from vidpipe.uploads.opening import local_copy

        options = SummaryOptions(
            keyframes_per_video=self.keyframes_per_video,
            method=self.method,
            candidates_per_second=self.candidates_per_second,
            hash_samples_per_second=self.hash_samples_per_second,
        )

        def decode(item: Item) -> "Summary":
            # With the fingerprint a file that was replaced meanwhile is not taken for its content.
            with local_copy(
                self.uploads_url,
                item["upload_id"],
                max_bytes=self.limits.max_bytes,
                fingerprint=item["fingerprint"],
            ) as path:
                return summarise(path, self.limits, options, display_name(item["upload_id"]))

        return decode


def decoded_row(item: Item, summary: "Summary") -> Row:
    """The row of a content that was decoded, damaged or not, without results."""
    row = ok_row({"content_sha256": item["content_sha256"]})
    if summary.damage:
        row["status"] = "ok_damaged"
        row["error_class"] = DecodeError.__name__
        row["error_message"] = f"{display_name(item['upload_id'])} is damaged: {summary.damage}"
    return row
