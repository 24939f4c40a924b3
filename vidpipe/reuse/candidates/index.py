"""The index of all contents' footage: segments on this machine, made of what the lake holds.

Belongs here: which segments there must be, reading a content's print back, asking all segments.
Does not: what a segment holds (vidpipe.reuse.candidates.segment), reading the lake
(vidpipe.stores.stored_prints).

The index is a cache: whatever is missing is made of the lake again, and what belongs to contents
that are gone is removed as soon as nobody reads it. The contents of an ingest date are a segment;
those of weeks that have ended are one segment a week. A print that cannot be read is left out, and
the index tells why.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from vidpipe.errors import StoreError
from vidpipe.reuse.candidates import segment as segments
from vidpipe.reuse.candidates.folder_in_use import FolderInUse
from vidpipe.reuse.candidates.kept_prints import PrintReader, PrintWriter
from vidpipe.reuse.candidates.segment import HASHES, KEYPOINTS, Segment
from vidpipe.reuse.footage import Footage, footage_of_print

DAYS_APART = timedelta(days=14)
"""Dates this much older than the newest one are kept a week a segment."""
PRINTS, UNREADABLE = "prints.sqlite", "unreadable.json"
LAYOUT = "2"
"""Part of every segment's name; raise it when segments hold something else."""
DIGEST_DIGITS = 16

MOST_BY_HASHES, MOST_BY_KEYPOINTS = 64, 16
LEAST_HASH_VOTES, LEAST_KEYPOINT_VOTES = 0.9, 2.5

Prints = Iterable[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Stored:
    """A content whose print the lake holds.

    Attributes:
        content: its `content_sha256`.
        ingest_date: the partition of the print.
        version: changes whenever the print is made anew.
    """

    content: str
    ingest_date: date
    version: str


@dataclass(frozen=True)
class Found:
    """A content that is worth comparing, and how much of what was asked for it has."""

    content: str
    hash_votes: float
    keypoint_votes: float


class FootageIndex:
    """The segments in one folder.

    Args:
        folder: where they are.
        names: folders of the segments that are asked, inside it.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.names = tuple(names)
        self._in_use: FolderInUse | None = None

    @classmethod
    def synchronised(
        cls, folder: Path, stored: Iterable[Stored], read: Callable[[list[str]], Prints]
    ) -> "FootageIndex":
        """The index of what the lake holds now: segments are made and removed as needed.

        Args:
            folder: where segments are kept; made if it is not there.
            stored: every content of the lake that has a print.
            read: yields the prints of the contents that it is given.

        Raises:
            OSError: the folder cannot be written.
        """
        wanted = _segments(list(stored))
        in_use = FolderInUse(folder, wanted)
        for name, contents in wanted.items():
            if not (folder / name).exists():
                _make(folder, name, contents, read)
        index = cls(folder, sorted(wanted))
        index._in_use = in_use
        return index

    @cached_property
    def _segments(self) -> list[Segment]:
        return [segments.load(self.folder / name) for name in self.names]

    @cached_property
    def _places(self) -> dict[str, str]:
        return {
            content: name
            for name, segment in zip(self.names, self._segments, strict=True)
            for content in segment.contents
        }

    @cached_property
    def _prints(self) -> dict[str, PrintReader]:
        return {name: PrintReader(self.folder / name / PRINTS) for name in self.names}

    @cached_property
    def unreadable(self) -> dict[str, str]:
        """Contents whose print could not be read, and why, in a sentence."""
        found: dict[str, str] = {}
        for name in self.names:
            found |= json.loads((self.folder / name / UNREADABLE).read_text())
        return found

    def __contains__(self, content: str) -> bool:
        return content in self._places

    def footage(self, content: str) -> Footage:
        """A content's print as arrays.

        Raises:
            KeyError: the index does not hold it.
        """
        return footage_of_print(content, self._prints[self._places[content]].read(content))

    def candidates(self, asked: Footage) -> list[Found]:
        """Contents that are worth comparing, the most promising first; itself is left out."""
        hashes = self._votes(HASHES, asked)
        keypoints = self._votes(KEYPOINTS, asked)
        for votes in (hashes, keypoints):
            votes.pop(asked.content, None)
        by_hashes = _first(hashes, MOST_BY_HASHES, LEAST_HASH_VOTES)
        found = set(by_hashes)
        others = {content: vote for content, vote in keypoints.items() if content not in found}
        by_keypoints = _first(others, MOST_BY_KEYPOINTS, LEAST_KEYPOINT_VOTES)
        return [
            Found(content, hashes.get(content, 0.0), keypoints.get(content, 0.0))
            for content in (*by_hashes, *by_keypoints)
        ]

    def _votes(self, kind: str, asked: Footage) -> dict[str, float]:
        if kind == HASHES:
            codes, most_bits = segments.both_ways(segments.hash_codes(asked)), segments.HASH_BITS
        else:
            codes, most_bits = segments.keypoint_codes(asked), segments.KEYPOINT_BITS
        votes: dict[str, float] = {}
        for segment in self._segments:
            votes |= segment.votes(kind, codes, most_bits)
        return votes


def _first(votes: Mapping[str, float], most: int, least: float) -> list[str]:
    ranked = sorted(votes.items(), key=lambda one: (-one[1], one[0]))
    return [content for content, vote in ranked[:most] if vote >= least]


def _segments(stored: list[Stored]) -> dict[str, list[str]]:
    """Contents by the name of their segment, which changes with them and their versions."""
    if not stored:
        return {}
    newest = max(one.ingest_date for one in stored)
    units: dict[str, list[Stored]] = {}
    for one in sorted(stored, key=lambda one: (one.ingest_date, one.content)):
        units.setdefault(_unit(one.ingest_date, newest), []).append(one)
    named = {}
    for unit, members in units.items():
        text = "\n".join(f"{one.content} {one.version}" for one in members)
        digest = sha256(f"{LAYOUT}\n{text}".encode()).hexdigest()[:DIGEST_DIGITS]
        named[f"{unit}-{digest}"] = [one.content for one in members]
    return named


def _unit(day: date, newest: date) -> str:
    if newest - day < DAYS_APART:
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _make(
    folder: Path, name: str, contents: list[str], read: Callable[[list[str]], Prints]
) -> None:
    """Makes a segment in a folder beside it, and renames that: others see it whole or not."""
    scratch = Path(mkdtemp(dir=folder, prefix=".making-"))
    kept = PrintWriter(scratch / PRINTS)
    unreadable = dict.fromkeys(contents, "the lake no longer holds its footage print")

    def footages() -> Iterator[Footage]:
        for content, value in read(contents):
            try:
                footage = readable(content, value)
            except StoreError as error:
                unreadable[content] = str(error)
                continue
            kept.add(content, value)
            unreadable.pop(content, None)
            yield footage

    segments.build(scratch, footages())
    kept.close()
    (scratch / UNREADABLE).write_text(json.dumps(unreadable))
    try:
        scratch.rename(folder / name)
    except OSError:  # somebody else was faster
        shutil.rmtree(scratch, ignore_errors=True)


def readable(content: str, value: Mapping[str, Any]) -> Footage:
    """A print as arrays, read to the last thumbnail.

    Raises:
        StoreError: something in it is damaged; names the content and what to do.
    """
    footage = footage_of_print(content, value)
    _ = footage.thumbnails
    return footage
