"""Where footage comes from: pieces of real clips and of demo worlds.

Belongs here: which files show the same footage, cutting pieces at random that share no frame.
Does not: editing pieces.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.reuse_lab.shelf import Entry, Shelf, Task
from vidpipe.errors import ItemError
from vidpipe.media.limits import Limits
from vidpipe.reuse.editing.copying import write_copy
from vidpipe.reuse.editing.edit import Edit
from vidpipe.reuse.editing.playback import Playback
from vidpipe.reuse.editing.timetable import Trimmed

PIECE_S = (6.0, 12.0)
SHORTEST_PIECE_S = 4.0
GAP_S = 0.3
PIECE_LONG_SIDE_PX = 640
PIECE_CRF = 20.0
LEAST_USABLE = 0.7
"""Pieces of which a smaller share can be compared (black, flat) are no sources."""
NO_FOOTAGE = ("awkward", "signal_tests")
TEST_PATTERNS = ("corrupted",)
SAME_FAMILY = {"truncated_sidecar": "pancake"}
WORLDS = "worlds"


@dataclass(frozen=True)
class Piece:
    """A stretch of a file that shall be footage of the laboratory."""

    path: Path
    family: str
    number: int
    start_s: float
    length_s: float
    duration_s: float

    @property
    def name(self) -> str:
        """Its file's name."""
        return f"{self.family}-{self.number}"


def real_files(uploads: Path) -> list[tuple[Path, str]]:
    """The longest file of each family of a folder of real clips, with the family.

    Names tell families: `chair_grey` is an edit of `chair`.
    """
    longest: dict[str, tuple[float, Path]] = {}
    for path in sorted(uploads.glob("*/*/*")):
        if path.suffix == ".json" or path.parent.name in NO_FOOTAGE or path.stem in TEST_PATTERNS:
            continue
        family = SAME_FAMILY.get(path.stem, path.stem.partition("_")[0])
        duration_s = _duration_s(path)
        if duration_s > longest.get(family, (0.0, path))[0]:
            longest[family] = duration_s, path
    return [(path, family) for family, (_, path) in sorted(longest.items())]


def demo_files(folder: Path, seed: int, videos: int) -> list[tuple[Path, str]]:
    """The originals of a demo world, which is rendered if it is not there."""
    world = folder / WORLDS / str(seed)
    if not world.exists():
        numbers = ["--seed", str(seed), "--videos", str(videos), "--workers", "2"]
        command = [sys.executable, "-m", "vidpipe", "demo-world", "--out", str(world), *numbers]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    truth = json.loads((world / "truth.json").read_text("utf-8"))
    return [
        (world / "uploads" / video["path"], f"w{seed}_{Path(video['path']).stem.split()[-1]}")
        for video in truth["videos"]
        if not video["copy_of"]
    ]


def pieces(
    files: Iterable[tuple[Path, str]],
    seed: int,
    length_s: tuple[float, float] = PIECE_S,
    most: int = 5,
) -> list[Piece]:
    """Disjoint pieces of files, of random lengths at random times.

    Args:
        files: paths with their families.
        seed: another seed cuts elsewhere.
        length_s: shortest and longest piece; a file that is shorter is one piece.
        most: the most pieces of one file.
    """
    cut: list[Piece] = []
    for path, family in files:
        rng = np.random.default_rng([seed, crc32(family.encode())])
        duration_s = _duration_s(path)
        clock = float(rng.uniform(0, 0.3))
        for number in range(most):
            length = min(float(rng.uniform(*length_s)), duration_s - clock)
            if length < min(SHORTEST_PIECE_S, length_s[0]):
                break
            cut.append(Piece(path, family, number, clock, length, duration_s))
            clock += length + GAP_S + float(rng.uniform(0, 1))
    return cut


def piece_task(piece: Piece, group: str, long_side_px: int = PIECE_LONG_SIDE_PX) -> Task:
    """Makes a piece an entry, if there is something to compare in it."""
    return partial(_write_piece, piece, group, long_side_px)


def _write_piece(piece: Piece, group: str, long_side_px: int, shelf: Shelf) -> None:
    name = f"{group}/{piece.name}"
    cut = Trimmed(piece.start_s / piece.duration_s, piece.length_s / piece.duration_s)
    edit = Edit(("piece",), time=(cut,), crf=PIECE_CRF)
    path = shelf.video(name)
    try:
        write_copy(piece.path, path, edit, long_side_px=long_side_px)
    except ItemError as error:
        print(f"left out: {error}", file=sys.stderr)
        return
    shelf.print_again(name)
    footage = shelf.footage(name)
    if footage.is_static or footage.is_usable.mean() < LEAST_USABLE:
        path.unlink()
        return
    shelf.keep(Entry(name, (piece.family,)))


def _duration_s(path: Path) -> float:
    try:
        with Playback(path, Limits()) as playback:
            return playback.duration_s
    except ItemError:
        return 0.0
