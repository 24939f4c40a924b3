"""How well a search finds what a demo world shows: text, image, both, navigation, captions.

    python -m benchmarks.search_quality [--videos 300] [--seeds 101] [--folder FOLDER]

Worlds are rendered by seeds that training did not use, taken through the whole pipeline with the
demo models, and asked their own labelled queries. Figures are of visible queries: a keyframe shows
what they ask for. Whatever has words is measured by all three methods. `nothing_certain` tells, of
questions that calibration did not see, how many right answers are taken for none, and how many
questions without an answer are answered.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.nothing_certain import Verdict, shares, verdicts
from vidpipe.demo.queries import QUERIES
from vidpipe.demo.world import UPLOADS
from vidpipe.search.evaluation import DEPTH, Corpus, Judged, ask, judge, report
from vidpipe.search.labelled_queries import LabelledQuery, read_query_set
from vidpipe.search.searcher import Searcher, open_searcher
from vidpipe.search.term_algebra import METHODS, Method
from vidpipe.settings import load_settings

VIDEOS = 300
SEEDS = (101,)  # the demo takes 7, tests small ones
WITH_WORDS = ("text", "text_image", "navigation")


def run(
    videos: int = VIDEOS, seeds: Sequence[int] = SEEDS, folder: Path | None = None
) -> dict[str, Any]:
    """All figures over all worlds; a `folder` keeps the worlds and their indexes."""
    with TemporaryDirectory() as own:
        judged: list[Judged] = []
        without = []
        by_method: dict[str, list[Judged]] = {method: [] for method in METHODS}
        told: list[Verdict] = []
        for seed in seeds:
            home = (folder or Path(own)) / f"world-{seed}-{videos}"
            index(home, videos, seed)
            queries = read_query_set(home / "world" / QUERIES)
            with open_searcher(load_settings(home=home)) as searcher:
                corpus = Corpus.read(searcher.connection)
                right, nothing = judge(
                    corpus, queries, partial(ask, searcher, folder=home / "world")
                )
                judged += right
                without += nothing
                worded = [query for query in queries if query.kind in WITH_WORDS]
                for method in METHODS:
                    by_method[method] += answered(searcher, corpus, worded, home, method)
                told += verdicts(searcher, corpus, queries, home / "world")
            vidpipe(home, "down")
    return {
        **report(judged, without),
        "by_method": {
            method: report(of_method, [])["by_kind"] for method, of_method in by_method.items()
        },
        "nothing_certain": shares(told),
        "videos": videos,
        "seeds": list(seeds),
    }


def answered(
    searcher: Searcher,
    corpus: Corpus,
    queries: Sequence[LabelledQuery],
    home: Path,
    method: Method,
) -> list[Judged]:
    """Queries answered by one method."""
    judged, _ = judge(
        corpus,
        queries,
        lambda query: [
            row["content_sha256"]
            for row in searcher.find(query.question(home / "world"), k=DEPTH, method=method)
        ],
    )
    return judged


def vidpipe(home: Path, *arguments: str) -> None:
    """A command in an installation of its own; what it prints is no figure."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("VIDPIPE_")}
    subprocess.run(
        [sys.executable, "-m", "vidpipe", *arguments],
        env={**others, "VIDPIPE_HOME": str(home)},
        check=True,
        stdout=sys.stderr,
    )


def index(home: Path, videos: int, seed: int) -> None:
    """Renders a world below `home` and takes it through the pipeline, unless it is there."""
    world = home / "world"
    if not world.exists():
        made = ("--out", str(world), "--seed", str(seed), "--videos", str(videos))
        vidpipe(home, "demo-world", *made)
    vidpipe(home, "run", "--uploads", str(world / UPLOADS), "--demo-models")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=VIDEOS)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--folder", type=Path, help="keep worlds and indexes here")
    options = parser.parse_args()
    print(json.dumps(run(options.videos, options.seeds, options.folder), indent=2))
