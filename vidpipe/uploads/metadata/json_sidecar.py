"""Bytes of strangers as text and JSON, and sidecars that are one JSON object about one upload.

Belongs here: encodings, JSON that is broken, nested too deeply or no object, and how messages name
a file that cannot be read.
Does not: what the fields of an object mean (the formats beside this module).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.fields import Fields, type_name


@dataclass(frozen=True)
class _OneObject:
    """A sidecar that speaks for the upload beside it, whichever that is."""

    fields: Fields

    def fields_of(self, upload_id: str) -> Fields:
        del upload_id
        return self.fields


def json_parser(
    fields_of: Callable[[Mapping[str, Any]], Fields],
) -> Callable[[bytes, str], ParsedSidecar]:
    """A parser of sidecars that are one JSON object, given what its fields mean."""

    def parse(data: bytes, name: str) -> ParsedSidecar:
        text, problem = decoded(data)
        document = parsed_json(text, name)
        if not isinstance(document, dict):
            raise unreadable(name, f"is a JSON {type_name(document)}, not an object")
        fields = fields_of(document)
        fields.problems += [problem] if problem else []
        return _OneObject(fields)

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
