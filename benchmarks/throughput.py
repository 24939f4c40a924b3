"""Videos an hour: one-minute clips of 1280x720 H.264 through the whole run, real model sizes.

    python -m benchmarks.throughput [--clips 8]

The clips are those of benchmarks.keyframes; the CLIP pair has random weights of the real size, OCR
its real weights. Timed after start-up, model loading included: over many videos it weighs nothing,
so the rate without it stands beside. This is the one figure that is no ratio.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from dagster import DagsterInstance

from benchmarks.keyframes import render_clip
from benchmarks.real_size_pair import write_real_size_pair
from benchmarks.whole_run import installation
from vidpipe.automation.pending_ingest import ingest_pending
from vidpipe.definitions import build_defs
from vidpipe.resources import Stores


def run(clips: int = 8) -> dict[str, Any]:
    """Videos an hour, and the seconds of each stage."""
    with tempfile.TemporaryDirectory() as folder:
        image, text = write_real_size_pair(Path(folder) / "models")
        uploads = Path(folder) / "uploads" / "2025-03-03" / "somebody"
        uploads.mkdir(parents=True)
        for seed in range(clips):
            clip = uploads / f"{seed}.mp4"
            render_clip(clip, seed)
            os.utime(clip, (time.time() - 3600,) * 2)
        with installation(Path(folder) / "home", uploads.parents[1]):
            os.environ["VIDPIPE_CLIP_IMAGE_MODEL"] = str(image)
            os.environ["VIDPIPE_CLIP_TEXT_MODEL"] = str(text)
            with DagsterInstance.get() as instance:
                stores = Stores(progress=lambda *_: None)
                ingest = build_defs(stores).resolve_job_def("ingest")
                summary = ingest_pending(ingest, instance, stores)
    if not summary.ok:
        raise RuntimeError(f"the run failed: {summary.errors}")
    return {
        "clips": clips,
        "run_s": round(summary.seconds, 1),
        "videos_per_hour": round(3600 * clips / summary.seconds),
        "stage_s": {name: round(stage.seconds, 1) for name, stage in summary.stages.items()},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=8)
    print(json.dumps(run(parser.parse_args().clips), indent=2))
