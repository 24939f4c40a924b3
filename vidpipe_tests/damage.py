"""Randomly damaged copies of videos, to show that nothing crashes, hangs or stays unrecorded.

Belongs here: ways in which a file breaks on its way (cut off, bits flipped, blocks lost, swapped).
Does not: files made to deceive (clips.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HEADER_BYTES = 4096
# Sources are read whole.
MAX_SOURCE_BYTES = 256 * 2**20


@dataclass(frozen=True)
class DamagedCopy:
    """One damaged file, what it was copied from, and the name of its damage."""

    path: Path
    source: Path
    damage: str


def damaged_copies(
    sources: Sequence[Path], directory: Path, count: int, seed: int = 0
) -> list[DamagedCopy]:
    """Writes `count` damaged copies of `sources` into `directory`.

    Sources and kinds of damage take turns such that every pair comes up; where damage strikes is
    decided by `seed` and the copy's number. No copy equals its source; suffixes stay.

    Raises:
        ValueError: no sources, or one that is empty or larger than `MAX_SOURCE_BYTES`.
    """
    if not sources:
        raise ValueError("give at least one source to damage")
    for source in sources:
        if not 0 < source.stat().st_size <= MAX_SOURCE_BYTES:
            raise ValueError(f"{source} is empty or larger than {MAX_SOURCE_BYTES} bytes")
    directory.mkdir(parents=True, exist_ok=True)
    kinds = list(DAMAGE)
    copies = []
    for number in range(count):
        source = sources[number // len(kinds) % len(sources)]
        kind = kinds[number % len(kinds)]
        original = source.read_bytes()
        rng = np.random.default_rng([seed, number])
        damaged = DAMAGE[kind](original, rng)
        if damaged == original:  # such as a zeroed block of zeros
            damaged = flip_in_header(original, rng)
        path = directory / f"{number:04d}-{kind}{source.suffix}"
        path.write_bytes(damaged)
        copies.append(DamagedCopy(path, source, kind))
    return copies


def truncate(data: bytes, rng: np.random.Generator) -> bytes:
    """Keeps the start: an upload that broke off."""
    return data[: rng.integers(0, len(data))]


def flip_in_header(data: bytes, rng: np.random.Generator) -> bytes:
    """Changes 1 to 16 of the first bytes, where the container describes itself."""
    return _flip(data, 0, min(HEADER_BYTES, len(data)), rng)


def flip_in_middle(data: bytes, rng: np.random.Generator) -> bytes:
    """Changes 1 to 16 bytes of the middle half, where the coded frames are."""
    return _flip(data, len(data) // 4, max(len(data) // 4 + 1, len(data) * 3 // 4), rng)


def zero_block(data: bytes, rng: np.random.Generator) -> bytes:
    """Zeroes a block: a piece of a download that never came."""
    start, end = _block(data, rng)
    return data[:start] + bytes(end - start) + data[end:]


def swap_blocks(data: bytes, rng: np.random.Generator) -> bytes:
    """Swaps two neighbouring blocks: pieces put together in the wrong order."""
    start, end = _block(data, rng)
    middle = (start + end) // 2
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


def append_junk(data: bytes, rng: np.random.Generator) -> bytes:
    """Appends random bytes."""
    return data + rng.bytes(int(rng.integers(1, 20_000)))


def remove_block(data: bytes, rng: np.random.Generator) -> bytes:
    """Takes a block out, so that every later offset is wrong."""
    start, end = _block(data, rng)
    return data[:start] + data[end:]


DAMAGE: dict[str, Callable[[bytes, np.random.Generator], bytes]] = {
    damage.__name__: damage
    for damage in (
        truncate,
        flip_in_header,
        flip_in_middle,
        zero_block,
        swap_blocks,
        append_junk,
        remove_block,
    )
}


def _flip(data: bytes, start: int, end: int, rng: np.random.Generator) -> bytes:
    damaged = bytearray(data)
    places = rng.choice(np.arange(start, end), min(int(rng.integers(1, 17)), end - start), False)
    for place in places:
        damaged[place] ^= int(rng.integers(1, 256))
    return bytes(damaged)


def _block(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    """Bounds of a block of 1 byte to a fifth of the file."""
    length = int(rng.integers(1, max(2, len(data) // 5)))
    start = int(rng.integers(0, len(data) - length + 1))
    return start, start + length
