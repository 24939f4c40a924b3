"""Footage prints of small files, damaged and made-up ones.

Belongs here: making them. Does not: the files (clips.py, moving_clips.py), comparing them.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions, summarise
from vidpipe.reuse.footage import Footage, footage_of_print

DAMAGES = ("thumbnails", "fewer thumbnails", "quality", "hashes", "views", "times", "descriptors")


def print_value(path: Path) -> dict[str, Any]:
    """The print of a file, as the lake takes it."""
    return asdict(summarise(path, Limits(), SummaryOptions()).footage_print)


def footage_of_clip(path: Path, content: str | None = None) -> Footage:
    """The print of a file as arrays."""
    return footage_of_print(content or path.stem, print_value(path))


def damaged_print(value: dict[str, Any], part: str) -> dict[str, Any]:
    """A print with one part as a damaged lake may hold it: one of `DAMAGES`."""
    first_view, *views = value["views"]
    first_frame, *frames = value["keyframes"]
    times = value["timestamps_s"]
    changed: dict[str, dict[str, Any]] = {
        "thumbnails": {"thumbnails": value["thumbnails"][:-40]},
        "fewer thumbnails": {"thumbnails": b""},
        "quality": {"quality": value["quality"][1:]},
        "hashes": {"views": [first_view | {"hashes": first_view["hashes"][:-3]}, *views]},
        "views": {"views": views},
        "times": {"timestamps_s": [*times[:-1], float("nan")]},
        "descriptors": {
            "keyframes": [first_frame | {"descriptors": first_frame["descriptors"][32:]}, *frames]
        },
    }
    return value | changed[part]
