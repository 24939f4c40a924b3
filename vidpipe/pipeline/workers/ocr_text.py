"""The work of the `ocr_text` stage: keyframe JPEGs in, rows of lines out.

Belongs here: what one worker process opens, and rows for the `ocr_text` table.
Does not: reading text (vidpipe.models.ocr) or bookkeeping of what is done (vidpipe.pipeline.loop).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidpipe.errors import ItemError
from vidpipe.models.ocr_weights import weights_identity
from vidpipe.pipeline.contract import BatchFunction, Item, Row, ok_row
from vidpipe.pipeline.workers.stored_keyframes import failed_keyframe_row, keyframe_bytes
from vidpipe.settings import Settings

if TYPE_CHECKING:
    from vidpipe.models.ocr import OcrEngine
    from vidpipe.stores.media_store import MediaStore

ALGORITHM = 1  # raise it when the same weights and parameters give other lines


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
        threads: threads of onnxruntime in each worker process; one when workers fill the cores.
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

    def open(self) -> BatchFunction:
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


def _row(item: Item, store: "MediaStore", engine: "OcrEngine") -> Row:
    key = {"keyframe_sha256": item["keyframe_sha256"]}
    try:
        [lines] = engine.read([keyframe_bytes(store, item["image_uri"])])
    except ItemError as error:
        return failed_keyframe_row(key, item["image_uri"], error)
    return ok_row(key) | {
        "lines": [
            {
                "line_no": number,
                "text": line.text,
                "confidence": line.confidence,
                "accepted": line.accepted,
                "box": list(line.box),
            }
            for number, line in enumerate(lines)
        ]
    }
