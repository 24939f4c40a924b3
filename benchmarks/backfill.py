"""A backfill of everything: 400 dates with uploads in six years, when nothing is new.

    python -m benchmarks.backfill [--dates 400]

The uploads share two tiny clips, so that taking them in is quick. Then `vidpipe up` runs, and the
backfill is asked for as the UI asks: all partitions of the five daily assets. What is counted are
its runs, the events that Dagster writes before the work (planned ones), and the state at the end.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.whole_run import installation
from vidpipe.settings import load_settings
from vidpipe.stores.database import dagster_database_url
from vidpipe_tests.clips import COLOURS, tiny_clip
from vidpipe_tests.installation import age

ASSETS = ("raw_videos", "keyframes", "ocr_text", "clip_embeddings", "pgvector_index")
FIRST_DATE = date(2020, 1, 1)
YEARS = 6
PATIENCE_S = 900
ASK = """
mutation Ask($assets: [AssetKeyInput!]) {
  launchPartitionBackfill(backfillParams: {assetSelection: $assets, allPartitions: true}) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
LOOK = """
query Look($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status runs(limit: 100) { id startTime endTime } }
  }
}
"""


def run(dates: int = 400) -> dict[str, Any]:
    """Seconds, runs, planned events a date and the state at the end."""
    with tempfile.TemporaryDirectory() as folder:
        uploads = Path(folder) / "uploads"
        write_uploads(uploads, dates)
        with installation(Path(folder) / "home", uploads):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-m", "vidpipe", "run", "--json"], check=True)
            first_run_s = time.perf_counter() - started
            with user_interface() as ask:
                started = time.perf_counter()
                backfill, state = backfill_everything(ask)
                seconds = time.perf_counter() - started
            planned = planned_events([one["id"] for one in state["runs"]])
    return {
        "dates": dates,
        "first_run_s": round(first_run_s, 1),
        "backfill": backfill,
        "backfill_s": round(seconds, 1),
        "run_s": [round(one["endTime"] - one["startTime"], 1) for one in state["runs"]],
        "state": state["status"],
        "runs": len(state["runs"]),
        "planned_events_a_date": round(sum(planned.values()) / dates, 3),
        **planned,
        "bar": "1 run, at most 5 planned events a date, success within 120 s",
    }


def write_uploads(uploads: Path, dates: int) -> None:
    """One upload a date, spread over six years; two clips in all."""
    clips = [
        tiny_clip(uploads.parent / f"{number}.mp4", colours=COLOURS[:2], seed=number)
        for number in range(2)
    ]
    for number in range(dates):
        day = FIRST_DATE + timedelta(days=number * 365 * YEARS // dates)
        upload = uploads / f"{day}" / "account" / f"{number}.mp4"
        upload.parent.mkdir(parents=True)
        os.link(clips[number % 2], upload)
        age(upload)


@contextmanager
def user_interface() -> Iterator[Any]:
    """`vidpipe up` in a process of its own; yields a function that asks its GraphQL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "vidpipe", "up", "--port", str(port)], start_new_session=True
    )

    def ask(query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        if "errors" in found:
            raise RuntimeError(found["errors"])
        data: dict[str, Any] = found["data"]
        return data

    try:
        _wait_until(lambda: _answers(ask))
        yield ask
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _answers(ask: Any) -> bool:
    try:
        return bool(ask("{ assetNodes { id } }")["assetNodes"])
    except OSError:
        return False


def backfill_everything(ask: Any) -> tuple[str, dict[str, Any]]:
    """Asks for all partitions of the daily assets; its id, and its state when it has ended."""
    answer = ask(ASK, assets=[{"path": [name]} for name in ASSETS])["launchPartitionBackfill"]
    backfill = answer["backfillId"]
    state: dict[str, Any] = {}

    def ended() -> bool:
        state.update(ask(LOOK, id=backfill)["partitionBackfillOrError"])
        return state["status"] not in ("REQUESTED", "FAILING", "CANCELING", "COMPLETING")

    _wait_until(ended)
    return backfill, state


def planned_events(runs: list[str]) -> dict[str, int]:
    """Events of each kind that Dagster wrote before the work of these runs."""
    with psycopg.connect(dagster_database_url(load_settings())) as connection:
        rows = connection.execute(
            "select dagster_event_type, count(*) from event_logs"
            " where run_id = any(%s) and dagster_event_type like '%%PLANNED' group by 1",
            [runs],
        ).fetchall()
    return dict(rows)


def _wait_until(holds: Any) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"nothing came of it within {PATIENCE_S} s")
        time.sleep(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--dates", type=int, default=400)
    print(json.dumps(run(parser.parse_args().dates), indent=2))
