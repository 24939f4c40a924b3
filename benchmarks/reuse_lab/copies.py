"""Edited copies of sources.

Belongs here: which sources get which edit, which other footage they are mixed with.
Does not: editing (vidpipe.reuse.editing).
"""

from collections.abc import Sequence
from functools import partial
from zlib import crc32

import numpy as np

from benchmarks.reuse_lab.shelf import EDITS, Entry, Shelf, Task
from vidpipe.reuse.editing.catalogue import CATALOGUE, draw
from vidpipe.reuse.editing.copying import write_copy


def copy_tasks(
    shelf: Shelf, sources: Sequence[Entry], edits: Sequence[str], each: int, seed: int
) -> dict[str, Task]:
    """Tasks by the name of the entry that they make.

    Args:
        shelf: where the sources lie.
        sources: what may be copied.
        edits: names of the catalogue.
        each: how many sources an edit, drawn at random from those that it makes sense of.
        seed: another seed draws other sources and amounts.
    """
    shapes = {source.name: _shape(shelf, source) for source in sources}
    tasks: dict[str, Task] = {}
    for edit in edits:
        rng = _rng(seed, edit)
        kind = CATALOGUE.get(edit)
        fitting = [one for one in sources if kind is None or kind.fits(*shapes[one.name])]
        for index in rng.permutation(len(fitting))[:each]:
            source = fitting[int(index)]
            name = f"{EDITS}/{edit}/{source.name.rpartition('/')[2]}"
            tasks[name] = partial(_write, name, edit, source, tuple(sources), seed)
    return tasks


def _write(
    name: str, edit_name: str, source: Entry, sources: tuple[Entry, ...], seed: int, shelf: Shelf
) -> None:
    rng = _rng(seed, name)
    edit = draw(edit_name, rng)
    strangers = [one for one in sources if one.is_stranger_of(source)]
    order = rng.permutation(len(strangers))[: edit.other_footage]
    others = [strangers[int(index)] for index in order]
    truth = write_copy(
        shelf.video(source.name),
        shelf.video(name),
        edit,
        others=[shelf.video(one.name) for one in others],
    )
    families = (*source.families, *(family for one in others for family in one.families))
    shelf.keep(Entry(name, families, source.name, truth))


def _shape(shelf: Shelf, entry: Entry) -> tuple[int, int]:
    kept = shelf.print_of(entry.name)
    return int(kept["width_px"]), int(kept["height_px"])


def _rng(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode())])
