"""Manifests: `manifest.ndjson`, `.jsonl`, `.json`, `.csv` or `.tsv`, one row per file.

Belongs here: finding the row of an upload; rows that cannot be read harm only their own uploads.
Does not: the fields of a row (vidpipe.uploads.metadata.native), delimited text
(vidpipe.uploads.metadata.tables), or matching names (vidpipe.uploads.metadata.named_files).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from vidpipe.clean_text import clean_line, display_name
from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.fields import Fields, type_name
from vidpipe.uploads.metadata.json_sidecar import decoded, json_value, parsed_json, unreadable
from vidpipe.uploads.metadata.named_files import NamedFile, NamedFiles
from vidpipe.uploads.metadata.native import native_fields
from vidpipe.uploads.metadata.tables import column_name, read_table

_TABLE_SUFFIXES = (".csv", ".tsv")
_NAMES = frozenset(
    b"manifest.ndjson manifest.jsonl manifest.json manifest.csv manifest.tsv".split()
)
_WHAT_PEOPLE_CALL_FILES = """
file filename file_name path filepath file_path full_path local_path video_file video
"""
_FILE_COLUMNS = tuple(_WHAT_PEOPLE_CALL_FILES.split())
_SHOWN_COLUMNS = 20
_SYNONYMS = {
    "post_id": "id",
    "video_id": "id",
    "username": "account",
    "handle": "account",
    "author": "account",
    "caption": "description",
    "text": "description",
    "link": "url",
    "post_url": "url",
    "date": "posted_at",
    "timestamp": "posted_at",
    "published_at": "posted_at",
    "created_at": "posted_at",
}
"""What people call the columns of a table of posts; a column of the right name counts first."""


def is_manifest_name(name: bytes) -> bool:
    """Whether a file of this name lists files of its folder."""
    return name.lower() in _NAMES


@dataclass(frozen=True)
class _Row:
    """What a manifest says of one file, or why it cannot be read.

    Attributes:
        place: where it stands, such as `line 3`.
        values: by column.
        problem: what is wrong with it, or None.
        is_one_of_several: whether other files have the same post.
    """

    place: str
    values: Mapping[str, Any]
    problem: str | None = None
    is_one_of_several: bool = False


@dataclass(frozen=True)
class Manifest:
    """Rows of a manifest by file, and what was wrong with those that could not be read.

    Attributes:
        name: its path as messages show it.
        rows: by the files that they name.
        files: the same files, by their names.
        unread: a sentence about rows that could not be read, or None.
        encoding_problem: what was wrong with the text, or None.
    """

    name: str
    rows: Mapping[NamedFile, _Row]
    files: NamedFiles
    unread: str | None
    encoding_problem: str | None

    def fields_of(self, upload_id: str) -> Fields | None:
        """What the upload's row says; None when it has none.

        Raises:
            MetadataError: it has none, but rows of the manifest cannot be read.
        """
        folder = display_name(upload_id.rpartition("/")[0])
        is_beside = folder == self.name.rpartition("/")[0]
        named = self.files.naming(upload_id, is_beside_list=is_beside)
        if not named:
            if self.unread:  # the row of this upload may be among them
                raise MetadataError(self.unread)
            return None
        file = named[-1]
        row = self.rows[file]
        fields = native_fields(row.values)
        fields.source = "manifest"
        says_which = fields.media_key is not None or fields.media_number is not None
        if row.is_one_of_several and not says_which:
            fields.media_key = file.name
        fields.problems += [one for one in (self.encoding_problem, row.problem) if one]
        if len(named) > 1:
            fields.problems.append(_contest(self.rows[named[-2]], row))
        return fields


def parse_manifest(file: BinaryIO, name: str) -> Manifest:
    """A manifest by the files that it names; rows that cannot be read are skipped and counted.

    Raises:
        MetadataError: nothing in it can be understood.
    """
    text, encoding_problem = decoded(file.read())
    is_table = name.lower().endswith(_TABLE_SUFFIXES)
    rows: dict[NamedFile, _Row] = {}
    unread: list[_Row] = []
    for row in _table_rows(text, name) if is_table else _json_rows(text, name):
        written = next(filter(_is_text, map(row.values.get, _FILE_COLUMNS)), None)
        if row.problem or written is None:
            unread.append(row)
            continue
        named = NamedFile.from_text(str(written))
        before = rows.pop(named, None)
        if before is not None and before.values != row.values:
            rows[named] = replace(row, problem=_contest(before, row))
        else:
            rows[named] = row
    rows = _with_clips(rows)
    return Manifest(name, rows, NamedFiles(rows), _about(unread, name), encoding_problem)


def _contest(before: _Row, row: _Row) -> str:
    return f"{before.place} and {row.place} name the same file; {row.place} counts"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _with_clips(rows: Mapping[NamedFile, _Row]) -> dict[NamedFile, _Row]:
    """The rows, marked where several files are clips of one post."""
    names = defaultdict[tuple[str, str], set[str]](set)
    for file, row in rows.items():
        if post := _post(row):
            names[post].add(file.name)
    return {
        file: replace(row, is_one_of_several=True)
        if len(names.get(_post(row) or ("", ""), ())) > 1
        else row
        for file, row in rows.items()
    }


def _post(row: _Row) -> tuple[str, str] | None:
    """What tells posts apart, as far as a row says it: platform and id, or the address."""
    platform, post_id, url = (row.values.get(name) for name in ("platform", "id", "url"))
    if isinstance(platform, str) and isinstance(post_id, str | int) and platform and post_id:
        return clean_line(platform).casefold(), clean_line(str(post_id))
    return ("url", clean_line(url)) if isinstance(url, str) and url else None


def _table_rows(text: str, name: str) -> Iterator[_Row]:
    table = read_table(text, _FILE_COLUMNS)
    if not table.header:
        raise unreadable(name, "is empty: it has no column named file")
    if set(map(column_name, table.header)).isdisjoint(_FILE_COLUMNS):
        if "\0" in text:
            raise unreadable(name, "is no text in UTF-8 or UTF-16: it has zero bytes")
        shown = ", ".join(clean_line(column[:40]) for column in table.header[:_SHOWN_COLUMNS])
        raise unreadable(name, f"has no column named file in its first line, which has: {shown}")
    return (_Row(f"line {row.line}", _known_names(row.cells), row.problem) for row in table.rows)


def _json_rows(text: str, name: str) -> Iterable[_Row]:
    """The rows of a list of objects, or of lines that are an object each."""
    is_list = text.lstrip().startswith("[")
    if is_list or name.lower().endswith(".json"):
        try:
            whole = json_value(text)
        except ValueError:
            # Lines that are objects, under the name of a list; or lists among such lines.
            if is_list and name.lower().endswith(".json"):
                parsed_json(text, name)
        else:
            entries = whole if isinstance(whole, list) else [whole]
            return [_object_row(f"entry {n}", entry) for n, entry in enumerate(entries, start=1)]
    lines = enumerate(text.split("\n"), start=1)
    return (_line_row(number, line) for number, line in lines if line.strip())


def _line_row(number: int, line: str) -> _Row:
    try:
        value = json_value(line, first_line=number)
    except ValueError as error:
        return _Row(f"line {number}", {}, str(error))
    return _object_row(f"line {number}", value)


def _object_row(place: str, value: Any) -> _Row:
    if not isinstance(value, dict):
        return _Row(place, {}, f"is a JSON {type_name(value)}, not an object")
    return _Row(
        place, _known_names({column_name(name): one for name, one in value.items()} | value)
    )


def _known_names(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of a row, those under other names also by the names that are read."""
    known = dict(values)
    for other, name in _SYNONYMS.items():
        if isinstance(values.get(other), str | int | float):
            known.setdefault(name, values[other])
    return known


def _about(unread: Sequence[_Row], name: str) -> str | None:
    """A sentence about rows that cannot be read, which says of the first one why."""
    if not unread:
        return None
    first = unread[0]
    columns = ", ".join(clean_line(column[:40]) for column in list(first.values)[:_SHOWN_COLUMNS])
    why = first.problem or f"names no file, and has only: {columns or 'nothing'}"
    return (
        f"{name} has {len(unread)} rows that cannot be read (the first: {first.place} {why}); "
        "correct them and the file is read again"
    )
