"""The work of the `keyframes` stage: contents in, rows of keyframes and of footage prints out.

Belongs here: what one worker process opens, storing JPEGs, rows for the `keyframes` table.
Does not: decoding (vidpipe.pipeline.workers.content_decoding), choosing frames
(vidpipe.media.keyframes), rows of prints (vidpipe.pipeline.workers.footage_prints), bookkeeping
(vidpipe.pipeline.loop).

Imports of PyAV and OpenCV are local: the run process imports this module and must stay light.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from vidpipe.errors import ItemError
from vidpipe.pipeline.contract import BESIDE, BatchFunction, Item, Row, failed_row
from vidpipe.pipeline.workers.content_decoding import ContentDecoder, Decode, decoded_row
from vidpipe.pipeline.workers.footage_prints import footage_print_row

if TYPE_CHECKING:
    from vidpipe.media.summarise import Summary
    from vidpipe.stores.media_store import MediaStore

ALGORITHM = 2  # raise it when the same bytes and parameters give other keyframes


@dataclass(frozen=True)
class KeyframeWorker:
    """Summarises contents of items `{content_sha256, upload_id, fingerprint}`.

    Attributes:
        decoder: decodes them.
        media_url: media store that keyframe JPEGs go to.
    """

    decoder: ContentDecoder
    media_url: str

    def open(self) -> BatchFunction:
        """Loads the libraries and opens the media store; called once in a worker process.

        Raises:
            StoreError: it cannot be opened.
        """
        from vidpipe.stores.media_store import MediaStore

        decode, media = self.decoder.open(), MediaStore(self.media_url)

        def summarise_batch(items: list[Item]) -> list[Row]:
            return [_row(item, decode, media) for item in items]

        return summarise_batch


def _row(item: Item, decode: Decode, media: "MediaStore") -> Row:
    try:
        summary = decode(item)
    except ItemError as error:
        return failed_row({"content_sha256": item["content_sha256"]}, error)
    return _keyframes_row(item, summary, media) | {BESIDE: footage_print_row(item, summary)}


def _keyframes_row(item: Item, summary: "Summary", media: "MediaStore") -> Row:
    from vidpipe.stores.media_store import keyframe_name

    frames = []
    for keyframe in summary.keyframes:
        frame = asdict(keyframe)
        image = frame.pop("jpeg")
        uri = media.put(keyframe_name(item["content_sha256"], keyframe.keyframe_sha256), image)
        frames.append({**frame, "image_uri": uri})
    return decoded_row(item, summary) | {
        "frames": frames,
        "decoded_frames": summary.decoded_frames,
        "decode_seconds": summary.decode_seconds,
        "has_footage_print": True,
    }
