"""Reading the text in images: PP-OCR detection and recognition on onnxruntime.

Belongs here: JPEG bytes in, lines with box and confidence out.
Does not: finding weights (vidpipe.models.ocr_weights), fetching images or writing rows
(vidpipe.pipeline.workers.ocr_text), merging lines into a text (vidpipe.media.texts).

It runs PaddleOCR's own detection and recognition predictors and box operators, in the order of its
OCR pipeline with page orientation, unwarping and line orientation off. Three things differ from
calling that pipeline frame by frame, each measured in benchmarks/ocr.py:
- detection sees at most `detection_side_px` on the longer side (the size it was trained at);
  recognition still reads crops of the full frame;
- one thread per process and several processes, where onnxruntime's threads scale to about 1.5 of 2;
- with one thread lines are recognised one by one, at their own width: a batch pads short lines to
  its widest, which costs more than batching gains.

Source: PaddleOCR 3.7, https://github.com/PaddlePaddle/PaddleOCR.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from vidpipe.errors import DecodeError, ModelUnavailable
from vidpipe.models.library_switches import quiet_paddle
from vidpipe.models.ocr_weights import OcrWeights, model_name

# PaddleOCR's defaults for its OCR pipeline.
PIXEL_THRESHOLD = 0.3
BOX_THRESHOLD = 0.6
UNCLIP_RATIO = 1.5
THREADED_BATCH_LINES = 6

Image = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class OcrLine:
    """One line of text in an image.

    Attributes:
        text: as recognised, never blank.
        confidence: mean probability of its characters, 0 to 1.
        accepted: confidence is at least the engine's `min_confidence`.
        box: x1,y1..x4,y4 in pixels of the image, clockwise from the line's top left.
    """

    text: str
    confidence: float
    accepted: bool
    box: tuple[float, ...]


class OcrEngine:
    """Detector and recogniser loaded once. Not thread-safe: have one per process."""

    def __init__(
        self,
        weights: OcrWeights,
        *,
        min_confidence: float = 0.8,
        detection_side_px: int = 960,
        threads: int = 1,
    ) -> None:
        """Loads both models.

        Args:
            weights: model folders, see `vidpipe.models.ocr_weights.find_weights`.
            min_confidence: lines from this confidence on are accepted.
            detection_side_px: longer side that the detector sees (px); larger images are reduced.
            threads: threads of onnxruntime in this process.

        Raises:
            ModelUnavailable: the weights cannot be loaded.
        """
        quiet_paddle()
        from paddleocr import TextDetection, TextRecognition
        from paddlex.inference.pipelines.components import CropByPolys, SortQuadBoxes

        common = {
            "engine": "onnxruntime",
            "device": "cpu",
            "engine_config": {"intra_op_num_threads": threads, "log_severity_level": 3},
        }
        try:
            self._detector = TextDetection(
                model_name=model_name(weights.detection),
                model_dir=str(weights.detection),
                limit_side_len=detection_side_px,
                limit_type="max",
                thresh=PIXEL_THRESHOLD,
                box_thresh=BOX_THRESHOLD,
                unclip_ratio=UNCLIP_RATIO,
                **common,
            )
            self._recogniser = TextRecognition(
                model_name=model_name(weights.recognition),
                model_dir=str(weights.recognition),
                **common,
            )
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise ModelUnavailable(
                f"the OCR models in {weights.detection} and {weights.recognition} cannot be "
                f"loaded: {error}"
            ) from error
        self._sort = SortQuadBoxes()
        self._crop = CropByPolys(det_box_type="quad")
        self._min_confidence = min_confidence
        self._batch_lines = 1 if threads == 1 else THREADED_BATCH_LINES

    def read(self, jpegs: list[bytes]) -> list[list[OcrLine]]:
        """Lines of every image, from top to bottom, then left to right.

        Args:
            jpegs: encoded images (any format that OpenCV decodes).

        Returns:
            One list per image; empty where nothing was found.

        Raises:
            DecodeError: one of the byte strings is no image.
        """
        return self.read_images([decode(jpeg) for jpeg in jpegs])

    def read_images(self, images: list[Image]) -> list[list[OcrLine]]:
        """Lines of decoded images: uint8, shape (height_px, width_px, 3), BGR."""
        boxes: list[Any] = []
        crops: list[Image] = []
        owners: list[int] = []
        for index, image in enumerate(images):
            if is_flat(image):
                continue
            found = self._sort(self._detector.predict(image, batch_size=1)[0]["dt_polys"])
            for box, crop in zip(found, self._crop(image, found), strict=True) if found else ():
                if crop.size:
                    boxes.append(box)
                    crops.append(crop)
                    owners.append(index)
        lines: list[list[OcrLine]] = [[] for _ in images]
        for owner, box, (text, confidence) in zip(owners, boxes, self._texts(crops), strict=True):
            if text.strip():
                lines[owner].append(
                    OcrLine(
                        text=text,
                        confidence=confidence,
                        accepted=confidence >= self._min_confidence,
                        box=tuple(float(value) for value in np.asarray(box).reshape(-1)),
                    )
                )
        return lines

    def _texts(self, crops: list[Image]) -> list[tuple[str, float]]:
        """Text and confidence of each crop; read in order of shape, so that batches pad little."""
        order = sorted(range(len(crops)), key=lambda i: crops[i].shape[1] / crops[i].shape[0])
        texts = [("", 0.0)] * len(crops)
        if not crops:  # the predictor takes an empty list for one empty image
            return texts
        results = self._recogniser.predict([crops[i] for i in order], batch_size=self._batch_lines)
        for index, result in zip(order, results, strict=True):
            texts[index] = (str(result["rec_text"]), float(result["rec_score"]))
        return texts


def decode(jpeg: bytes) -> Image:
    """BGR pixels of an encoded image: uint8, shape (height_px, width_px, 3).

    Raises:
        DecodeError: the bytes are no image.
    """
    import cv2

    encoded = np.frombuffer(jpeg, np.uint8)
    image: Any = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if image is None:
        raise DecodeError(f"{len(jpeg)} bytes are not a readable image")
    pixels: Image = image
    return pixels


def is_flat(image: Image) -> bool:
    """Every pixel has the same colour, so there is nothing to read.

    Nothing weaker is safe: letters three grey levels from their background are read at confidence
    1.0, so dark or dull frames are read like any other.
    """
    return bool((image == image[0, 0]).all())
