"""How adding videos to the reused-footage comparison grows with what is there already.

    python -m benchmarks.reuse_scale [--videos 2000 20000] [--added 200]

Of each size a corpus of unrelated half-minute videos is indexed, spread over dates, and a date of
new ones is added, of which a tenth are noisy copies of earlier ones. One worker process looks for
candidates and compares. Codes are made of those of demo footage: each of the 16 words of a video's
codes is that of another origin, through all samples, which stand in another order, and a mask turns
some bits over. So two videos are unrelated, but words are as common as in footage: `clumping` tells
how many times more often two videos share a word than with evenly spread ones (3.3 for hashes and
15 for keypoints of real clips).
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reuse_lab.gathering import demo_files
from vidpipe.media.footage_print.thumbnails import pack_thumbnails, unpack_thumbnails
from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.candidates.index import Stored
from vidpipe.reuse.candidates.segment import HASHES, KEYPOINTS, keypoint_codes, stored_hashes
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.footage import footage_of_print
from vidpipe.reuse.worker import ComparisonWorker

SEED, ORIGINS = 4242, 24
VIEWS, SAMPLES, RATE_HZ = 6, 120, 4.0
FRAMES, POINTS = 5, 110
WORDS = 16
DAYS = 120
NEWEST = date(2026, 11, 2)
TURNED_HASHES, TURNED_POINTS, NOISE = 0.125, 0.025, 0.06
"""Chances that a bit is turned over: of a video's masks, and between a copy and its source."""
VIEW_NAMES = ("full", "centre_90", "centre_80", "centre_70", "centre_60", "whole")
COPIES = 0.1
BAR_RATIO, BAR_MIB = 4.0, 2048

Print = dict[str, Any]
Codes = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True)
class Origins:
    """Codes of real footage, repeated or cut to one length.

    Attributes:
        hashes: shape (videos, VIEWS, SAMPLES, 32).
        descriptors: shape (videos, FRAMES * POINTS, 32).
        prints: the prints, of SAMPLES samples each.
    """

    hashes: Codes
    descriptors: Codes
    prints: list[Print]


@dataclass(frozen=True)
class Corpus:
    """Made-up prints by content, each made again whenever it is asked for.

    Attributes:
        origins: what they are made of.
        videos: number of earlier contents.
        added: number of new ones.
    """

    origins: Origins
    videos: int
    added: int

    @property
    def earlier(self) -> list[str]:
        """Names of the contents that are there already."""
        return [f"{number:06}" for number in range(self.videos)]

    @property
    def new(self) -> list[str]:
        """Names of the contents that are added."""
        return [f"{self.videos + number:06}" for number in range(self.added)]

    def source(self, content: str) -> str | None:
        """The earlier content that a new one is a copy of; None if it is footage of its own."""
        place = int(content) - self.videos
        if not 0 <= place < round(COPIES * self.added):
            return None
        return self.earlier[(place * 7919) % self.videos]

    def stored(self) -> list[Stored]:
        """Earlier contents."""
        return [
            Stored(content, NEWEST - timedelta(days=1 + int(content) % DAYS), "1")
            for content in self.earlier
        ]

    def stored_with_new(self) -> list[Stored]:
        """All contents, the new ones on the newest date."""
        return [*self.stored(), *(Stored(content, NEWEST, "1") for content in self.new)]

    def read(self, contents: Sequence[str]) -> Iterator[tuple[str, Print]]:
        """The prints of contents."""
        for content in contents:
            source = self.source(content)
            hashes, descriptors = self._codes(int(source or content))
            if source is not None:
                rng = np.random.default_rng([SEED, int(content)])
                hashes = hashes ^ _mask(rng, hashes.shape, NOISE)
                descriptors = descriptors ^ _mask(rng, descriptors.shape, NOISE)
            like = self.origins.prints[int(source or content) % len(self.origins.prints)]
            yield content, _with_codes(like, hashes, descriptors)

    def _codes(self, number: int) -> tuple[Codes, Codes]:
        """Hashes, shape (VIEWS, SAMPLES, 32), and descriptors, shape (FRAMES * POINTS, 32)."""
        rng = np.random.default_rng([SEED, number])
        hashes = self.origins.hashes.view(np.uint16)
        descriptors = self.origins.descriptors.view(np.uint16)
        order = np.roll(np.arange(SAMPLES), int(rng.integers(SAMPLES)))[:: rng.choice([-1, 1])]
        points = rng.permutation(FRAMES * POINTS)
        drawn = rng.integers(len(hashes), size=WORDS)
        words = np.stack([hashes[one, :, order, k] for k, one in enumerate(drawn)], axis=-1)
        patches = np.stack([descriptors[one, points, k] for k, one in enumerate(drawn)], axis=-1)
        by_view = np.ascontiguousarray(words.swapaxes(0, 1)).view(np.uint8)
        return (
            by_view ^ _mask(rng, (1, 32), TURNED_HASHES),
            patches.view(np.uint8) ^ _mask(rng, (1, 32), TURNED_POINTS),
        )


