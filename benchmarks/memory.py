"""Memory of a run: the sum over its processes, PostgreSQL apart, with models of the real size.

    python -m benchmarks.memory [--videos 60 600]

Uploads are short clips, one of them 3840x2160; the CLIP pair has random weights of the real size,
OCR its real weights; two workers. `vidpipe run` is sampled ten times a second: the sum of its
processes' PSS (shared pages counted once) and, for comparison, of their RSS.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil

from benchmarks.real_size_pair import write_real_size_pair
from vidpipe.stores.embedded import server as embedded_server

SAMPLE_EVERY_S = 0.1
MIB = 2**20


def run(videos: tuple[int, ...] = (60, 600)) -> dict[str, Any]:
    """Largest sums in MiB by number of videos."""
    figures: dict[str, Any] = {"bar_mib": 3 * 1024}
    with tempfile.TemporaryDirectory() as folder:
        image, text = write_real_size_pair(Path(folder) / "models")
        for count in videos:
            uploads = Path(folder) / f"uploads{count}"
            render(uploads, count)
            home = Path(folder) / f"home{count}"
            environment = os.environ | {
                "VIDPIPE_HOME": str(home),
                "VIDPIPE_UPLOADS_URL": str(uploads),
                "VIDPIPE_CLIP_IMAGE_MODEL": str(image),
                "VIDPIPE_CLIP_TEXT_MODEL": str(text),
                "VIDPIPE_WORKERS": "2",
            }
            try:
                figures[f"{count}_videos"] = watched_run(environment)
            finally:
                embedded_server.stop(home)
    return figures


def render(uploads: Path, count: int) -> None:
    """Clips of one second with moving noise, the first in 4K, all older than a minute."""
    folder = uploads / "2025-03-03" / "somebody"
    folder.mkdir(parents=True)
    for number in range(count):
        size = (3840, 2160) if number == 0 else (320, 180)
        path = folder / f"{number:04}.mp4"
        write_clip(path, size, seed=number)
        os.utime(path, (time.time() - 3600,) * 2)


def write_clip(path: Path, size: tuple[int, int], seed: int) -> None:
    width, height = size
    noise = np.random.default_rng(seed).integers(0, 255, (height // 4, width // 4, 3), np.uint8)
    still = np.kron(noise, np.ones((4, 4, 1), np.uint8))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for shift in range(12):
            picture = np.roll(still, 8 * shift, axis=1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def watched_run(environment: dict[str, str]) -> dict[str, Any]:
    """Runs `vidpipe run` and returns the largest sums over its processes."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from vidpipe.cli import main; main()", "run", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    watched = psutil.Process(process.pid)
    largest = {"pss_mib": 0.0, "rss_mib": 0.0, "processes": 0.0}
    while process.poll() is None:
        sample = sums(watched)
        largest = {name: max(largest[name], sample[name]) for name in largest}
        time.sleep(SAMPLE_EVERY_S)
    assert process.stdout is not None
    summary = json.loads(process.stdout.read())
    if process.returncode:
        raise RuntimeError(f"the run failed: {summary['errors']}")
    return {**{name: round(value) for name, value in largest.items()}, "run_s": summary["seconds"]}


def sums(process: psutil.Process) -> dict[str, float]:
    """PSS and RSS of a process and those below it, PostgreSQL apart, in MiB."""
    total = {"pss_mib": 0.0, "rss_mib": 0.0, "processes": 0.0}
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return total
    for member in family:
        try:
            if "postgres" in member.name():
                continue
            memory = member.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        total["pss_mib"] += memory.pss / MIB
        total["rss_mib"] += memory.rss / MIB
        total["processes"] += 1
    return total


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, nargs="+", default=[60, 600])
    print(json.dumps(run(tuple(parser.parse_args().videos)), indent=2))
