"""How well reused footage of whole demo worlds is found: precision and recall of pairs.

    vidpipe demo-world --out /tmp/world --seed 7101 --videos 150
    python -m benchmarks.reuse_worlds /tmp/world ...

Every upload is printed, looked up in an index of all of them and compared, as a run does it. A pair
is true where both videos show footage of one original. `within_10_min` counts true pairs of
different accounts that were posted within ten minutes of each other.
"""

import argparse
import json
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2

from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.candidates.index import Stored
from vidpipe.reuse.common_segments import without_common
from vidpipe.reuse.comparison import compare
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.matches import Match

TEN_MINUTES_S = 600


def world_figures(folder: Path, workers: int) -> dict[str, Any]:
    """Precision and recall of the pairs of one world."""
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    videos = truth["videos"]
    paths = [folder / "uploads" / video["path"] for video in videos]
    contents = [sha256(path.read_bytes()).hexdigest() for path in paths]
    began = time.perf_counter()
    with ProcessPoolExecutor(workers, get_context("spawn"), cv2.setNumThreads, (1,)) as pool:
        prints = dict(zip(contents, pool.map(_print, map(str, paths)), strict=True))
    found = _found(prints)
    originals = [video["copy_of"] or video["video_id"] for video in videos]
    posted = [datetime.fromisoformat(video["posted_at"]) for video in videos]
    true, right, wrong, near, near_found = 0, 0, [], 0, 0
    missed = []
    for one, other in combinations(range(len(videos)), 2):
        pair = frozenset((contents[one], contents[other]))
        is_found = len(pair) == 1 or (pair in found and found[pair].verdict.is_copy)
        is_true = originals[one] == originals[other]
        names = (videos[one]["path"], videos[other]["path"])
        true += is_true
        right += is_true and is_found
        if is_found and not is_true:
            wrong.append(names)
        if is_true and not is_found:
            missed.append((*names, found[pair].verdict.value if pair in found else None))
        apart_s = abs((posted[one] - posted[other]).total_seconds())
        if (
            is_true
            and apart_s <= TEN_MINUTES_S
            and (videos[one]["account"] != videos[other]["account"])
        ):
            near += 1
            near_found += is_found
    return {
        "seed": truth["seed"],
        "videos": len(videos),
        "true_pairs": true,
        "precision": round(right / max(1, right + len(wrong)), 4),
        "recall": round(right / max(1, true), 4),
        "within_10_min": f"{near_found} of {near}",
        "wrong": wrong,
        "missed": missed,
        "seconds": round(time.perf_counter() - began, 1),
    }


def _print(path: str) -> dict[str, Any]:
    return asdict(summarise(path, Limits(), SummaryOptions()).footage_print)


def _found(prints: dict[str, dict[str, Any]]) -> dict[frozenset[str], Match]:
    with tempfile.TemporaryDirectory() as folder:
        index = FootageIndex.synchronised(
            Path(folder),
            [Stored(content, date(2026, 1, 1), "") for content in prints],
            lambda names: ((name, prints[name]) for name in names),
        )
        odds = Odds(pairs=len(prints) * (len(prints) - 1) / 2)
        matches = []
        for content in prints:
            footage = index.footage(content)
            if footage.is_too_short:
                continue
            for candidate in index.candidates(footage):
                if candidate.content < content:
                    match = compare(footage, index.footage(candidate.content), odds)
                    matches += [match] if match else []
    return {frozenset((match.a, match.b)): match for match in without_common(matches)}


def main() -> None:
    """Prints the figures of each world."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reuse_worlds")
    parser.add_argument("folders", type=Path, nargs="+", help="demo worlds with truth.json")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    for folder in arguments.folders:
        print(json.dumps(world_figures(folder, arguments.workers), indent=1))


if __name__ == "__main__":
    main()
