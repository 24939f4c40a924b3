"""The work of the `clip_embeddings` stage: keyframes and texts in, rows of unit vectors out.

Belongs here: what one worker process opens, and rows for the `clip_embeddings` table.
Does not: the models (vidpipe.models.clip) or bookkeeping of what is done (vidpipe.pipeline.loop).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vidpipe.errors import DecodeError, ItemError
from vidpipe.models.clip_weights import ModelFolder, image_model_folder, text_model_folder
from vidpipe.pipeline.workers.ocr_text import fetch
from vidpipe.settings import Settings

ALGORITHM = 1  # raise it when the same models and inputs give other vectors

Item = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class ClipWorker:
    """Embeds items `{kind: "image", input_sha256, image_uri}` and `{kind: "text", …, text}`.

    A batch may mix both; a model is loaded when its first item comes. One process with all cores
    as `threads` is as fast as several and holds the models once.

    Attributes:
        media_url: media store that holds the keyframes.
        image_model: folder of the image model, found before the run.
        text_model: folder of the text model.
        threads: of torch and of image decoding.
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

    def open(self) -> Callable[[list[Item]], list[Row]]:
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


def _source(store: Any, uri: str) -> Callable[[], bytes]:
    return lambda: fetch(store, uri)


def _row(item: Item, vector: Any) -> Row:
    row: Row = {
        "kind": item["kind"],
        "input_sha256": item["input_sha256"],
        "status": "ok",
        "error_class": None,
        "error_message": None,
        "is_transient": False,
        "vector": None,
    }
    if isinstance(vector, ItemError):
        message = str(vector)
        if isinstance(vector, DecodeError):
            message = f"keyframe {item['image_uri']}: {message}"
        return row | {
            "status": "failed",
            "error_class": type(vector).__name__,
            "error_message": message,
            "is_transient": vector.is_transient,
        }
    return row | {"vector": [float(value) for value in vector]}
