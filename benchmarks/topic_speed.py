"""How long topics take and what memory, against BERTopic by its defaults, on sampled videos.

    python -m benchmarks.topic_speed [--seeds 101 102 103] [--folder FOLDER]

Corpora are sampled from indexed demo worlds (each subject as often, frames of a drawn video with
noise added), loaded into a scratch database, and measured in processes of their own:

* `fit_ratio`: one global fit ÷ a warm `BERTopic().fit_transform` of the same words and vectors;
  both adjusted Rand indexes against the subjects, numbers of topics and shares left out.
* `asset_ratio`: the whole run without its report (reading, global and account topics, writing) ÷
  the same, warm, too. `peak_gb` is the most memory that its process held (resident).
* `report`: of that run, with pictures: seconds, size, and seconds until it is interactive in
  headless Chromium, where there is one.
* `large_ratio`: the whole run without its report of the large corpus ÷ that of the small one.
"""

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import psycopg
from sklearn.metrics import adjusted_rand_score

from benchmarks.load import fresh_database
from benchmarks.search_quality import index, vidpipe
from benchmarks.topic_worlds import (
    WEEK,
    content_sha256,
    known_videos,
    publish_videos,
    sampled,
    scratch_server,
)
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics import run as topic_run
from vidpipe.topics.corpus import Corpus, read_corpus
from vidpipe.topics.fit import TopicSettings, find_topics
from vidpipe.topics.report.writing import write_report
from vidpipe.topics.space import Labels
from vidpipe_tests.browser import executable, opened, started
from vidpipe_tests.topics.report.reports import READY

VIDEOS = 300  # of a world
SEEDS = (101,)
SMALL = (7_500, 200)  # videos and accounts
LARGE = (100_000, 2_000)
WARM_UPS = 1


def run(seeds: Sequence[int] = SEEDS, folder: Path | None = None) -> dict[str, Any]:
    """All figures; a `folder` keeps the worlds and their indexes."""
    with TemporaryDirectory() as own, scratch_server() as (server, home):
        homes = [(folder or Path(own)) / f"world-{seed}-{VIDEOS}" for seed in seeds]
        for seed, world in zip(seeds, homes, strict=True):
            index(world, VIDEOS, seed)
        known = known_videos(homes)
        for world in homes:
            vidpipe(world, "down")
            link_pictures(world / "media", home / "media")
        figures: dict[str, Any] = {}
        for size in (SMALL, LARGE):
            videos = sampled(known, *size)
            with fresh_database(server, home) as settings:
                publish_videos(settings, videos, [WEEK] * len(videos))
                name = f"{size[0]} videos, {size[1]} accounts"
                figures[name] = {
                    "run": apart(whole_run, settings),
                    "report": apart(report, settings),
                }
                if size == SMALL:
                    subjects = {content_sha256(video): video.subject for video in videos}
                    figures[name] |= apart(fits, settings, subjects)
    small, large = figures.values()
    return {
        "fit_ratio": round(small["fit"]["seconds"] / small["bertopic"]["seconds"], 3),
        "asset_ratio": round(small["run"]["seconds"] / small["bertopic"]["seconds"], 3),
        "large_ratio": round(large["run"]["seconds"] / small["run"]["seconds"], 1),
        **figures,
    }


def link_pictures(source: Path, target: Path) -> None:
    """Gives a media folder the files of another."""
    for file in source.rglob("*"):
        if file.is_file():
            link = target / file.relative_to(source)
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to(file)


def apart(measure: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Measures in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


def whole_run(settings: Settings) -> dict[str, Any]:
    """A run without its report, with everything loaded."""
    with (
        patch.object(topic_run, "write_report", return_value=None),
        connect(settings, autocommit=True) as connection,
    ):
        for _ in range(WARM_UPS + 1):
            connection.execute(b"truncate vidpipe.topic_runs cascade")
            started = time.perf_counter()
            made = topic_run.make_run(settings, WEEK)
            seconds = time.perf_counter() - started
    return {
        "seconds": round(seconds, 2),
        "topics": made.topics,
        "account_topics": made.account_topics,
        "peak_gb": peak_gb(),
    }


def report(settings: Settings) -> dict[str, Any]:
    """The report of the current run, as a run writes it; opened in a browser."""
    with connect(settings, autocommit=True) as connection:
        corpus = _corpus(connection)
        positions = find_topics(corpus, TopicSettings()).positions
        media = MediaStore(settings.media)
        [(made,)] = connection.execute(b"select run_no from vidpipe.topic_runs where is_current")
        started = time.perf_counter()
        uri = write_report(connection, media, corpus, positions, run_no=made)
        seconds = time.perf_counter() - started
    file = Path(uri)
    return {
        "seconds": round(seconds, 2),
        "megabytes": round(file.stat().st_size / 1e6, 2),
        "interactive_s": seconds_to_interactive(file) if executable() else None,
        "peak_gb": peak_gb(),
    }


def seconds_to_interactive(file: Path) -> float:
    """From asking for the page until the map and its filters are ready, the browser being warm."""
    with started() as chromium:
        for _ in range(2):
            asked = time.perf_counter()
            with opened(chromium, file, ready=READY):
                seconds = time.perf_counter() - asked
    return round(seconds, 2)


def fits(settings: Settings, subjects: dict[str, str]) -> dict[str, Any]:
    """One global fit, and BERTopic's, each with everything loaded."""
    from bertopic import BERTopic

    with connect(settings) as connection:
        corpus = _corpus(connection)
    of_nobody = replace(
        corpus, posts=tuple(replace(post, account_id=None) for post in corpus.posts)
    )
    truth = [subjects[content] for content in corpus.contents]
    texts = [
        " ".join([post.description or "", *post.hashtags, corpus.read[post.content]])
        for post in corpus.posts
    ]
    order = np.argsort([post.content for post in corpus.posts])

    def ours() -> Labels:
        return find_topics(of_nobody, TopicSettings()).clustering.labels

    def peer() -> Labels:
        topics, _ = BERTopic().fit_transform([texts[row] for row in order], corpus.means)
        return np.array(topics)

    return {"fit": _timed(ours, truth), "bertopic": _timed(peer, truth)}


def peak_gb() -> float:
    """Most memory that this process ever held, in GB (resident)."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2)


def _corpus(connection: psycopg.Connection) -> Corpus:
    with connection.transaction():
        return read_corpus(connection, 1, WEEK)


def _timed(fit: Callable[[], Labels], truth: Sequence[str]) -> dict[str, Any]:
    seconds = []
    for _ in range(WARM_UPS + 1):
        started = time.perf_counter()
        labels = fit()
        seconds.append(time.perf_counter() - started)
    return {
        "seconds": round(seconds[-1], 2),
        "adjusted_rand_index": round(float(adjusted_rand_score(truth, labels)), 4),
        "topics": int(labels.max()) + 1,
        "in_no_topic": round(float((labels < 0).mean()), 4),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--folder", type=Path, help="keep worlds and indexes here")
    options = parser.parse_args()
    print(json.dumps(run(options.seeds, options.folder), indent=2))
