"""JSON values too large to be held: read as a stream, of which only the small parts are kept.

Belongs here: what of such a file is kept, and making of its text what the parser understands.
Does not: files of ordinary size, or what the values mean (vidpipe.uploads.metadata.json_sidecar).

Info files of popular videos hold hundreds of thousands of comments, which nothing here reads; as
Python objects they would take ten times the size of the file.
"""

import codecs
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import ijson

MAX_LIST_ENTRIES = 1000
MAX_LISTED_CHARACTERS = 2**22
MAX_KEPT_CHARACTERS = 2**24
MAX_DEPTH = 100

_CHUNK_BYTES = 1 << 16
# Whole characters of a string: an escape that ends with the chunk waits for the next one.
_IN_STRING = re.compile(r'(?:[^"\\]|\\u[0-9A-Fa-f]{4}|\\[^u])*+')
_OUTSIDE_STRING = re.compile(r'[^"]*+')
_NO_NUMBER = re.compile(r"\bNaN\b|-?\bInfinity\b")
_LAST_WORD = re.compile(r"[-A-Za-z]{0,9}\Z")
_LONGEST_ESCAPE = len(r"\u0000")


class TooMuchJson(Exception):
    """More is to be kept than may be."""


def kept_json(file: BinaryIO, encoding: str) -> Any:
    """A JSON value without its large parts: lists end after their first entries.

    Args:
        file: at its start; seekable.
        encoding: of its text; bytes that are none of it become U+FFFD.

    Raises:
        ijson.JSONError: it is not JSON, or ends too early (`ijson.IncompleteJSONError`).
        TooMuchJson: it is too large even without long lists, or nested too deeply.
        ValueError: it has a number of thousands of digits.
    """
    try:
        return _kept(_Utf8(_decoded(file, encoding)))
    except ijson.JSONError:
        # Python's own writer, which yt-dlp uses, writes NaN; telling it from text takes longer.
        file.seek(0)
        return _kept(_Utf8(_without_nan(_decoded(file, encoding))))


def _kept(stream: "_Utf8") -> Any:
    kept = _Kept()
    for event, value in ijson.basic_parse(stream):
        kept.take(event, value)
    return kept.root


class _Kept:
    """The value that the events of a parser build, bounded in size."""

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[Any] = []  # lists and objects that are kept and not yet complete
        self._keys: list[str] = []  # the last key of each of them
        self._lists = 0  # how many of them are lists
        self._skipped = 0  # how many containers are open in a value that is not kept
        self._characters = 0
        self._listed_characters = 0

    def take(self, event: str, value: Any) -> None:
        """Adds what one event says."""
        opens, closes = event in ("start_map", "start_array"), event in ("end_map", "end_array")
        if self._skipped or (not closes and self._is_list_full()):
            self._skipped += opens - closes
        elif opens:
            self._enter({} if event == "start_map" else [])
        elif closes:
            self._lists -= isinstance(self._open.pop(), list)
            self._keys.pop()
        elif event == "map_key":
            self._count(value)
            self._keys[-1] = value
        else:
            self._count(value)
            self._add(float(value) if isinstance(value, Decimal) else value)

    def _is_list_full(self) -> bool:
        """Whether the innermost container is a list that gets no more entries."""
        if not self._open or not isinstance(self._open[-1], list):
            return False
        too_long = len(self._open[-1]) >= MAX_LIST_ENTRIES
        return too_long or self._listed_characters > MAX_LISTED_CHARACTERS

    def _enter(self, container: Any) -> None:
        self._add(container)
        self._open.append(container)
        self._keys.append("")
        self._lists += isinstance(container, list)
        if len(self._open) > MAX_DEPTH:
            raise TooMuchJson("is nested too deeply")

    def _add(self, value: Any) -> None:
        if not self._open:
            self.root = value
        elif isinstance(self._open[-1], list):
            self._open[-1].append(value)
        else:
            self._open[-1][self._keys[-1]] = value

    def _count(self, value: Any) -> None:
        size = len(value) if isinstance(value, str) else 8
        self._characters += size
        self._listed_characters += size if self._lists else 0
        if self._characters > MAX_KEPT_CHARACTERS:
            raise TooMuchJson(f"holds more than {MAX_KEPT_CHARACTERS} characters besides its lists")


class _Utf8:
    """Pieces of text as the file of UTF-8 that the parser reads."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1) -> bytes:
        """The next piece, whatever its size; empty at the end."""
        if size == 0:
            return b""
        piece = next((piece for piece in self._pieces if piece), "")
        return piece.encode("utf-8", "replace")


def _decoded(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while data := file.read(_CHUNK_BYTES):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def _without_nan(pieces: Iterator[str]) -> Iterator[str]:
    """The text with `null` for NaN and Infinity outside of strings."""
    rest, is_in_string = "", False
    for piece in pieces:
        text, done, passed = rest + piece, 0, list[str]()
        rest = ""
        while done < len(text):
            if is_in_string:
                end = _end(_IN_STRING, text, done)
                passed.append(text[done:end])
                is_escape_cut = text[end : end + 1] == "\\" and len(text) - end < _LONGEST_ESCAPE
            else:
                end = _end(_OUTSIDE_STRING, text, done)
                ends_in_word = end == len(text)
                word = _LAST_WORD.search(text, done, end) if ends_in_word else None
                cut = word.start() if word else end
                passed.append(_NO_NUMBER.sub("null", text[done:cut]))
                rest, is_escape_cut = text[cut:end], False
            if is_escape_cut:
                rest = text[end:]
                break
            is_in_string ^= text[end : end + 1] == '"'
            passed.append(text[end : end + 1])
            done = end + 1
        yield "".join(passed)
    yield _NO_NUMBER.sub("null", rest)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start
