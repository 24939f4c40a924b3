"""What lies in a laboratory: a file, its print and what is true of it, under one name.

Belongs here: the layout on the disk. Does not: making any of it.

    DIR/<group>/<name>.mp4    the video
    DIR/<group>/<name>.pkl    its footage print, as `dataclasses.asdict` has it
    DIR/<group>/<name>.json   its entry; written last, so whatever has one is complete
"""

import json
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe.reuse.editing.truth import OtherStretch, Truth
from vidpipe.reuse.footage import Footage, footage_of_print

SOURCES, CLIPS = "sources", "clips"
EDITS, TEMPLATES = "edits", "templates"
INTRO, STATIC, SLIDES = "intro", "static", "slides"
GROUPS = (SOURCES, CLIPS, EDITS, TEMPLATES, INTRO, STATIC, SLIDES)


@dataclass(frozen=True)
class Entry:
    """One video of a laboratory.

    Attributes:
        name: the group and the file's name, without suffix.
        families: footage that it shows; videos whose families are disjoint are strangers.
        source: name of the entry that it was copied from.
        truth: of a copy and its source.
    """

    name: str
    families: tuple[str, ...]
    source: str | None = None
    truth: Truth | None = None

    @property
    def group(self) -> str:
        """The folder: `sources`, `edits/meme_bar`, `templates/logo`, …"""
        return self.name.rpartition("/")[0]

    def is_stranger_of(self, other: "Entry") -> bool:
        """Whether the two share no footage."""
        return not set(self.families) & set(other.families)


@dataclass(frozen=True)
class Shelf:
    """A laboratory on the disk."""

    folder: Path

    def video(self, name: str) -> Path:
        """The file of an entry; its folder exists afterwards."""
        path = self.folder / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def has(self, name: str) -> bool:
        """Whether an entry is complete."""
        return (self.folder / f"{name}.json").exists()

    def keep(self, entry: Entry) -> None:
        """Prints the entry's video, and writes the entry."""
        self.print_again(entry.name)
        text = json.dumps(asdict(entry), indent=1)
        (self.folder / f"{entry.name}.json").write_text(text + "\n", "utf-8")

    def print_again(self, name: str) -> None:
        """Makes the footage print of a video that lies here."""
        summary = summarise(self.video(name), Limits(), SummaryOptions(), name)
        data = pickle.dumps(asdict(summary.footage_print))
        (self.folder / f"{name}.pkl").write_bytes(data)

    def entries(self, group: str = "") -> list[Entry]:
        """Complete entries below a group, by name."""
        return sorted(
            (_entry(json.loads(path.read_text("utf-8"))) for path in self._entry_files(group)),
            key=lambda entry: entry.name,
        )

    def print_of(self, name: str) -> Mapping[str, Any]:
        """The footage print of an entry, as `dataclasses.asdict` has it."""
        value: Mapping[str, Any] = pickle.loads((self.folder / f"{name}.pkl").read_bytes())
        return value

    def footage(self, name: str) -> Footage:
        """The print of an entry, ready to be compared."""
        return footage_of_print(name, self.print_of(name))

    def _entry_files(self, group: str) -> Iterator[Path]:
        for top in [group] if group else GROUPS:
            yield from (self.folder / top).rglob("*.json")


def _entry(value: dict[str, Any]) -> Entry:
    truth = value["truth"]
    return Entry(
        value["name"],
        tuple(value["families"]),
        value["source"],
        Truth(
            **{
                **truth,
                "edits": tuple(truth["edits"]),
                "source_box": tuple(truth["source_box"]),
                "copy_box": tuple(truth["copy_box"]),
                "others": tuple(OtherStretch(**one) for one in truth["others"]),
            }
        )
        if truth
        else None,
    )


Task = Callable[[Shelf], None]
"""Makes one entry or a few."""