def _with_codes(like: Print, hashes: Codes, descriptors: Codes) -> Print:
    frames = descriptors.reshape(FRAMES, POINTS, 32)
    return like | {
        "views": [
            view | {"hashes": codes.tobytes()}
            for view, codes in zip(like["views"], hashes, strict=True)
        ],
        "keyframes": [
            frame | {"descriptors": codes.tobytes()}
            for frame, codes in zip(like["keyframes"], frames, strict=True)
        ],
    }


def _mask(rng: np.random.Generator, shape: tuple[int, ...], chance: float) -> Codes:
    return np.packbits(rng.random((*shape[:-1], shape[-1] * 8)) < chance, axis=-1)


def origins(folder: Path) -> Origins:
    """What corpora are made of: demo footage, which is rendered in minutes."""
    files = [path for path, _ in demo_files(folder, SEED, 2 * ORIGINS)][:ORIGINS]
    prints = [asdict(summarise(path, Limits(), SummaryOptions()).footage_print) for path in files]
    return origins_of([_of_one_length(value) for value in prints])


def origins_of(prints: list[Print]) -> Origins:
    """The codes of prints of one length."""
    hashes = [
        [np.frombuffer(view["hashes"], np.uint8).reshape(-1, 32) for view in value["views"]]
        for value in prints
    ]
    descriptors = [
        np.concatenate([np.frombuffer(one["descriptors"], np.uint8) for one in value["keyframes"]])
        for value in prints
    ]
    return Origins(np.array(hashes), np.array(descriptors).reshape(len(prints), -1, 32), prints)


def _of_one_length(value: Print) -> Print:
    """A print of SAMPLES samples in VIEWS views, and FRAMES keyframes with POINTS points."""
    chosen = np.arange(SAMPLES) % len(value["timestamps_s"])
    points = np.concatenate(
        [np.frombuffer(one["points"], np.uint8).reshape(-1, 4) for one in value["keyframes"]]
    )
    descriptors = np.concatenate(
        [np.frombuffer(one["descriptors"], np.uint8).reshape(-1, 32) for one in value["keyframes"]]
    )
    views = [value["views"][number % len(value["views"])] for number in range(VIEWS)]
    parts = np.arange(FRAMES * POINTS).reshape(FRAMES, POINTS) % len(points)
    return value | {
        "timestamps_s": [number / RATE_HZ for number in range(SAMPLES)],
        "end_s": SAMPLES / RATE_HZ,
        "quality": _repeated(value["quality"], 1, chosen),
        "is_low_information": _repeated(value["is_low_information"], 1, chosen),
        "views": [
            view | {"name": name, "hashes": _repeated(view["hashes"], 32, chosen)}
            for name, view in zip(VIEW_NAMES, views, strict=True)
        ],
        "thumbnails": pack_thumbnails(unpack_thumbnails(value["thumbnails"])[chosen]),
        "keyframes": [
            {
                "timestamp_s": 6.0 * number,
                "points": points[part].tobytes(),
                "descriptors": descriptors[part].tobytes(),
            }
            for number, part in enumerate(parts)
        ],
    }


def _repeated(packed: bytes, width: int, chosen: np.ndarray[Any, Any]) -> bytes:
    return bytes(np.frombuffer(packed, np.uint8).reshape(-1, width)[chosen].tobytes())


