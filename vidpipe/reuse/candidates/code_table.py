"""Looking up 256-bit codes that differ in few bits, exactly by one of their sixteen words.

Belongs here: sorted words, lookup, verification. Does not: whose codes these are
(vidpipe.reuse.candidates.segment).

Two codes that differ in 40 bits share one of their 16 words of 16 bits in 3 of 4 cases, and a
stretch of footage has many codes. Words of real footage are not spread evenly: of one that stands
in very many codes only some of them are looked at, evenly chosen. It may say nothing, or belong to
footage that very many contents show, of which some are found.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vidpipe.media.footage_print.pdq import Hashes

WORDS = 16
COMMON_WORD = 4.0
"""Of a word, as many codes are looked at as this times an even spread would have ..."""
FEW = 32
"""... and this many anyway."""
VERIFIED_AT_ONCE = 2_000_000
"""Pairs of codes that share a word and are held at once."""

Ids = npt.NDArray[np.uint32]


class Hits(NamedTuple):
    """Pairs of a query code and a stored code: their numbers and the bits in which they differ."""

    queries: npt.NDArray[np.intp]
    codes: npt.NDArray[np.intp]
    bits: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Queries:
    """Codes that many tables are asked for; their words are sorted once.

    Attributes:
        codes: uint8, shape (n, 32).
    """

    codes: Hashes

    @cached_property
    def words(self) -> list[tuple[npt.NDArray[np.uint16], npt.NDArray[np.intp]]]:
        """The values of each of the 16 words in order, and the place of every code's among them."""
        columns = np.ascontiguousarray(_words(self.codes).T)
        return [np.unique(column, return_inverse=True) for column in columns]


@dataclass(frozen=True, eq=False)
class CodeTable:
    """Codes, and for each of their words the codes in order of it.

    Attributes:
        codes: uint8, shape (n, 32).
        words: the sorted words, uint16, shape (16, n).
        order: the numbers of the codes in that order, uint32, shape (16, n).
    """

    codes: Hashes
    words: npt.NDArray[np.uint16]
    order: Ids

    @classmethod
    def of(cls, codes: Hashes) -> "CodeTable":
        """Sorts codes, shape (n, 32)."""
        columns = _words(codes)
        words = np.empty((WORDS, len(codes)), np.uint16)
        order = np.empty((WORDS, len(codes)), np.uint32)
        for number in range(WORDS):
            order[number] = np.argsort(columns[:, number], kind="stable")
            words[number] = columns[order[number], number]
        return cls(np.ascontiguousarray(codes), words, order)

    def save(self, folder: Path, name: str) -> None:
        """Writes the arrays as files of a folder."""
        for part in ("codes", "words", "order"):
            np.save(folder / f"{name}_{part}.npy", getattr(self, part))

    @classmethod
    def load(cls, folder: Path, name: str) -> "CodeTable":
        """Opens the arrays without reading them."""
        codes, words, order = (
            np.asarray(np.load(folder / f"{name}_{part}.npy", mmap_mode="r"))
            for part in ("codes", "words", "order")
        )
        return cls(codes, words, order)

    def near(self, queries: Queries, most_bits: int) -> Hits:
        """Stored codes that share a word with a query code and differ in `most_bits` at most."""
        count = len(queries.codes)
        low, counts = np.zeros((2, WORDS, count), np.intp)
        for number, (values, place) in enumerate(queries.words):
            begin = np.searchsorted(self.words[number], values, "left")
            end = np.searchsorted(self.words[number], values, "right")
            low[number] = begin[place] + number * len(self.codes)
            counts[number] = (end - begin)[place]
        looked_at = np.minimum(counts, max(FEW, round(COMMON_WORD * len(self.codes) / 2**16)))
        # Blocks of queries, so that the pairs of one are held at once.
        block = np.cumsum(looked_at.sum(axis=0)) // VERIFIED_AT_ONCE
        steps = counts / np.maximum(looked_at, 1)
        hits = [
            self._verified(
                queries.codes, part, low[:, part], looked_at[:, part], steps[:, part], most_bits
            )
            for part in np.split(np.arange(count), np.flatnonzero(np.diff(block)) + 1)
        ]
        return Hits(*(np.concatenate(parts) for parts in zip(*hits, strict=True)))

    def _verified(
        self,
        queries: Hashes,
        part: npt.NDArray[np.intp],
        low: npt.NDArray[np.intp],
        counts: npt.NDArray[np.intp],
        steps: npt.NDArray[np.float64],
        most_bits: int,
    ) -> Hits:
        """The near ones of the codes that share a word with some of the queries.

        Args:
            queries: all of them.
            part: numbers of some.
            low, counts, steps: where the codes with the query's word begin in `order`, how many are
                looked at, and how far apart these are; by word and query of the part.
        """
        counts = counts.ravel()
        query = np.repeat(np.tile(part, WORDS), counts)
        place = np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts)
        if (steps > 1).any():
            place = (place * np.repeat(steps.ravel(), counts)).astype(np.intp)
        places = np.repeat(low.ravel(), counts) + place
        code = self.order.reshape(-1)[places]
        differing = _quarters(self.codes)[code] ^ _quarters(queries)[query]
        ones = np.bitwise_count(differing).astype(np.uint16)
        bits = ones[:, 0] + ones[:, 1] + ones[:, 2] + ones[:, 3]
        near = np.flatnonzero(bits <= most_bits)
        query, code = query[near], code[near].astype(np.intp)
        _, once = np.unique(code * len(queries) + query, return_index=True)
        return Hits(query[once], np.asarray(code[once]), bits[near][once].astype(np.int64))


def _words(codes: Hashes) -> npt.NDArray[np.uint16]:
    return np.ascontiguousarray(codes).view(np.uint16).reshape(len(codes), WORDS)


def _quarters(codes: Hashes) -> npt.NDArray[np.uint64]:
    return np.ascontiguousarray(codes).view(np.uint64).reshape(len(codes), 4)
