"""Image embedding from JPEGs against the bare forward pass of the same model.

Weights are random, of the real shape of clip-ViT-B-32: speed does not depend on their values.
Both run in this process with the same threads, turn by turn, and the median of the turns' ratios
is reported, so that a busy machine slows both. `cpu_time_ratio` compares processor time instead,
which other processes hardly disturb.

    python -m benchmarks.image_embedding
"""

import json
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.frames import captioned_frames
from benchmarks.real_size_pair import write_real_size_pair
from vidpipe.models.clip import ImageModel
from vidpipe.models.clip_weights import ModelFolder

IMAGES = 64
TURNS = 5
FORWARD_BATCH = 32
SIZES = ((640, 360), (1280, 720), (720, 1280), (1920, 1080))


def run() -> dict[str, Any]:
    """Images per second from JPEGs ÷ images per second of the bare forward pass."""
    threads = os.cpu_count() or 1
    jpegs = [frame.jpeg for frame in captioned_frames(SIZES, heights_px=(20, 40), seed=2)]
    jpegs = (jpegs * (IMAGES // len(jpegs) + 1))[:IMAGES]
    with tempfile.TemporaryDirectory() as folder:
        path, _ = write_real_size_pair(Path(folder))
        started = time.perf_counter()
        model = ImageModel(ModelFolder(path, "random@real-size", 512), threads=threads)
        load_s = time.perf_counter() - started
    turns, cpu = [], []
    for _ in range(TURNS):
        before = time.process_time()
        bare = _bare_rate(model, len(jpegs))
        between = time.process_time()
        turns.append((bare, _whole_rate(model, jpegs)))
        cpu.append((between - before) / (time.process_time() - between))
    turns, cpu = turns[1:], cpu[1:]  # the first turn warms up
    preparation_ms = {}
    for size in SIZES:
        own = [frame.jpeg for frame in captioned_frames((size,), heights_px=(20, 40), seed=2)]
        started = time.process_time()
        for jpeg in own:
            model.preparation.pixels(jpeg)
        milliseconds = (time.process_time() - started) / len(own) * 1e3
        preparation_ms[f"{size[0]}x{size[1]}"] = round(milliseconds, 1)
    return {
        "threads": threads,
        "images": len(jpegs),
        "images_per_s": round(statistics.median(whole for _, whole in turns), 1),
        "bare_forward_images_per_s": round(statistics.median(bare for bare, _ in turns), 1),
        "ratio": round(statistics.median(whole / bare for bare, whole in turns), 3),
        "bar": 0.85,
        "cpu_time_ratio": round(statistics.median(cpu), 3),
        "preparation_cpu_ms": preparation_ms,
        "load_s": round(load_s, 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _bare_rate(model: ImageModel, images: int) -> float:
    import torch

    tower = model._model[0].model
    pixels = torch.from_numpy(
        np.random.default_rng(0).standard_normal((FORWARD_BATCH, 3, 224, 224), dtype=np.float32)
    )
    started = time.perf_counter()
    with torch.inference_mode():
        for _ in range(images // FORWARD_BATCH):
            tower.get_image_features(pixel_values=pixels)
    return images / (time.perf_counter() - started)


def _whole_rate(model: ImageModel, jpegs: list[bytes]) -> float:
    started = time.perf_counter()
    model.embed(jpegs)
    return len(jpegs) / (time.perf_counter() - started)


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
