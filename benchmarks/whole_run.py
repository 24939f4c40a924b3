"""The whole run against the same stage functions in a plain script.

    python -m benchmarks.whole_run [--clips 60] [--rounds 2]

Both take the same rendered clips with the demo models (the small ones: real ones take longer, and
what vidpipe adds weighs less). The plain script calls each stage's worker on the same engine and
keeps the rows in memory: no lake, no attempts, no claims, no Dagster, no PostgreSQL. The run is
timed after start-up, until the last date is published and checked. Rounds take turns, so that other
work on the machine slows both alike.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import DagsterInstance

from vidpipe.automation.pending_ingest import ingest_pending
from vidpipe.cli.environment import prepare_environment
from vidpipe.definitions import build_defs
from vidpipe.demo.world import UPLOADS, render_world
from vidpipe.media.texts import description_text, ocr_text, text_sha256
from vidpipe.pipeline.contract import Item, Row, Stage
from vidpipe.pipeline.stages import Pipeline
from vidpipe.resources import Stores
from vidpipe.settings import load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.discovery import look_at_all_uploads
from vidpipe.uploads.registry import registered_uploads


def run(clips: int = 60, rounds: int = 2) -> dict[str, Any]:
    """Seconds of both, and their ratio (median over the rounds)."""
    with tempfile.TemporaryDirectory() as folder:
        render_world(Path(folder) / "world", seed=1, videos=clips)
        uploads = Path(folder) / "world" / UPLOADS
        measured = []
        for number in range(rounds):
            with installation(Path(folder) / f"home{number}", uploads):
                plain = plain_script(Stores().pipeline)
            with installation(Path(folder) / f"home{number}", uploads):
                measured.append((whole_run(), plain))
    return {
        "clips": clips,
        "run_s": round(statistics.median(whole for whole, _ in measured), 1),
        "plain_script_s": round(statistics.median(plain for _, plain in measured), 1),
        "run_to_plain_ratio": round(statistics.median(w / p for w, p in measured), 3),
        "bar": 1.15,
    }


@contextmanager
def installation(home: Path, uploads: Path) -> Iterator[None]:
    """An installation of its own in this process's environment; its server stops afterwards."""
    before = dict(os.environ)
    os.environ["VIDPIPE_HOME"] = str(home)
    try:
        prepare_environment(uploads=str(uploads), demo_models=True)
        settings = load_settings()
        upgrade(settings)
        with connect(settings, autocommit=True) as connection:
            look_at_all_uploads(connection, settings)
        yield
    finally:
        embedded_server.stop(home)
        os.environ.clear()
        os.environ.update(before)


def whole_run() -> float:
    """Seconds that `vidpipe run` takes after start-up."""
    with DagsterInstance.get() as instance:
        started = time.perf_counter()
        stores = Stores(progress=lambda *_: None)
        ingest = build_defs(stores).resolve_job_def("ingest")
        summary = ingest_pending(ingest, instance, stores)
    if not summary.ok:
        raise RuntimeError(f"the run failed: {summary.errors}")
    return time.perf_counter() - started


def plain_script(pipeline: Pipeline) -> float:
    """Seconds that the bare stage functions take for the same uploads."""
    with connect(pipeline.settings, autocommit=True) as connection:
        uploads = registered_uploads.items(connection, registered_uploads.ingest_dates(connection))
    started = time.perf_counter()
    read = compute(pipeline, pipeline.raw_videos, uploads)
    contents = {row["content_sha256"]: row for row in read if row["status"] != "failed"}
    keyframes = compute(
        pipeline,
        pipeline.keyframes,
        [
            {key: row[key] for key in ("content_sha256", "upload_id", "fingerprint")}
            for row in contents.values()
        ],
    )
    frames = {
        frame["keyframe_sha256"]: {
            "keyframe_sha256": frame["keyframe_sha256"],
            "image_uri": frame["image_uri"],
        }
        for row in keyframes
        for frame in row["frames"] or []
    }
    lines = {
        row["keyframe_sha256"]: [line["text"] for line in row["lines"] if line["accepted"]]
        for row in compute(pipeline, pipeline.ocr_text, list(frames.values()))
    }
    texts = {
        description_text(row["metadata"]["description"], row["metadata"]["hashtags"])
        for row in contents.values()
    } | {
        ocr_text(text for frame in row["frames"] or [] for text in lines[frame["keyframe_sha256"]])
        for row in keyframes
    }
    compute(
        pipeline,
        pipeline.clip_embeddings,
        [
            {"kind": "image", "input_sha256": name, "image_uri": frame["image_uri"], "text": None}
            for name, frame in frames.items()
        ]
        + [
            {"kind": "text", "input_sha256": text_sha256(text), "image_uri": None, "text": text}
            for text in texts
            if text
        ],
    )
    return time.perf_counter() - started


def compute(pipeline: Pipeline, stage: Stage, items: list[Item]) -> list[Row]:
    """A stage's rows, computed by its worker on the pipeline's engine and nothing else."""
    size = stage.batch_size
    batches = (items[start : start + size] for start in range(0, len(items), size))
    rows: list[Row] = []
    for outcome in pipeline.engine.run(
        stage.worker, batches, workers=stage.workers, timeout_s=stage.load_timeout_s * 10
    ):
        if outcome.rows is None:
            raise RuntimeError(f"{stage.name}: {outcome.error}")
        rows += outcome.rows
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.clips, arguments.rounds), indent=2))
