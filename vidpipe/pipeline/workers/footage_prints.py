"""The work of the `footage_prints` stage: contents in, rows of footage prints out.

Belongs here: rows for the `footage_prints` table, and a worker for contents that have keyframes
already.
Does not: making prints (vidpipe.media.footage_print), bookkeeping (vidpipe.pipeline.loop).

A content that still misses its keyframes gets both in one pass, by the worker of `keyframes`.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from vidpipe.errors import ItemError
from vidpipe.pipeline.contract import BatchFunction, Item, Row, failed_row
from vidpipe.pipeline.workers.content_decoding import ContentDecoder, Decode, decoded_row

if TYPE_CHECKING:
    from vidpipe.media.summarise import Summary

ALGORITHM = 2  # raise it when the same bytes and parameters give another print


@dataclass(frozen=True)
class FootagePrintWorker:
    """Makes the prints of items `{content_sha256, upload_id, fingerprint}`.

    Attributes:
        decoder: decodes them.
    """

    decoder: ContentDecoder

    def open(self) -> BatchFunction:
        """Loads the libraries; called once in a worker process."""
        decode = self.decoder.open()

        def print_batch(items: list[Item]) -> list[Row]:
            return [_row(item, decode) for item in items]

        return print_batch


def _row(item: Item, decode: Decode) -> Row:
    try:
        summary = decode(item)
    except ItemError as error:
        return failed_row({"content_sha256": item["content_sha256"]}, error)
    return footage_print_row(item, summary)


def footage_print_row(item: Item, summary: "Summary") -> Row:
    """The row of a content's footage print."""
    return decoded_row(item, summary) | {"footage_print": asdict(summary.footage_print)}
