"""The OCR stage against PaddleOCR called frame by frame: speed, and recall of true captions.

Same weights, same three switches off (page orientation, unwarping, line orientation), same machine,
turn by turn; the median of the turns' ratios is reported. PaddleOCR keeps its own defaults, which
give onnxruntime every core. The stage runs as it does in a run: one single-threaded worker process
per core, JPEG bytes in, rows out.

    python -m benchmarks.ocr
"""

import json
import multiprocessing
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.frames import SHARED_VIDEOS, CaptionedFrame, captioned_frames
from vidpipe.models.ocr_weights import DETECTION_NAME, RECOGNITION_NAME, find_weights
from vidpipe.pipeline.workers.ocr_text import OcrWorker
from vidpipe.stores.media_store import MediaStore

TURNS = 3
SIZES = ((640, 360), (1280, 720), (720, 1280), (1920, 1080))
HEIGHTS_PX = (14, 40)
BATCH = 4
ROCKET_CAPTIONS = {300: "IMAGINE THIS", 600: "4 ENGINES", 840: "8 MINUTES", 1260: "1 GOAL"}

_read_batch: Any = None


@dataclass(frozen=True)
class Group:
    """Frames measured together."""

    name: str
    frames: list[CaptionedFrame]


def run() -> dict[str, Any]:
    """Keyframes per second of the stage ÷ those of PaddleOCR, and recall of both, per group."""
    groups = [
        Group(
            f"rendered {size[0]}x{size[1]}",
            captioned_frames((size,), heights_px=HEIGHTS_PX, captions=3),
        )
        for size in SIZES
    ]
    if SHARED_VIDEOS.is_dir():
        groups.append(Group("shared clips", _shared_frames()))
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "models"
        store = MediaStore(f"{folder}/media")
        reference = _paddle_ocr(cache)
        worker = OcrWorker(media_url=store.url, model_cache=cache)
        pool = ProcessPoolExecutor(
            cores, multiprocessing.get_context("spawn"), initializer=_open, initargs=(worker,)
        )
        with pool:
            list(pool.map(_warm, range(cores * 2)))
            results = {group.name: _compare(group, store, reference, pool) for group in groups}
    seconds = [sum(result[side] for result in results.values()) for side in ("paddle_s", "stage_s")]
    hits = [sum(result[side] for result in results.values()) for side in ("paddle_hits", "hits")]
    captions = sum(result["captions"] for result in results.values())
    return {
        "workers": cores,
        "frames": sum(len(group.frames) for group in groups),
        "ratio": round(seconds[0] / seconds[1], 2),
        "bar": 1.5,
        "recall": round(hits[1] / captions, 4),
        "paddle_recall": round(hits[0] / captions, 4),
        "captions": captions,
        "groups": {
            name: {
                "ratio": round(result["ratio"], 2),
                "keyframes_per_s": round(result["frames"] / result["stage_s"], 2),
                "paddle_keyframes_per_s": round(result["frames"] / result["paddle_s"], 2),
                "found": f"{result['hits']}/{result['captions']}",
                "paddle_found": f"{result['paddle_hits']}/{result['captions']}",
            }
            for name, result in results.items()
        },
    }


def _compare(
    group: Group, store: MediaStore, reference: Any, pool: ProcessPoolExecutor
) -> dict[str, Any]:
    items = [
        {
            "keyframe_sha256": str(number),
            "image_uri": store.put(f"{group.name.replace(' ', '-')}/{number}.jpg", frame.jpeg),
        }
        for number, frame in enumerate(group.frames)
    ]
    batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
    turns = []
    for _ in range(TURNS):
        started = time.perf_counter()
        theirs = [_paddle_texts(reference, frame.jpeg) for frame in group.frames]
        between = time.perf_counter()
        rows = [row for batch in pool.map(_work, batches) for row in batch]
        turns.append((between - started, time.perf_counter() - between))
    ours = [[line["text"] for line in row["lines"]] for row in rows]
    return {
        "frames": len(group.frames),
        "captions": sum(len(frame.captions) for frame in group.frames),
        "paddle_s": statistics.median(paddle for paddle, _ in turns),
        "stage_s": statistics.median(stage for _, stage in turns),
        "ratio": statistics.median(paddle / stage for paddle, stage in turns),
        "paddle_hits": _found(group.frames, theirs),
        "hits": _found(group.frames, ours),
    }


def _found(frames: list[CaptionedFrame], texts: list[list[str]]) -> int:
    """Captions read without an error; spaces, punctuation and capitals aside."""
    return sum(
        _letters(caption) in _letters("".join(lines))
        for frame, lines in zip(frames, texts, strict=True)
        for caption in frame.captions
    )


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _paddle_ocr(cache: Path) -> Any:
    from vidpipe.models.library_switches import quiet_paddle

    quiet_paddle()
    from paddleocr import PaddleOCR

    weights = find_weights(cache)
    return PaddleOCR(
        text_detection_model_name=DETECTION_NAME,
        text_detection_model_dir=str(weights.detection),
        text_recognition_model_name=RECOGNITION_NAME,
        text_recognition_model_dir=str(weights.recognition),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        engine="onnxruntime",
        device="cpu",
    )


def _paddle_texts(reference: Any, jpeg: bytes) -> list[str]:
    from vidpipe.models.ocr import decode

    return list(reference.predict(decode(jpeg))[0]["rec_texts"])


def _shared_frames() -> list[CaptionedFrame]:
    """Frames of the shared clips, evenly spaced; those of rocket.mkv with their captions."""
    frames = []
    for path in sorted(SHARED_VIDEOS.glob("2026-11-0[2-5]/*/*")):
        if path.suffix != ".json":
            wanted = ROCKET_CAPTIONS if path.stem == "rocket" else {30: ""}
            frames += _frames_of(path, wanted)
    return frames


def _frames_of(path: Path, wanted: dict[int, str]) -> list[CaptionedFrame]:
    import av
    import cv2

    frames = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                _, encoded = cv2.imencode(".jpg", frame.to_ndarray(format="bgr24"))
                captions = (wanted[number],) if wanted[number] else ()
                size = (frame.width, frame.height)
                frames.append(CaptionedFrame(encoded.tobytes(), captions, size, 0, "own"))
            if number >= max(wanted):
                break
    return frames


def _open(worker: OcrWorker) -> None:
    global _read_batch  # noqa: PLW0603  (a pool's processes keep their state in a module)
    _read_batch = worker.open()


def _warm(_: int) -> None:
    time.sleep(0.2)  # long enough that every process takes one


def _work(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _read_batch(batch)
    return rows


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
