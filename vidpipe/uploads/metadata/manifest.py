"""Manifests: `manifest.ndjson` or `manifest.csv`, one row per file of their folder.

Belongs here: finding the row of an upload; lines that cannot be read harm only their own uploads.
Does not: the fields of a row (vidpipe.uploads.metadata.native).
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import unquote

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.fields import Fields
from vidpipe.uploads.metadata.json_sidecar import decoded, parsed_json, unreadable
from vidpipe.uploads.metadata.native import native_fields


def is_manifest_name(name: bytes) -> bool:
    """Whether a file of this name lists files of its folder."""
    return name in (b"manifest.ndjson", b"manifest.csv")


@dataclass(frozen=True)
class Manifest:
    """Rows of a manifest by `file`, and what was wrong with lines that could not be read."""

    rows: Mapping[str, Mapping[str, Any]]
    problem: str | None = None

    def fields_of(self, upload_id: str) -> Fields | None:
        """What the upload's row says; None when it has none.

        Raises:
            MetadataError: it has none, but lines of the manifest cannot be read.
        """
        encoded = upload_id.rpartition("/")[2]
        row = self.rows.get(_file_key(encoded)) or self.rows.get(_plain_key(encoded))
        if row is not None:
            fields = native_fields(row)
            fields.source = "manifest"
            return fields
        if self.problem:  # the row of this upload may be among the lines that cannot be read
            raise MetadataError(self.problem)
        return None


def parse_manifest(file: BinaryIO, name: str) -> Manifest:
    """A manifest as rows by file name (NFC); lines that cannot be read are skipped and counted.

    Raises:
        MetadataError: nothing in it can be understood.
    """
    text = decoded(file.read())[0]
    return _csv_manifest(text, name) if name.endswith(".csv") else _ndjson_manifest(text, name)


def _ndjson_manifest(text: str, name: str) -> Manifest:
    rows: dict[str, Mapping[str, Any]] = {}
    bad: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = parsed_json(line, name)
        except MetadataError:
            row = None
        file = row.get("file") if isinstance(row, dict) else None
        if isinstance(row, dict) and isinstance(file, str):
            rows[_plain_key(file)] = row
        else:
            bad.append(number)
    return Manifest(rows, _bad_lines(name, bad, 'an object with a "file"'))


def _csv_manifest(text: str, name: str) -> Manifest:
    reader = csv.DictReader(io.StringIO(text.replace("\0", ""), newline=""))
    rows: dict[str, Mapping[str, Any]] = {}
    bad: list[int] = []
    try:
        header = [column.strip().lower() for column in reader.fieldnames or []]
        if "file" not in header:
            raise unreadable(name, "has no column named file in its first line")
        reader.fieldnames = header
        for row in reader:
            if row.get("file"):
                # An empty cell says nothing; surplus cells come under the key None.
                rows[_plain_key(row["file"])] = {k: v for k, v in row.items() if k and v}
            else:
                bad.append(reader.line_num)
    except csv.Error as error:
        if not rows:
            raise unreadable(name, f"is not CSV (line {reader.line_num}: {error})") from None
        bad.append(reader.line_num)
    return Manifest(rows, _bad_lines(name, bad, "a row with a file"))


def _bad_lines(name: str, bad: Sequence[int], wanted: str) -> str | None:
    if not bad:
        return None
    return (
        f"{name} has {len(bad)} lines that are not {wanted} (the first is line {bad[0]}); correct "
        "them and the file is read again"
    )


def _file_key(name: str) -> str:
    """A name in an upload_id as people write it in a manifest, as far as it is text."""
    return _plain_key(unquote(name, errors="surrogateescape"))


def _plain_key(file: str) -> str:
    name = file.strip().removeprefix("./")
    return unicodedata.normalize("NFC", name[:4096])
