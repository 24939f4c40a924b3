"""Making a laboratory, or what is still missing of it.

Belongs here: the order, the processes. Does not: what each entry is.
"""

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2

from benchmarks.reuse_lab.copies import copy_tasks
from benchmarks.reuse_lab.gathering import Piece, demo_files, piece_task, pieces, real_files
from benchmarks.reuse_lab.shelf import CLIPS, SOURCES, Shelf, Task
from benchmarks.reuse_lab.strangers import intro_tasks, slide_tasks, still_tasks, template_tasks
from vidpipe.reuse.editing.catalogue import EDIT_NAMES

CLIP_S = (4.0, 6.0)
CLIP_LONG_SIDE_PX = 480
PIECES_A_SOURCE_FILE = 4


@dataclass(frozen=True)
class Order:
    """How large a laboratory shall be.

    Attributes:
        folder: where it stands.
        videos: an uploads folder of real clips; None for none.
        demo_seeds, demo_videos: demo worlds, and how many videos each has.
        sources: the most sources; real ones come first.
        edits: names of the catalogue.
        each: sources an edit.
        clips: short pieces of demo footage for sets of strangers, besides the sources.
        templates: clips that wear every template.
        intros, stills, slides: videos of these sets.
        seed: of everything.
        workers: processes.
    """

    folder: Path
    videos: Path | None
    demo_seeds: tuple[int, ...]
    demo_videos: int = 40
    sources: int = 60
    edits: tuple[str, ...] = EDIT_NAMES
    each: int = 40
    clips: int = 0
    templates: int = 0
    intros: int = 0
    stills: int = 0
    slides: int = 0
    seed: int = 1
    workers: int = 2


def make(order: Order) -> None:
    """Makes what an order asks for and is not there yet."""
    shelf = Shelf(order.folder)
    real = real_files(order.videos) if order.videos else []
    demo = [
        file
        for seed in order.demo_seeds
        for file in demo_files(order.folder, seed, order.demo_videos)
    ]
    wanted = pieces([*real, *demo], order.seed, most=PIECES_A_SOURCE_FILE)
    wanted.sort(key=lambda piece: (piece.number > 0 and piece.family.startswith("w"), piece.name))
    _make_pieces(shelf, order, wanted, SOURCES, order.sources)
    sources = shelf.entries(SOURCES)
    _run(shelf, order, copy_tasks(shelf, sources, order.edits, order.each, order.seed))
    if order.clips:
        short = pieces(demo, order.seed + 1, CLIP_S, most=20)
        _make_pieces(shelf, order, short, CLIPS, order.clips)
    strangers = shelf.entries(CLIPS) or sources
    tasks: dict[str, Task] = {}
    tasks |= template_tasks(strangers[: order.templates])
    tasks |= intro_tasks(strangers[: order.intros], sources[0])
    tasks |= still_tasks(strangers, order.stills, order.seed)
    tasks |= slide_tasks(strangers, order.slides, order.seed)
    _run(shelf, order, tasks)


def _make_pieces(shelf: Shelf, order: Order, wanted: list[Piece], group: str, most: int) -> None:
    """Makes pieces until there are enough: some turn out to have nothing to compare."""
    side = CLIP_LONG_SIDE_PX if group == CLIPS else 640
    while wanted and (missing := most - len(shelf.entries(group))) > 0:
        batch, wanted = wanted[:missing], wanted[missing:]
        _run(
            shelf,
            order,
            {f"{group}/{piece.name}": piece_task(piece, group, side) for piece in batch},
        )


def _run(shelf: Shelf, order: Order, tasks: Mapping[str, Task]) -> None:
    missing = [task for name, task in tasks.items() if not shelf.has(name)]
    if not missing:
        return
    began = time.monotonic()
    with ProcessPoolExecutor(
        order.workers, get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        futures = [pool.submit(task, shelf) for task in missing]
        for count, future in enumerate(as_completed(futures), 1):
            future.result()
            if count % 50 == 0 or count == len(futures):
                passed_s = time.monotonic() - began
                print(f"{count} of {len(futures)} in {passed_s:.0f} s", file=sys.stderr)


def print_again(folder: Path, workers: int) -> None:
    """Makes every footage print anew, from the files."""
    shelf = Shelf(folder)
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        list(pool.map(shelf.print_again, [entry.name for entry in shelf.entries()], chunksize=8))
