"""How well keyframes serve search, and how much of the videos they show: three methods compared.

    python -m benchmarks.summaries [--videos 100] [--seeds 201] [--folder FOLDER]

Belongs here: clear and diverse frames (the default) against uniform middles and I-frames, each with
1, 3, 5 and 8 keyframes a video. Does not: speed (benchmarks.keyframes), a search of a whole
installation (benchmarks.search_quality).

Worlds are rendered by seeds that training did not use. Their videos are summarised by the keyframe
stage's own choosers, embedded by the demo pair, and ranked exactly by their best frame; captions,
which a search finds by words, are not asked for. Search is measured over all queries, those too
whose answer no keyframe shows: that is the summariser's loss. A shot counts as shown when a
keyframe lies in it; `could_show` is the most that one frame of each segment could show.

A difference is that of paired queries or shots, with its 95 % interval; where the interval holds
0, the methods cannot be told apart.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, get_args

import cv2
import numpy as np

from vidpipe.demo.queries import QUERIES
from vidpipe.demo.world import TRUTH, UPLOADS, render_world
from vidpipe.media.decode import VideoReader, reduced_luma
from vidpipe.media.keyframes import chooser
from vidpipe.media.keyframes.segments import Segments
from vidpipe.media.limits import Limits
from vidpipe.media.summarise import Keyframe, SummaryOptions, keep
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair, Vectors
from vidpipe.search.evaluation import BY_LOOKS, DEPTH, Corpus, Judged, judge, report
from vidpipe.search.labelled_queries import LabelledQuery, read_query_set
from vidpipe.search.retrieval_metrics import mean_interval
from vidpipe.search.searcher import terms_of
from vidpipe.search.term_algebra import Vector, combine
from vidpipe.settings import KeyframeMethod, load_settings

VIDEOS = 100
SEEDS = (201,)  # the demo takes 7, search_quality 101, tests small ones
COUNTS = (1, 3, 5, 8)
METHODS: tuple[KeyframeMethod, ...] = get_args(KeyframeMethod)
OURS: KeyframeMethod = "clear_and_diverse"
PROCESSES = 2
MEASURES = ("mrr@5", "map@5")

Way = tuple[KeyframeMethod, int]
WAYS: tuple[Way, ...] = tuple((method, count) for count in COUNTS for method in METHODS)
Summaries = Mapping[Way, Sequence[Keyframe]]


@dataclass(frozen=True)
class World:
    """A rendered world as queries see it.

    Attributes:
        videos: as in its truth.
        contents: digest of the bytes of every video.
        queries: what is asked.
        directions: unit vector of each query.
        summaries: of each content by every method, without pictures.
        vectors: unit vector of each keyframe, by its digest.
    """

    videos: Sequence[dict[str, Any]]
    contents: Mapping[str, str]
    queries: Sequence[LabelledQuery]
    directions: Mapping[str, Vector]
    summaries: Mapping[str, Summaries]
    vectors: Mapping[str, Vector]


@dataclass
class Outcome:
    """What one method with one number of keyframes reached, over all worlds."""

    judged: list[Judged] = field(default_factory=list)
    shown: list[bool] = field(default_factory=list)
    """Whether a keyframe lies in it, for each shot."""
    sharpness: list[float] = field(default_factory=list)
    """Mean over the keyframes of each content."""
    blurred: list[bool] = field(default_factory=list)
    """Whether it is out of focus, for each keyframe."""
    black: list[bool] = field(default_factory=list)
    """Whether it lies before the first shot or after the last, for each keyframe."""


def run(
    videos: int = VIDEOS, seeds: Sequence[int] = SEEDS, folder: Path | None = None
) -> dict[str, Any]:
    """All figures by number of keyframes and method; a `folder` keeps the worlds."""
    image, text = (str(model) for model in demo_pair())
    settings = load_settings(clip_image_model=image, clip_text_model=text)
    pair = ClipPair.from_settings(settings, threads=PROCESSES)
    outcomes = {way: Outcome() for way in WAYS}
    possible: dict[int, list[int]] = {count: [] for count in COUNTS}
    with TemporaryDirectory() as own:
        for seed in seeds:
            home = (folder or Path(own)) / f"world-{seed}-{videos}"
            if not home.exists():
                render_world(home, seed=seed, videos=videos)
            world = read_world(home, pair)
            for way, outcome in outcomes.items():
                add(outcome, world, way)
            for count, most in possible.items():
                most += [could_show(video, count) for video in world.videos]
    shots = len(outcomes[WAYS[0]].shown)
    return {
        "videos": videos,
        "seeds": list(seeds),
        "queries": len(outcomes[WAYS[0]].judged),
        "shots": shots,
        "by_keyframes": {
            count: {
                "could_show": round(sum(possible[count]) / shots, 3),
                **{method: figures(outcomes[method, count]) for method in METHODS},
                **{
                    f"ours_minus_{method}": differences(
                        outcomes[OURS, count], outcomes[method, count]
                    )
                    for method in METHODS
                    if method != OURS
                },
            }
            for count in COUNTS
        },
    }


def read_world(home: Path, pair: ClipPair) -> World:
    """Summarises every content of a rendered world once by every method, and embeds all."""
    videos = json.loads((home / TRUTH).read_text(encoding="utf-8"))["videos"]
    paths = {video["video_id"]: home / UPLOADS / video["path"] for video in videos}
    contents = {video: sha256(path.read_bytes()).hexdigest() for video, path in paths.items()}
    path_of = {content: paths[video] for video, content in contents.items()}
    vectors: dict[str, Vector] = {}
    summaries: dict[str, Summaries] = {}
    with get_context("spawn").Pool(PROCESSES) as pool:
        found = pool.imap(summaries_of, path_of.values())
        for content, by_way in zip(path_of, found, strict=True):
            pictures = {
                keyframe.keyframe_sha256: keyframe.jpeg
                for keyframes in by_way.values()
                for keyframe in keyframes
            }
            embedded = pair.images.embed(list(pictures.values()))
            vectors.update(zip(pictures, embedded, strict=True))
            summaries[content] = {
                way: [replace(keyframe, jpeg=b"") for keyframe in keyframes]
                for way, keyframes in by_way.items()
            }
    queries = [query for query in read_query_set(home / QUERIES) if query.kind in BY_LOOKS]
    directions = {query.id: combine(terms_of(query.question(home), pair)) for query in queries}
    return World(videos, contents, queries, directions, summaries, vectors)


def summaries_of(path: Path) -> dict[Way, list[Keyframe]]:
    """Keyframes of one video by every method; runs in a worker process.

    Decoded once for all of them: twelve calls of `summarise` give the same.
    """
    cv2.setNumThreads(1)
    found: dict[Way, list[Keyframe]] = {way: [] for way in WAYS}
    with VideoReader(path, Limits()) as reader:
        duration_s = reader.timeline.duration_s
        rate = SummaryOptions().candidates_per_second
        choosers = {
            (method, count): chooser(method, Segments(count, duration_s), rate)
            for method, count in WAYS
        }
        for timed in reader:
            asking = [way for way, choice in choosers.items() if choice.wants(timed)]
            if asking:
                luma = reduced_luma(timed.frame)
                for way in asking:
                    keep(choosers[way].offer(timed, luma), reader, found[way])
        for way, choice in choosers.items():
            keep(choice.finish(), reader, found[way])
    return found


def add(outcome: Outcome, world: World, way: Way) -> None:
    """Adds what one way of summarising reaches in a world."""
    keyframes = {content: by_way[way] for content, by_way in world.summaries.items()}
    times = {
        content: tuple(keyframe.timestamp_s for keyframe in chosen)
        for content, chosen in keyframes.items()
    }
    unread = {content: tuple((time_s, "") for time_s in seen) for content, seen in times.items()}
    judged, _ = judge(Corpus(world.contents, unread), world.queries, _Ranking(world, keyframes))
    outcome.judged += judged
    outcome.sharpness += [
        fmean(keyframe.sharpness for keyframe in chosen) for chosen in keyframes.values() if chosen
    ]
    for video in world.videos:
        seen = times[world.contents[video["video_id"]]]
        shots = video["shots"]
        outcome.shown += [any(_holds(shot, time_s) for time_s in seen) for shot in shots]
        blurs = [shot["blur"] for shot in shots if shot["blur"]]
        outcome.blurred += [any(_holds(blur, time_s) for blur in blurs) for time_s in seen]
        outcome.black += [not any(_holds(shot, time_s) for shot in shots) for time_s in seen]


class _Ranking:
    """Contents by their best frame: every frame is compared."""

    def __init__(self, world: World, keyframes: Mapping[str, Sequence[Keyframe]]) -> None:
        self._directions = world.directions
        self._contents = sorted(content for content, chosen in keyframes.items() if chosen)
        counts = [len(keyframes[content]) for content in self._contents]
        self._starts = np.cumsum([0, *counts[:-1]])
        self._frames: Vectors = np.stack(
            [
                world.vectors[keyframe.keyframe_sha256]
                for content in self._contents
                for keyframe in keyframes[content]
            ]
        )

    def __call__(self, query: LabelledQuery) -> list[str]:
        cosines = self._frames @ self._directions[query.id]
        best = np.maximum.reduceat(cosines, self._starts)
        return [self._contents[row] for row in np.argsort(-best, kind="stable")[:DEPTH]]


def _holds(stretch: Mapping[str, float], time_s: float) -> bool:
    return stretch["start_s"] <= time_s < stretch["end_s"]


def could_show(video: Mapping[str, Any], count: int) -> int:
    """The most shots of a video that one frame of each of `count` equal segments could show."""
    segment_s = video["duration_s"] / count
    shots, shown, segment = video["shots"], 0, 0
    for shot in shots:
        segment = max(segment, int(shot["start_s"] / segment_s))
        if segment < count and segment * segment_s < shot["end_s"]:
            shown += 1
            segment += 1
    return shown


def figures(outcome: Outcome) -> dict[str, Any]:
    """Figures of one method with one number of keyframes."""
    reported = report(outcome.judged, [])
    overall = reported["all_queries"]
    return {
        **{name: overall[name] for measure in MEASURES for name in (measure, f"{measure}_95")},
        "mrr@5_by_kind": {
            kind: round(
                fmean(one.figures()["mrr@5"] for one in outcome.judged if one.query.kind == kind), 4
            )
            for kind in BY_LOOKS
        },
        "mrr@5_of_visible": reported["overall"].get("mrr@5"),
        "share_of_shots_shown": round(fmean(outcome.shown), 4),
        "share_of_stretches_shown": round(reported["share_of_stretches_shown"], 4),
        "keyframes": len(outcome.black),
        "share_blurred": round(fmean(outcome.blurred), 4),
        "share_black": round(fmean(outcome.black), 4),
        "sharpness": round(fmean(outcome.sharpness), 1),
    }


def differences(ours: Outcome, other: Outcome) -> dict[str, list[float]]:
    """Mean of each paired difference, and the ends of its 95 % interval."""
    pairs = [
        (one.figures(), another.figures())
        for one, another in zip(ours.judged, other.judged, strict=True)
    ]
    values = {name: [one[name] - another[name] for one, another in pairs] for name in MEASURES}
    values["share_of_shots_shown"] = [
        float(one) - float(another) for one, another in zip(ours.shown, other.shown, strict=True)
    ]
    intervals = {name: mean_interval(differing) for name, differing in values.items()}
    return {
        name: [round(end, 4) for end in (interval.mean, interval.low, interval.high)]
        for name, interval in intervals.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=VIDEOS)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--folder", type=Path, help="keep the worlds here")
    options = parser.parse_args()
    print(json.dumps(run(options.videos, options.seeds, options.folder), indent=2))
