"""Keyframe images as later stages read them: out of the media store, with errors that name them.

Belongs here: what the workers of `ocr_text` and `clip_embeddings` share.
Does not: the media store itself (vidpipe.stores.media_store).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vidpipe.errors import DecodeError, ItemError, ItemUnavailable, StoreError
from vidpipe.pipeline.contract import Row, failed_row

if TYPE_CHECKING:
    from vidpipe.stores.media_store import MediaStore


def keyframe_bytes(store: "MediaStore", uri: str) -> bytes:
    """Returns the bytes of a keyframe.

    Raises:
        ItemUnavailable: the media store does not give them just now.
    """
    try:
        return store.get(uri)
    except StoreError as error:
        raise ItemUnavailable(
            f"keyframe {uri} is not in the media store; run the keyframes stage of its date again "
            f"if it is gone for good ({error})"
        ) from error


def failed_keyframe_row(key: Mapping[str, Any], uri: str, error: ItemError) -> Row:
    """Returns the row of a keyframe that failed; a decoder does not know which one it was given."""
    if isinstance(error, DecodeError):
        error = DecodeError(f"keyframe {uri}: {error}")
    return failed_row(key, error)
