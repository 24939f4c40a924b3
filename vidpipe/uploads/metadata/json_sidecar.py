"""Bytes of strangers as text and JSON, and sidecars that are one JSON object about one upload.

Belongs here: encodings, JSON that is broken, nested too deeply or no object, and how messages name
a file that cannot be read; telling which program wrote an object.
Does not: what the fields of an object mean (the documents beside this module).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.fields import Fields, type_name


@dataclass(frozen=True)
class DocumentKind:
    """JSON objects that one program writes, told by what is in them.

    Several programs call their files `<stem>.json`: their names do not tell them apart.

    Attributes:
        source: the program, as `vidpipe.videos.metadata_source` calls it.
        recognises: whether it wrote an object.
        fields_of: what an object says of an upload, given the upload's percent-encoded path.
    """

    source: str
    recognises: Callable[[Mapping[str, Any]], bool]
    fields_of: Callable[[Mapping[str, Any], str], Fields]


@dataclass(frozen=True)
class _OneObject:
    """A sidecar that speaks for the uploads beside it, whichever those are."""

    document: Mapping[str, Any]
    kind: DocumentKind
    problem: str | None

    def fields_of(self, upload_id: str) -> Fields:
        fields = self.kind.fields_of(self.document, upload_id)
        fields.source = self.kind.source
        fields.problems += [self.problem] if self.problem else []
        return fields


def json_parser(kinds: Sequence[DocumentKind]) -> Callable[[BinaryIO, str], ParsedSidecar]:
    """A parser of sidecars that are one JSON object of the first of these kinds that knows it."""

    def parse(file: BinaryIO, name: str) -> ParsedSidecar:
        text, problem = decoded(file.read())
        document = parsed_json(text, name)
        if not isinstance(document, dict):
            raise unreadable(name, f"is a JSON {type_name(document)}, not an object")
        for kind in kinds:
            if kind.recognises(document):
                return _OneObject(document, kind, problem)
        known = ", ".join(kind.source for kind in kinds)
        raise unreadable(name, f"is a JSON object of none of the known kinds ({known})")

    return parse


def decoded(data: bytes) -> tuple[str, str | None]:
    """The text of a file, and what was wrong with its encoding."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not {encoding[:6].upper().rstrip('-')}; save it as UTF-8"
        return data.decode(encoding, "replace"), problem


def parsed_json(text: str, name: str) -> Any:
    """The value of a JSON text.

    Raises:
        MetadataError: it is not JSON, or nothing that this machine can hold.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise unreadable(name, f"is not valid JSON ({where})") from None
    except RecursionError:
        raise unreadable(name, "is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise unreadable(name, f"cannot be read as JSON ({error})") from None


def unreadable(name: str, what: str) -> MetadataError:
    """The error of a file of which nothing can be understood."""
    return MetadataError(f"{name} {what}; correct or remove it and it is read again")
