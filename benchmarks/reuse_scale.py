"""How adding videos to the reused-footage comparison grows with what is there already.

    python -m benchmarks.reuse_scale [--videos 2000 20000] [--added 200] [--folder DIR]

Of each size a corpus of unrelated half-minute videos is indexed, spread over dates, and a date of
new ones is added, of which a tenth are noisy copies of earlier ones. One worker process looks for
candidates and compares. Prints are made of those of demo footage: pieces in another order, and one
random mask a video on all of its hashes and descriptors, each bit turned over with a chance of a
quarter. So two videos of one origin are unrelated, but words that are common in real footage stay
common.
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
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.worker import ComparisonWorker

SEED, ORIGINS = 4242, 24
SAMPLES, RATE_HZ = 120, 4.0
DAYS = 120
NEWEST = date(2026, 11, 2)
TURNED, NOISE = 0.25, 0.06
"""Chances that a bit is turned over: of a mask, and between a copy and its source."""
COPIES = 0.1
BAR_RATIO, BAR_MIB = 4.0, 2048
MIB = 2**20

Print = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """Made-up prints by content, each made again whenever it is asked for.

    Attributes:
        origins: prints of real footage, of `SAMPLES` samples each.
        videos: number of earlier contents.
        added: number of new ones.
    """

    origins: list[Print]
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
            made = self._print(int(source or content))
            if source is not None:
                made = _changed(made, np.random.default_rng([SEED, int(content)]), NOISE, None)
            yield content, made

    def _print(self, number: int) -> Print:
        rng = np.random.default_rng([SEED, number])
        origin = self.origins[int(rng.integers(len(self.origins)))]
        mask = _mask(rng, (1, 32), TURNED)
        order = np.roll(np.arange(SAMPLES), int(rng.integers(SAMPLES)))
        order = order[::-1] if rng.random() < 0.5 else order
        pieces = np.array_split(order, 3)
        order = np.concatenate([pieces[int(piece)] for piece in rng.permutation(3)])
        return _changed(origin, rng, 0.0, (mask, order))


def _changed(
    value: Print,
    rng: np.random.Generator,
    noise: float,
    turned: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None,
) -> Print:
    """A print with bits turned over: by a mask, with samples in another order; or at random."""

    def bits(packed: bytes, is_sampled: bool) -> bytes:
        codes = np.frombuffer(packed, np.uint8).reshape(-1, 32)
        if turned is None:
            return bytes((codes ^ _mask(rng, codes.shape, noise)).tobytes())
        mask, order = turned
        turned_over = (codes[order] if is_sampled else codes) ^ mask
        return bytes(turned_over.tobytes())

    return value | {
        "views": [view | {"hashes": bits(view["hashes"], True)} for view in value["views"]],
        "keyframes": [
            frame | {"descriptors": bits(frame["descriptors"], False)}
            for frame in value["keyframes"]
        ],
    }


def _mask(
    rng: np.random.Generator, shape: tuple[int, ...], chance: float
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.packbits(rng.random((*shape[:-1], shape[-1] * 8)) < chance, axis=-1)


def origins(folder: Path) -> list[Print]:
    """Prints of demo footage, repeated or cut to `SAMPLES` samples."""
    files = [path for path, _ in demo_files(folder, SEED, 2 * ORIGINS)][:ORIGINS]
    options = SummaryOptions()
    return [_of_half_a_minute(asdict(summarise(f, Limits(), options).footage_print)) for f in files]


def _of_half_a_minute(value: Print) -> Print:
    chosen = np.arange(SAMPLES) % len(value["timestamps_s"])

    def repeated(packed: bytes, width: int) -> bytes:
        return bytes(np.frombuffer(packed, np.uint8).reshape(-1, width)[chosen].tobytes())

    return value | {
        "timestamps_s": [number / RATE_HZ for number in range(SAMPLES)],
        "end_s": SAMPLES / RATE_HZ,
        "quality": repeated(value["quality"], 1),
        "is_low_information": repeated(value["is_low_information"], 1),
        "views": [view | {"hashes": repeated(view["hashes"], 32)} for view in value["views"]],
        "thumbnails": pack_thumbnails(unpack_thumbnails(value["thumbnails"])[chosen]),
    }


def run(videos: Sequence[int] = (2000, 20000), added: int = 200) -> dict[str, Any]:
    """Figures by size, and the ratio of the seconds that adding takes, the largest by the smallest.

    Minutes for each 10,000 videos.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        prints = origins(folder)
        sizes = {
            size: measured(Corpus(prints, size, added), folder / str(size))
            for size in sorted(videos)
        }
    first, *_, last = (one["adding"]["seconds"] for one in [*sizes.values()] * 2)
    return {
        "sizes": sizes,
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
