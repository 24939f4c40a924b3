"""Sidecars with a given content, and the metadata that are found in them."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.formats import parse
from vidpipe.uploads.metadata.precedence import FoundMetadata, find_metadata
from vidpipe.uploads.sidecars import Sidecar

UPLOAD = "2026-11-02/alice/one.mp4"
FILE_TIME = datetime(2026, 11, 1, 8, tzinfo=UTC)
NAMES = {"native": "one.json", "yt-dlp": "one.info.json", "manifest": "manifest.ndjson"}


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
