"""The work of the `ocr_text` stage: keyframe JPEGs in, rows of lines out.

Belongs here: what one worker process opens, and rows for the `ocr_text` table.
Does not: reading text (vidpipe.models.ocr) or bookkeeping of what is done (vidpipe.pipeline.loop).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidpipe.errors import DecodeError, ItemError, ItemUnavailable, StoreError
from vidpipe.models.ocr_weights import weights_identity
from vidpipe.settings import Settings

ALGORITHM = 1  # raise it when the same weights and parameters give other lines

Item = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class OcrWorker:
    """Reads keyframes of items `{keyframe_sha256, image_uri}`.

    Attributes:
        media_url: media store that holds the keyframes.
        model_cache: folder for the layout of the default models.
        detection_model: folder of another detection model.
        recognition_model: folder of another recognition model.
        min_confidence: lines from this confidence on are accepted.
        detection_side_px: longer side that text is looked for at (px).
        threads: of onnxruntime in each worker process; one when workers fill the cores.
    """

    media_url: str
    model_cache: Path
    detection_model: Path | None = None
    recognition_model: Path | None = None
    min_confidence: float = 0.8
    detection_side_px: int = 960
    threads: int = 1

    @classmethod
    def from_settings(cls, settings: Settings, *, threads: int = 1) -> "OcrWorker":
        """The worker that settings ask for."""
        return cls(
            media_url=settings.media,
            model_cache=settings.home.absolute() / "models",
            detection_model=settings.ocr_detection_model,
            recognition_model=settings.ocr_recognition_model,
            min_confidence=settings.ocr_min_confidence,
            detection_side_px=settings.ocr_detection_side_px,
            threads=threads,
        )

    def open(self) -> Callable[[list[Item]], list[Row]]:
        """Loads the models; called once in a worker process.

        Raises:
            ModelUnavailable: the weights cannot be found or loaded.
        """
        from vidpipe.models.ocr import OcrEngine
        from vidpipe.models.ocr_weights import find_weights
        from vidpipe.stores.media_store import MediaStore

        store = MediaStore(self.media_url)
        engine = OcrEngine(
            find_weights(self.model_cache, self.detection_model, self.recognition_model),
            min_confidence=self.min_confidence,
            detection_side_px=self.detection_side_px,
            threads=self.threads,
        )

        def read_batch(items: list[Item]) -> list[Row]:
            return [_row(item, store, engine) for item in items]

        return read_batch


def stage_parameters(settings: Settings) -> dict[str, Any]:
    """Everything besides the image that lines depend on, for the stage's version.

    Raises:
        ModelUnavailable: the weights cannot be found.
    """
    return {
        "algorithm": ALGORITHM,
        "weights": weights_identity(settings),
        "min_confidence": settings.ocr_min_confidence,
        "detection_side_px": settings.ocr_detection_side_px,
    }


def _row(item: Item, store: Any, engine: Any) -> Row:
    row: Row = {
        "keyframe_sha256": item["keyframe_sha256"],
        "status": "ok",
        "error_class": None,
        "error_message": None,
        "is_transient": False,
        "lines": None,
    }
    try:
        lines = engine.read([fetch(store, item["image_uri"])])[0]
    except DecodeError as error:
        return row | _failure(DecodeError(f"keyframe {item['image_uri']}: {error}"))
    except ItemError as error:
        return row | _failure(error)
    row["lines"] = [
        {
            "line_no": number,
            "text": line.text,
            "confidence": line.confidence,
            "accepted": line.accepted,
            "box": list(line.box),
        }
        for number, line in enumerate(lines)
    ]
    return row


def fetch(store: Any, uri: str) -> bytes:
    """Bytes of a keyframe.

    Raises:
        ItemUnavailable: the media store does not give them just now.
    """
    try:
        data: bytes = store.get(uri)
    except StoreError as error:
        raise ItemUnavailable(
            f"keyframe {uri} is not in the media store; run the keyframes stage of its date again "
            f"if it is gone for good ({error})"
        ) from error
    return data


def _failure(error: ItemError) -> Row:
    return {
        "status": "failed",
        "error_class": type(error).__name__,
        "error_message": str(error),
        "is_transient": error.is_transient,
    }
