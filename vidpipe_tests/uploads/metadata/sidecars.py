"""Sidecars with a given content, and the metadata that are found in them."""

import io
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.formats import FORMATS, parse
from vidpipe.uploads.metadata.precedence import FoundMetadata, find_metadata
from vidpipe.uploads.sidecars import Sidecar

UPLOAD = "2026-11-02/alice/one.mp4"
FILE_TIME = datetime(2026, 11, 1, 8, tzinfo=UTC)
NAMES = {
    "native": "one.json",
    "yt-dlp": "one.info.json",
    "gallery-dl": "one.mp4.json",
    "instaloader": "one.json.xz",
    "manifest": "manifest.ndjson",
    "4cat-downloads": ".metadata.json",
    "post-list": "posts.ndjson",
    "4cat-table": "posts.csv",
}


@dataclass(frozen=True)
class WrittenSidecar:
    """A sidecar and its bytes."""

    sidecar: Sidecar
    data: bytes


def sidecar(kind: str, content: Any, name: str | None = None) -> WrittenSidecar:
    """A sidecar beside UPLOAD with these bytes, or this value as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return WrittenSidecar(Sidecar(kind, f"2026-11-02/alice/{name or NAMES[kind]}"), data)


def found(*written: WrittenSidecar, upload_id: str = UPLOAD) -> FoundMetadata:
    """What an upload's metadata are, given its sidecars."""
    contents = {one.sidecar: one.data for one in written}

    def parsed(one: Sidecar) -> ParsedSidecar:
        return parse(one, io.BytesIO(contents[one]))

    return find_metadata(upload_id, list(contents), modified_at=FILE_TIME, parsed=parsed)


def found_in(folder: Path, upload: str) -> FoundMetadata:
    """What an upload's metadata are, given its path below a folder and all files of that folder.

    Files that speak for many uploads speak for those of the folders right below too.
    """
    path = folder / upload
    own = [
        (known, path.with_name(os.fsdecode(name)))
        for known in FORMATS
        for name in known.names_beside(os.fsencode(path.name))
        if path.with_name(os.fsdecode(name)).exists()
    ]
    shared = [
        (known, file)
        for place in (path.parent, path.parent.parent)
        if place.is_relative_to(folder)
        for known in FORMATS
        for file in sorted(place.iterdir())
        if file.is_file() and known.is_shared_name(os.fsencode(file.name))
    ]
    is_certain = any(not known.may_be_silent for known, _ in own)
    sidecars = []
    for known, file in own if is_certain else own + shared:
        place = quote(file.relative_to(folder).as_posix())
        sidecars.append(WrittenSidecar(Sidecar(known.kind, place), file.read_bytes()))
    return found(*sidecars, upload_id=quote(upload))
