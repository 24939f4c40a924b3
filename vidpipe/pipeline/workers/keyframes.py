"""The work of the `keyframes` stage: contents in, rows of keyframes and hash track out.

Belongs here: what one worker process opens, storing JPEGs, rows for the `keyframes` table.
Does not: choosing frames or hashing (vidpipe.media.summarise), bookkeeping (vidpipe.pipeline.loop).

Imports of PyAV and OpenCV are local: the run process imports this module and must stay light.
"""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from vidpipe.errors import DecodeError, ItemError
from vidpipe.media.limits import Limits
from vidpipe.pipeline.contract import BatchFunction, Item, Row, failed_row, ok_row
from vidpipe.settings import KeyframeMethod, Settings

if TYPE_CHECKING:
    from vidpipe.media.summarise import Summary, SummaryOptions
    from vidpipe.stores.media_store import MediaStore

ALGORITHM = 2  # raise it when the same bytes and parameters give other keyframes or hashes


@dataclass(frozen=True)
class KeyframeWorker:
    """Summarises contents of items `{content_sha256, upload_id, fingerprint}`.

    Attributes:
        uploads_url: uploads folder or bucket that holds the bytes.
        media_url: media store that keyframe JPEGs go to.
        limits: what reading one file may cost.
        keyframes_per_video: K.
        method: how keyframes are chosen.
        candidates_per_second: frames judged (Hz).
        hash_samples_per_second: samples of the hash track (Hz).
    """

    uploads_url: str
    media_url: str
    limits: Limits = field(default_factory=Limits)
    keyframes_per_video: int = 5
    method: KeyframeMethod = "clear_and_diverse"
    candidates_per_second: float = 8.0
    hash_samples_per_second: float = 4.0

    @classmethod
    def from_settings(cls, settings: Settings) -> "KeyframeWorker":
        """The worker that settings ask for."""
        return cls(
            uploads_url=settings.uploads_url or "",
            media_url=settings.media,
            limits=Limits.from_settings(settings),
            keyframes_per_video=settings.keyframes_per_video,
            method=settings.keyframe_method,
            candidates_per_second=settings.candidates_per_second,
            hash_samples_per_second=settings.hash_samples_per_second,
        )

    def open(self) -> BatchFunction:
        """Opens the stores; called once in a worker process.

        Raises:
            StoreError: the media store cannot be opened.
        """
        import cv2

        from vidpipe.media.summarise import SummaryOptions
        from vidpipe.stores.media_store import MediaStore

        # Videos run in parallel in separate processes; threads inside one would only compete.
        cv2.setNumThreads(1)
        media = MediaStore(self.media_url)
        options = SummaryOptions(
            keyframes_per_video=self.keyframes_per_video,
            method=self.method,
            candidates_per_second=self.candidates_per_second,
            hash_samples_per_second=self.hash_samples_per_second,
        )

        def summarise_batch(items: list[Item]) -> list[Row]:
            return [self._row(item, media, options) for item in items]

        return summarise_batch

    def _row(self, item: Item, media: "MediaStore", options: "SummaryOptions") -> Row:
        from vidpipe.clean_text import display_name
        from vidpipe.media.summarise import summarise
        from vidpipe.uploads.opening import local_copy

        content = item["content_sha256"]
        name = display_name(item["upload_id"])
        try:
            # With the fingerprint a file that was replaced meanwhile is not taken for its content.
            with local_copy(
                self.uploads_url,
                item["upload_id"],
                max_bytes=self.limits.max_bytes,
                fingerprint=item["fingerprint"],
            ) as path:
                summary = summarise(path, self.limits, options, name)
        except ItemError as error:
            return failed_row({"content_sha256": content}, error)
        # Stored only when the upload is known to have stayed the same while it was read.
        return _row_of(content, name, summary, media)


def _row_of(content: str, name: str, summary: "Summary", media: "MediaStore") -> Row:
    from vidpipe.stores.media_store import keyframe_name

    frames = []
    for keyframe in summary.keyframes:
        frame = asdict(keyframe)
        image = frame.pop("jpeg")
        uri = media.put(keyframe_name(content, keyframe.keyframe_sha256), image)
        frames.append({**frame, "image_uri": uri})
    row = ok_row({"content_sha256": content})
    if summary.damage:
        row["status"] = "ok_damaged"
        row["error_class"] = DecodeError.__name__
        row["error_message"] = f"{name} is damaged: {summary.damage}"
    return row | {
        "frames": frames,
        "hash_track": asdict(summary.hash_track),
        "decoded_frames": summary.decoded_frames,
        "decode_seconds": summary.decode_seconds,
    }
