"""Bytes of strangers as text and JSON, and sidecars that are one JSON object about one upload.

Belongs here: encodings, JSON that is broken, nested too deeply or no object, and how messages name
a file that cannot be read; telling which program wrote an object.
Does not: what the fields of an object mean (the documents beside this module), or reading a file
that is too large to be held (vidpipe.uploads.metadata.large_json).
"""

import codecs
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import ijson

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.fields import Fields, type_name
from vidpipe.uploads.metadata.large_json import TooMuchJson, kept_json

MAX_WHOLE_BYTES = 4 * 2**20
"""A larger file is read as a stream, and only its small parts are kept."""

_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


@dataclass(frozen=True)
class DocumentKind:
    """JSON objects that one program writes, told by what is in them.

    Several programs call their files `<stem>.json`: their names do not tell them apart.

    Attributes:
        source: the program, as `vidpipe.videos.metadata_source` calls it.
        recognises: whether it wrote an object.
        fields_of: what an object says of an upload, given the upload's percent-encoded path; None
            when it does not speak of any.
        refusal: why an object that it wrote says nothing of any upload, or None.
    """

    source: str
    recognises: Callable[[Mapping[str, Any]], bool]
    fields_of: Callable[[Mapping[str, Any], str], Fields | None]
    refusal: Callable[[Mapping[str, Any]], str | None] = lambda _document: None


UNKNOWN_DOCUMENT = DocumentKind(
    source="none", recognises=lambda _document: True, fields_of=lambda _document, _upload_id: None
)
"""The last of the kinds of a name that other programs use for files of their own."""


@dataclass(frozen=True)
class _OneObject:
    """A sidecar that speaks for the uploads beside it, whichever those are."""

    document: Mapping[str, Any]
    kind: DocumentKind
    problem: str | None

    def fields_of(self, upload_id: str) -> Fields | None:
        fields = self.kind.fields_of(self.document, upload_id)
        if fields is None:
            return None
        fields.source = self.kind.source
        fields.problems += [self.problem] if self.problem else []
        return fields


def json_parser(kinds: Sequence[DocumentKind]) -> Callable[[BinaryIO, str], ParsedSidecar]:
    """A parser of sidecars that are one JSON object of the first of these kinds that knows it."""

    def parse(file: BinaryIO, name: str) -> ParsedSidecar:
        document, problem = _read_json(file, name)
        if not isinstance(document, dict):
            raise unreadable(name, f"is a JSON {type_name(document)}, not an object")
        for kind in kinds:
            if kind.recognises(document):
                if refusal := kind.refusal(document):
                    raise unreadable(name, refusal)
                return _OneObject(document, kind, problem)
        known = ", ".join(kind.source for kind in kinds)
        raise unreadable(name, f"is a JSON object of none of the known kinds ({known})")

    return parse


def _read_json(file: BinaryIO, name: str) -> tuple[Any, str | None]:
    """The JSON value of a file, of a large one its small parts, and what was wrong with its text.

    Raises:
        MetadataError: it is not JSON, or nothing that this machine can hold.
    """
    start = file.read(MAX_WHOLE_BYTES + 1)
    if len(start) <= MAX_WHOLE_BYTES:
        text, problem = decoded(start)
        return parsed_json(text, name), problem
    file.seek(0)
    try:
        return kept_json(file, _encoding(start)), None
    except TooMuchJson as error:
        raise unreadable(name, str(error)) from None
    except ijson.JSONError as error:
        if "premature EOF" in str(error) or _is_cut_off(file):
            raise unreadable(
                name, "is cut off: it ends before its JSON does, as a broken download does"
            ) from None
        raise unreadable(name, f"is not valid JSON ({str(error).splitlines()[0]})") from None
    except ValueError as error:  # a number of thousands of digits
        raise unreadable(name, f"cannot be read as JSON ({error})") from None


def _is_cut_off(file: BinaryIO) -> bool:
    file.seek(-64, io.SEEK_END)
    return not file.read().rstrip(b"\0 \t\r\n").endswith((b"}", b"]"))


def decoded(data: bytes) -> tuple[str, str | None]:
    """The text of a file, and what was wrong with its encoding.

    UTF-8 and UTF-16, with a byte order mark or without. What is neither is read as Windows-1252,
    in which spreadsheets save; but not a file of UTF-8 of which a few bytes were damaged.
    """
    encoding = _encoding(data)
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        rest, letters = _UTF8_LETTER.subn(b"", data)
        if encoding == "utf-8-sig" and sum(byte > 0x7F for byte in rest) > letters:
            problem = "is not UTF-8 and was read as Windows-1252; save it as UTF-8"
            return data.decode("cp1252", "replace"), problem
        label = encoding.removesuffix("-sig").upper()
        problem = f"byte {error.start} is not {label}; save it as UTF-8"
        return data.decode(encoding, "replace"), problem


def _encoding(data: bytes) -> str:
    """The encoding of a text by how it begins."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Excel's "Unicode text" without its mark: the Latin letters of the first line have a zero byte.
    if len(data) >= 4 and data[0] and not data[1] and data[2] and not data[3]:
        return "utf-16-le"
    if len(data) >= 4 and not data[0] and data[1] and not data[2] and data[3]:
        return "utf-16-be"
    return "utf-8-sig"


def parsed_json(text: str, name: str) -> Any:
    """The value of a JSON text.

    Raises:
        MetadataError: it is not JSON, or nothing that this machine can hold.
    """
    try:
        return json_value(text)
    except ValueError as error:
        raise unreadable(name, str(error)) from None


def json_value(text: str, *, first_line: int = 1) -> Any:
    """The value of a JSON text that begins on a line of a file.

    Raises:
        ValueError: it is not JSON, or nothing that this machine can hold; says why.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = error.lineno + first_line - 1
        where = f"line {line}, column {error.colno}: {error.msg}"
        raise ValueError(f"is not valid JSON ({where})") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise ValueError(f"cannot be read as JSON ({error})") from None


def unreadable(name: str, what: str) -> MetadataError:
    """The error of a file of which nothing can be understood."""
    return MetadataError(f"{name} {what}; correct or remove it and it is read again")
