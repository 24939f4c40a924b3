"""One segment of the index: the codes of the contents of some ingest dates, in files.

Belongs here: which codes of a content are kept, and whose each code is.
Does not: which segments there are (vidpipe.reuse.candidates.index).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vidpipe.media.footage_print.pdq import Hashes, mirrored
from vidpipe.reuse.candidates.code_table import CodeTable, Queries
from vidpipe.reuse.footage import Floats, Footage

STORED_EVERY_S, ASKED_EVERY_S = 1.0, 0.5
FEW_PICTURES = 24
"""Of a content with more pictures the index keeps one a second, and two a second are asked for: one
of them stands close in time."""
REPEATED_BITS = 12
"""A sample whose hash differs in fewer bits from the last one kept adds nothing to the index."""
HASH_BITS = 64
KEYPOINT_BITS = 44
INDEXED_POINTS = 60
"""Keypoints of a keyframe that are looked up: those that stand first, spread over the picture."""

HASHES, KEYPOINTS = "hashes", "keypoints"
CONTENTS = "contents.json"


@dataclass(frozen=True, eq=False)
class Codes:
    """Codes of one content.

    Attributes:
        codes: shape (n, 32).
        worth: what a hit of each counts, shape (n,).
        picture: number of the sample or keyframe point, shape (n,): hits of one count once.
    """

    codes: Hashes
    worth: Floats
    picture: npt.NDArray[np.intp]

    @cached_property
    def queries(self) -> Queries:
        """The codes as tables are asked for them."""
        return Queries(self.codes)


def hash_codes(footage: Footage) -> Codes:
    """The hashes of all views that are asked for, in samples that show something new."""
    kept = _changing(footage, ASKED_EVERY_S)
    views = len(footage.views)
    worth = np.minimum(1.0, footage.novelty[kept] * 4)
    return Codes(_hashes(footage, kept), np.tile(worth, views), np.tile(kept, views))


def stored_hashes(footage: Footage) -> Hashes:
    """Those that the index keeps, shape (n, 32)."""
    return _hashes(footage, _changing(footage, STORED_EVERY_S))


def _hashes(footage: Footage, kept: npt.NDArray[np.intp]) -> Hashes:
    return np.concatenate([view.hashes[kept] for view in footage.views.values()])


def keypoint_codes(footage: Footage) -> Codes:
    """The descriptors of the keyframes."""
    parts = [frame.descriptors[:INDEXED_POINTS] for frame in footage.keyframes]
    codes = np.concatenate([np.zeros((0, 32), np.uint8), *parts])
    return Codes(codes, np.ones(len(codes)), np.arange(len(codes)))


def both_ways(codes: Codes) -> Codes:
    """Hashes, and those of the mirrored pictures."""
    return Codes(
        np.concatenate([codes.codes, mirrored(codes.codes)]),
        np.tile(codes.worth, 2),
        np.tile(codes.picture, 2),
    )


def _changing(footage: Footage, every_s: float) -> npt.NDArray[np.intp]:
    """Usable samples that differ from the last one kept: of many one in each `every_s` seconds."""
    usable = np.flatnonzero(footage.is_usable)
    words = np.ascontiguousarray(footage.views["full"].hashes[usable]).view(np.uint64)
    kept: list[int] = []
    last = None
    for number, word in zip(usable, words, strict=True):
        if last is None or int(np.bitwise_count(word ^ last).sum()) >= REPEATED_BITS:
            kept.append(int(number))
            last = word
    if len(kept) > FEW_PICTURES:
        moments = (footage.times_s[kept] / every_s).astype(np.int64)
        kept = np.asarray(kept)[np.unique(moments, return_index=True)[1]].tolist()
    return np.array(kept, np.intp)


@dataclass(frozen=True, eq=False)
class Segment:
    """The codes of some contents.

    Attributes:
        contents: their names.
        tables: codes by kind.
        owners: the number of the content of each code, by kind.
    """

    contents: list[str]
    tables: dict[str, CodeTable]
    owners: dict[str, npt.NDArray[np.uint32]]

    def votes(self, kind: str, asked: Codes, most_bits: int) -> dict[str, float]:
        """How much of what is asked for each content has.

        A picture counts once a content. Points that stand in many contents of the segment count
        less: they belong to a logo or to letters.
        """
        table = self.tables[kind]
        if not len(table.codes) or not len(asked.codes):
            return {}
        hits = table.near(asked.queries, most_bits)
        owners = self.owners[kind][hits.codes].astype(np.intp)
        pictures = asked.picture[hits.queries]
        pairs, places = np.unique(pictures * len(self.contents) + owners, return_index=True)
        picture, owner = np.divmod(pairs, len(self.contents))
        worth = asked.worth[hits.queries[places]]
        _, which, spread = np.unique(picture, return_inverse=True, return_counts=True)
        if kind == KEYPOINTS:
            worth = worth / np.sqrt(spread[which])
        sums = np.bincount(owner, weights=worth, minlength=len(self.contents))
        return {self.contents[number]: float(sums[number]) for number in np.flatnonzero(sums)}


def build(folder: Path, footages: Iterable[Footage]) -> None:
    """Writes the files of a segment into an empty folder."""
    contents: list[str] = []
    codes: dict[str, list[Hashes]] = {HASHES: [], KEYPOINTS: []}
    owners: dict[str, list[npt.NDArray[np.uint32]]] = {HASHES: [], KEYPOINTS: []}
    for footage in footages:
        number = len(contents)
        contents.append(footage.content)
        stored = {HASHES: stored_hashes(footage), KEYPOINTS: keypoint_codes(footage).codes}
        for kind, own in stored.items():
            codes[kind].append(own)
            owners[kind].append(np.full(len(own), number, np.uint32))
    for kind, parts in codes.items():
        table = CodeTable.of(np.concatenate([np.zeros((0, 32), np.uint8), *parts]))
        table.save(folder, kind)
        numbers = np.concatenate([np.zeros(0, np.uint32), *owners[kind]])
        np.save(folder / f"{kind}_owners.npy", numbers)
    (folder / CONTENTS).write_text(json.dumps(contents))


def load(folder: Path) -> Segment:
    """Opens a segment without reading its arrays.

    Raises:
        OSError: a file of it is missing.
    """
    kinds = (HASHES, KEYPOINTS)
    return Segment(
        json.loads((folder / CONTENTS).read_text()),
        {kind: CodeTable.load(folder, kind) for kind in kinds},
        {kind: np.load(folder / f"{kind}_owners.npy", mmap_mode="r") for kind in kinds},
    )
