"""Metadata of uploads: native and yt-dlp sidecars, manifests, or nothing at all.

Belongs here: understanding these formats, whatever is in them; cleaning every text at the door.
Does not: finding sidecars or fetching their bytes (vidpipe.uploads.upload_store).

All of it was written by strangers. A field of the wrong type is left out and named; a file that
cannot be understood is named with what to do, and the next source is asked. No input raises
anything but `MetadataError`.

| source     | file                               | believed                                   |
|------------|------------------------------------|--------------------------------------------|
| `native`   | `<stem>.json`                      | id, platform, account, posted_at, …        |
| `yt-dlp`   | `<stem>.info.json`                 | id, extractor_key, uploader, timestamp, …  |
| `manifest` | `manifest.ndjson`, `manifest.csv`  | as native, one row per file of the folder  |
| `none`     | –                                  | account = parent folder, time of the file  |
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from vidpipe.clean_text import clean_key, clean_line, clean_text, display_name
from vidpipe.errors import MetadataError
from vidpipe.uploads.video_identity import video_id_of

MetadataSource = Literal["native", "yt-dlp", "manifest", "none"]

MAX_SIDECAR_BYTES = 16 * 2**20
MAX_MANIFEST_BYTES = 64 * 2**20
MAX_ID_CHARACTERS = 256
MAX_PLATFORM_CHARACTERS = 64
MAX_ACCOUNT_CHARACTERS = 256
MAX_URL_CHARACTERS = 2048
MAX_HASHTAGS = 100
MAX_HASHTAG_CHARACTERS = 200

LOCAL = "local"
UNKNOWN_ACCOUNT = "unknown"
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11  # seconds would be the year 5138
_DATE_FOLDER = re.compile(r"(?:ingest_date=)?\d{4}-\d{2}-\d{2}")
_TAG_SEPARATORS = re.compile(r"[\s,;#]+")


@dataclass(frozen=True)
class Metadata:
    """What is known about a post; all texts cleaned, times in UTC."""

    video_id: str
    platform: str
    id: str | None
    account: str
    posted_at: datetime
    description: str
    hashtags: tuple[str, ...]
    url: str | None


@dataclass(frozen=True)
class Sidecar:
    """A metadata file beside an upload.

    Attributes:
        kind: its format.
        name: how messages call it.
        load: returns its bytes.  Raises MetadataError when they must not be read.
    """

    kind: Literal["native", "yt-dlp", "manifest"]
    name: str
    load: Callable[[], bytes]


@dataclass(frozen=True)
class FoundMetadata:
    """Metadata of an upload, where it comes from, and what was wrong on the way (a sentence)."""

    metadata: Metadata
    source: MetadataSource
    error: str | None


@dataclass(frozen=True)
class Manifest:
    """Rows of a manifest by `file`, and what was wrong with lines that could not be read."""

    rows: Mapping[str, Mapping[str, Any]]
    problem: str | None = None


@dataclass
class _Fields:
    """What one source says, as far as it makes sense; `problems` names the rest."""

    platform: str | None = None
    id: str | None = None
    account: str | None = None
    posted_at: datetime | None = None
    description: str = ""
    hashtags: tuple[str, ...] = ()
    url: str | None = None
    problems: list[str] = field(default_factory=list)


def find_metadata(
    upload_id: str,
    sidecars: Sequence[Sidecar],
    *,
    modified_at: datetime,
    manifest_of: Callable[[Sidecar], Manifest] | None = None,
) -> FoundMetadata:
    """Metadata of an upload from the first of its sidecars that can be understood.

    Args:
        upload_id: percent-encoded path of the upload.
        sidecars: the most trusted first.
        modified_at: time of the file, for `posted_at` where nothing better is known.
        manifest_of: parses a manifest; give a caching one when many uploads share it.

    Returns:
        Always something; `error` begins with the error's class where a source was at fault.
    """
    problems: list[str] = []
    for sidecar in sidecars:
        try:
            fields = _read(upload_id, sidecar, manifest_of or read_manifest)
        except MetadataError as error:
            problems.append(str(error))
            continue
        if fields is None:
            continue
        problems += [f"{sidecar.name}: {problem}" for problem in fields.problems]
        metadata = _complete(upload_id, fields, modified_at)
        return FoundMetadata(metadata, sidecar.kind, _error(problems))
    metadata = _complete(upload_id, _Fields(), modified_at)
    return FoundMetadata(metadata, "none", _error(problems))


def parent_account(upload_id: str) -> str:
    """Account of an upload without metadata: the folder it lies in, date folders apart."""
    parent = upload_id.rpartition("/")[0].rpartition("/")[2]
    name = clean_key(display_name(parent), MAX_ACCOUNT_CHARACTERS)
    return UNKNOWN_ACCOUNT if not name or _DATE_FOLDER.fullmatch(name) else name


def read_manifest(sidecar: Sidecar) -> Manifest:
    """A manifest as rows by file name (NFC); lines that cannot be read are skipped and counted.

    Raises:
        MetadataError: nothing in it can be understood.
    """
    text = _decode(sidecar.load())[0]
    if sidecar.name.endswith(".csv"):
        return _csv_manifest(text, sidecar.name)
    return _ndjson_manifest(text, sidecar.name)


# -- formats --------------------------------------------------------------------------------------


def _read(
    upload_id: str, sidecar: Sidecar, manifest_of: Callable[[Sidecar], Manifest]
) -> _Fields | None:
    if sidecar.kind == "manifest":
        return _from_manifest(upload_id, manifest_of(sidecar))
    text, problem = _decode(sidecar.load())
    document = _json(text, sidecar.name)
    if not isinstance(document, dict):
        raise _unreadable(sidecar.name, f"is a JSON {_type(document)}, not an object")
    fields = _native(document) if sidecar.kind == "native" else _yt_dlp(document)
    fields.problems += [problem] if problem else []
    return fields


def _from_manifest(upload_id: str, manifest: Manifest) -> _Fields | None:
    encoded = upload_id.rpartition("/")[2]
    row = manifest.rows.get(_file_key(encoded)) or manifest.rows.get(_plain_key(encoded))
    if row is not None:
        return _native(row)
    if manifest.problem:  # the row of this upload may be among the lines that cannot be read
        raise MetadataError(manifest.problem)
    return None


def _native(document: Mapping[str, Any]) -> _Fields:
    fields = _Fields()
    fields.platform = _line(document, "platform", fields.problems)
    fields.id = _line(document, "id", fields.problems)
    fields.account = _line(document, "account", fields.problems)
    fields.posted_at = _time(document, "posted_at", fields.problems)
    fields.description = _text(document, "description", fields.problems)
    fields.hashtags = _tags(document, "hashtags", fields.problems)
    fields.url = _url(document, "url", fields.problems)
    return fields


def _yt_dlp(document: Mapping[str, Any]) -> _Fields:
    """The fields of a yt-dlp info file; a title that the description lacks is put before it."""
    fields = _Fields()
    problems = fields.problems
    fields.platform = _first(document, ("extractor_key", "extractor"), _line, problems)
    fields.id = _line(document, "id", problems)
    accounts = ("uploader", "uploader_id", "channel", "channel_id", "creator")
    fields.account = _first(document, accounts, _line, problems)
    times = ("timestamp", "release_timestamp", "upload_date", "release_date")
    fields.posted_at = _first(document, times, _time, problems)
    title, description = (
        _text(document, "title", problems),
        _text(document, "description", problems),
    )
    repeated = not title or title.rstrip(". …") in description
    fields.description = description if repeated else f"{title}\n\n{description}".strip()
    fields.hashtags = _tags(document, "tags", problems)
    fields.url = _first(document, ("webpage_url", "original_url"), _url, problems)
    return fields


def _ndjson_manifest(text: str, name: str) -> Manifest:
    rows: dict[str, Mapping[str, Any]] = {}
    bad: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = _json(line, name)
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
            raise _unreadable(name, "has no column named file in its first line")
        reader.fieldnames = header
        for row in reader:
            if row.get("file"):
                # An empty cell says nothing; surplus cells come under the key None.
                rows[_plain_key(row["file"])] = {k: v for k, v in row.items() if k and v}
            else:
                bad.append(reader.line_num)
    except csv.Error as error:
        if not rows:
            raise _unreadable(name, f"is not CSV (line {reader.line_num}: {error})") from None
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


# -- bytes, JSON and fields -----------------------------------------------------------------------


def _decode(data: bytes) -> tuple[str, str | None]:
    """Text of a file and what was wrong with its encoding."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not {encoding[:6].upper().rstrip('-')}; save it as UTF-8"
        return data.decode(encoding, "replace"), problem


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _unreadable(name, f"is not valid JSON ({where})") from None
    except RecursionError:
        raise _unreadable(name, "is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise _unreadable(name, f"cannot be read as JSON ({error})") from None


def _unreadable(name: str, what: str) -> MetadataError:
    return MetadataError(f"{name} {what}; correct or remove it and it is read again")


def _error(problems: Sequence[str]) -> str | None:
    return f"{MetadataError.__name__}: {clean_line('; '.join(problems))}" if problems else None


def _type(value: Any) -> str:
    names = {dict: "object", list: "list", str: "string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "number")


def _first(
    document: Mapping[str, Any],
    names: Sequence[str],
    read: Callable[[Mapping[str, Any], str, list[str]], Any],
    problems: list[str],
) -> Any:
    """The first of several fields that says something."""
    for name in names:
        value = read(document, name, problems)
        if value is not None:
            return value
    return None


def _line(document: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    """A one-line string; whole numbers are welcome (ids often are)."""
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30:
        value = str(value)
    if not isinstance(value, str):
        problems.append(f"{name} is a {_type(value)}, not a string")
        return None
    return clean_line(value) or None


def _text(document: Mapping[str, Any], name: str, problems: list[str]) -> str:
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.append(f"{name} is a {_type(value)}, not a string")
        return ""
    return clean_text(value).strip()


def _tags(document: Mapping[str, Any], name: str, problems: list[str]) -> tuple[str, ...]:
    """Hashtags without #, each once: from a list, or from one string with separators."""
    value = document.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        value = _listed(value)
    if not isinstance(value, list):
        problems.append(f"{name} is a {_type(value)}, not a list")
        return ()
    if not all(isinstance(tag, str) for tag in value):
        problems.append(f"{name} has entries that are not strings")
    tags = [clean_line(tag).lstrip("#").strip() for tag in value if isinstance(tag, str)]
    kept = [clean_key(tag, MAX_HASHTAG_CHARACTERS) for tag in dict.fromkeys(tags) if tag]
    return tuple(kept[:MAX_HASHTAGS])


def _listed(text: str) -> list[Any]:
    """A list written into one string: JSON, or words separated by spaces, commas or #."""
    if text.lstrip().startswith("["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list):
            return value
    return [word for word in _TAG_SEPARATORS.split(text) if word]


def _url(document: Mapping[str, Any], name: str, problems: list[str]) -> str | None:
    """An http(s) address; `javascript:` and the like must never become a link."""
    value = _line(document, name, problems)
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or len(value) > MAX_URL_CHARACTERS:
        problems.append(f"{name} is not an http or https address")
        return None
    return quote(value, safe="%/:=&?~#+!$,;'@()*[]")


def _time(document: Mapping[str, Any], name: str, problems: list[str]) -> datetime | None:
    """A time in UTC: ISO 8601 (without an offset: UTC), YYYYMMDD, or seconds since 1970."""
    value = document.get(name)
    if value is None or value == "":
        return None
    try:
        found = _moment(value)
    except (ValueError, OverflowError, TypeError):
        found = None
    if found is None or not _EARLIEST <= found <= _LATEST:
        problems.append(f"{name} is not a time that makes sense: {clean_line(str(value)[:60])}")
        return None
    return found


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if re.fullmatch(r"\d{8}", text):
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        value = float(text)
    if isinstance(value, int | float):
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        return _EARLIEST + timedelta(seconds=seconds)
    return None


def _complete(upload_id: str, fields: _Fields, modified_at: datetime) -> Metadata:
    """The fields with what stands in for missing ones."""
    platform = clean_key((fields.platform or LOCAL).lower(), MAX_PLATFORM_CHARACTERS)
    post_id = clean_key(fields.id, MAX_ID_CHARACTERS) if fields.id else None
    known = post_id if fields.platform else None
    return Metadata(
        video_id=video_id_of(platform, known, upload_id),
        platform=platform,
        id=post_id,
        account=clean_key(fields.account, MAX_ACCOUNT_CHARACTERS)
        if fields.account
        else parent_account(upload_id),
        posted_at=fields.posted_at or modified_at,
        description=fields.description,
        hashtags=fields.hashtags,
        url=fields.url,
    )