def clumping(corpus: Corpus, kind: str) -> float:
    """How many times more often two of 400 contents share a word than evenly spread ones would."""
    asked = stored_hashes if kind == HASHES else lambda one: keypoint_codes(one).codes
    few = corpus.earlier[:400]
    codes = [asked(footage_of_print(*one)) for one in corpus.read(few)]
    owners = np.repeat(np.arange(len(codes)), [len(one) for one in codes])
    words = np.concatenate(codes).view(np.uint16)
    own = sum(len(one) ** 2 for one in codes)
    shared = 0
    for column in words.T:
        of_all = np.bincount(column, minlength=2**16).astype(np.float64)
        _, of_each = np.unique(owners * 2**16 + column, return_counts=True)
        shared += (of_all**2).sum() - (of_each.astype(np.float64) ** 2).sum()
    return float(shared / (WORDS * (len(words) ** 2 - own) / 2**16))


def run(videos: Sequence[int] = (2000, 20000), added: int = 200) -> dict[str, Any]:
    """Figures by size, and the ratio of the seconds that adding takes, the largest by the smallest.

    Minutes for each 10,000 videos.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        made_of = origins(folder)
        sizes = {
            size: measured(Corpus(made_of, size, added), folder / str(size))
            for size in sorted(videos)
        }
    first, *_, last = (one["adding"]["seconds"] for one in [*sizes.values()] * 2)
    return {
        "sizes": sizes,
        "clumping": {
            kind: round(clumping(Corpus(made_of, 400, 0), kind), 1) for kind in (HASHES, KEYPOINTS)
        },
        "adding_ratio": round(last / first, 2),
        "bars": {"adding_ratio": BAR_RATIO, "rss_mib": BAR_MIB},
    }


def measured(corpus: Corpus, folder: Path) -> dict[str, Any]:
    """What building and adding takes in one corpus."""
    began = time.perf_counter()
    FootageIndex.synchronised(folder, corpus.stored(), corpus.read)
    built_s = time.perf_counter() - began
    began = time.perf_counter()
    index = FootageIndex.synchronised(folder, corpus.stored_with_new(), corpus.read)
    indexed_s = time.perf_counter() - began
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        found = pool.apply(_add, [corpus, str(folder), index.names])
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {
        "build_s": round(built_s, 1),
        "bytes_a_video": round(size / (corpus.videos + corpus.added)),
        "segments": len(index.names),
        "index_new_s": round(indexed_s, 1),
        "adding": found,
    }


def _add(corpus: Corpus, folder: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Compares the new contents, in a process of its own."""
    worker = ComparisonWorker(
        folder=folder,
        segments=names,
        earlier=frozenset(corpus.earlier),
        wave=frozenset(corpus.new),
        versions=tuple((content, "1") for content in corpus.new),
        odds=Odds(pairs=corpus.videos * corpus.added),
    )
    began, used = time.perf_counter(), time.process_time()
    compare_batch = worker.open()
    anonymous, pairs, found, strangers = 0.0, 0, 0, 0
    for content in corpus.new:
        [row] = compare_batch([{"content_sha256": content}])
        pairs += row["pairs"]
        copies = {match.b for match in row["matches"] if match.verdict.is_copy}
        source = corpus.source(content)
        found += source in copies
        strangers += len(copies - {source})
        anonymous = max(anonymous, _memory_mib()["RssAnon"])
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "processor_s": round(time.process_time() - used, 2),
        "pairs": pairs,
        "copies": sum(corpus.source(content) is not None for content in corpus.new),
        "copies_found": found,
        "strangers_found": strangers,
        "rss_mib": round(_memory_mib()["VmHWM"]),
        "rss_anon_mib": round(anonymous),
    }


def _memory_mib() -> dict[str, float]:
    """Memory of this process by the names of the kernel (MiB)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    told = (line.split() for line in lines)
    return {words[0][:-1]: int(words[1]) / 1024 for words in told if words[-1] == "kB"}


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--videos", type=int, nargs="+", default=[2000, 20000])
    parser.add_argument("--added", type=int, default=200)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.videos, arguments.added), indent=1))


if __name__ == "__main__":
    main()
