"""The work of the `clip_embeddings` stage: keyframes and texts in, rows of unit vectors out.

Belongs here: what one worker process opens, and rows for the `clip_embeddings` table.
Does not: the models (vidpipe.models.clip) or bookkeeping of what is done (vidpipe.pipeline.loop).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vidpipe.errors import ItemError
from vidpipe.models.clip_weights import ModelFolder, image_model_folder, text_model_folder
from vidpipe.pipeline.contract import BatchFunction, Item, Row, ok_row
from vidpipe.pipeline.workers.stored_keyframes import failed_keyframe_row, keyframe_bytes
from vidpipe.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from vidpipe.stores.media_store import MediaStore

ALGORITHM = 1  # raise it when the same models and inputs give other vectors


@dataclass(frozen=True)
class ClipWorker:
    """Embeds items `{kind: "image", input_sha256, image_uri}` and `{kind: "text", …, text}`.

    A batch may mix both; a model is loaded when its first item comes. One process with all cores
    as `threads` is as fast as several and holds the models once.

    Attributes:
        media_url: media store that holds the keyframes.
        image_model: folder of the image model, found before the run.
        text_model: folder of the text model.
        threads: threads of torch and of image decoding.
    """

    media_url: str
    image_model: ModelFolder
    text_model: ModelFolder
    threads: int = 1

    @classmethod
    def from_settings(cls, settings: Settings, *, threads: int = 1) -> "ClipWorker":
        """The worker that settings ask for.

        Raises:
            ModelUnavailable: a model is neither here nor within reach.
        """
        return cls(
            media_url=settings.media,
            image_model=image_model_folder(settings),
            text_model=text_model_folder(settings),
            threads=threads,
        )

    def open(self) -> BatchFunction:
        """Opens the media store; called once in a worker process.

        Raises:
            SettingsError: the two models do not share one space.
        """
        from vidpipe.models.clip import ClipPair
        from vidpipe.stores.media_store import MediaStore

        store = MediaStore(self.media_url)
        pair = ClipPair(self.image_model, self.text_model, threads=self.threads)

        def embed_batch(items: list[Item]) -> list[Row]:
            if not items:  # asked to be ready for whatever comes
                pair.load()
            images = [item for item in items if item["kind"] == "image"]
            texts = [item for item in items if item["kind"] == "text"]
            rows: list[Row] = []
            if images:
                sources = [_source(store, item["image_uri"]) for item in images]
                found = pair.images.embed_each(sources)
                rows += [_row(item, vector) for item, vector in zip(images, found, strict=True)]
            if texts:
                vectors = pair.texts.embed([item["text"] for item in texts])
                rows += [_row(item, vector) for item, vector in zip(texts, vectors, strict=True)]
            return rows

        return embed_batch


def _source(store: "MediaStore", uri: str) -> Callable[[], bytes]:
    return lambda: keyframe_bytes(store, uri)


def _row(item: Item, found: "np.ndarray | ItemError") -> Row:
    key = {"kind": item["kind"], "input_sha256": item["input_sha256"]}
    if isinstance(found, ItemError):
        return failed_keyframe_row(key, item["image_uri"], found)
    return ok_row(key) | {"vector": [float(value) for value in found]}
