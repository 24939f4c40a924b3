"""Looking up 256-bit codes that differ in few bits, exactly by one of their sixteen words.

Belongs here: sorted words, lookup, verification. Does not: whose codes these are
(vidpipe.reuse.candidates.segment).

Two codes that differ in 40 bits share one of their 16 words of 16 bits in 3 of 4 cases, and a
stretch of footage has many codes. Words of real footage are not spread evenly: one that stands in
very many codes says nothing, and is skipped.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from vidpipe.media.footage_print.pdq import Hashes

WORDS = 16
COMMON_WORD = 24.0
"""A word that stands in this many times more codes than an even spread would have is skipped ..."""
FEW = 256
"""... unless it stands in few codes anyway."""
LOOKED_UP_AT_ONCE = 64

Ids = npt.NDArray[np.uint32]


class Hits(NamedTuple):
    """Pairs of a query code and a stored code: their numbers and the bits in which they differ."""

    queries: npt.NDArray[np.intp]
    codes: npt.NDArray[np.intp]
    bits: npt.NDArray[np.int64]


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
            np.load(folder / f"{name}_{part}.npy", mmap_mode="r")
            for part in ("codes", "words", "order")
        )
        return cls(codes, words, order)

    def near(self, queries: Hashes, most_bits: int) -> Hits:
        """Stored codes that share a word with a query code and differ in `most_bits` at most."""
        found = [
            self._near(queries[start : start + LOOKED_UP_AT_ONCE], start, most_bits)
            for start in range(0, len(queries), LOOKED_UP_AT_ONCE)
        ]
        if not found:
            return Hits(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.int64))
        return Hits(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def _near(self, queries: Hashes, first: int, most_bits: int) -> Hits:
        columns = _words(queries)
        most = max(FEW, round(COMMON_WORD * len(self.codes) / 2**16))
        query_numbers, code_numbers = [], []
        for number in range(WORDS):
            low = np.searchsorted(self.words[number], columns[:, number], "left")
            high = np.searchsorted(self.words[number], columns[:, number], "right")
            counts = np.where(high - low <= most, high - low, 0)
            if not counts.any():
                continue
            starts = np.repeat(low - np.cumsum(counts) + counts, counts)
            places = np.arange(counts.sum()) + starts
            query_numbers.append(np.repeat(np.arange(len(queries)), counts))
            code_numbers.append(self.order[number][places].astype(np.intp))
        if not query_numbers:
            return Hits(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, np.int64))
        pairs = np.unique(
            np.concatenate(code_numbers) * len(queries) + np.concatenate(query_numbers)
        )
        code_number, query_number = np.divmod(pairs, len(queries))
        differing = np.ascontiguousarray(self.codes[code_number] ^ queries[query_number])
        bits = np.bitwise_count(differing.view(np.uint64)).sum(axis=1, dtype=np.int64)
        is_near = bits <= most_bits
        return Hits(query_number[is_near] + first, code_number[is_near], bits[is_near])


def _words(codes: Hashes) -> npt.NDArray[np.uint16]:
    return np.ascontiguousarray(codes).view(np.uint16).reshape(len(codes), WORDS)
