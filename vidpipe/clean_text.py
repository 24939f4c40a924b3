"""The one door for text from uploads: what comes in here is safe to store, index and print.

Belongs here: making any text from metadata, sidecars or file names acceptable to PostgreSQL, Polars
and XML, and bounded in size.
Does not: escaping for HTML or Markdown (whoever renders does that) or judging what a text means.
"""

import hashlib
import re
import unicodedata
from urllib.parse import unquote_to_bytes

MAX_TEXT_BYTES = 64 * 1024
"""Longest text that is kept, in bytes of UTF-8; the rest is cut off."""

MAX_MARKS_IN_A_ROW = 30
"""Combining marks kept on one letter (the bound of Unicode's stream-safe text format, UAX #15).

NFC sorts a run of marks in quadratic time: 32,000 of them took 0.8 s.
"""

_LINE_BREAK = re.compile("\r\n?|\x85|\u2028|\u2029")
# C0 and C1 controls but tab and line feed, DEL, and the noncharacters that XML 1.0 refuses.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    r"""Text from the wild, ready to be stored: no NUL, surrogates or controls, at most 64 kB.

    NUL is refused by PostgreSQL, lone surrogates by Polars and UTF-8, other controls by XML; a
    terminal obeys escape sequences. Lone surrogates become U+FFFD, controls vanish, line breaks
    become ``\n``, the rest is NFC so that the same word is found however it was typed.
    Markup such as ``<script>`` is kept: it is what was posted, and is escaped where it is shown.
    Idempotent.
    """
    if len(text) <= MAX_TEXT_BYTES // 4 and text.isascii() and text.isprintable():
        return text
    text = text[:MAX_TEXT_BYTES]
    # A pair of escaped surrogates is one character; a lone one is not text.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _REFUSED.sub("", _LINE_BREAK.sub("\n", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", _few_marks(text))
        # Composition can leave a run of marks that a second pass would shorten: settle it now.
        text = _few_marks(text)
    return _cut(text, MAX_TEXT_BYTES)


def clean_line(text: str) -> str:
    """`clean_text` on one line: white space of any kind becomes single spaces. For names."""
    return _SPACES.sub(" ", clean_text(text)).strip()


def clean_key(text: str, max_characters: int) -> str:
    """`clean_line` for a value that is part of a key: bounded, and still distinct when it is cut.

    PostgreSQL refuses index entries above about 2.7 kB: one account name of 64 kB would otherwise
    fail the load of its whole date. A longer value keeps its start and ends in a digest of it all.
    """
    line = clean_line(text)
    if len(line) <= max_characters:
        return line
    digest = hashlib.sha256(line.encode()).hexdigest()[:16]
    return f"{line[: max_characters - 17]}~{digest}"


def display_name(upload_id: str) -> str:
    """An upload's path for people: percent-encoding undone where it is text, on one line.

    Never use it to open a file: different names may look the same here.
    """
    return clean_line(unquote_to_bytes(upload_id).decode("utf-8", "replace"))


def _few_marks(text: str) -> str:
    """The text with at most `MAX_MARKS_IN_A_ROW` combining marks in a row."""
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MAX_MARKS_IN_A_ROW:
            kept.append(character)
    return "".join(kept)


def _cut(text: str, max_bytes: int) -> str:
    encoded = text.encode()
    if len(encoded) <= max_bytes:
        return text
    return encoded[:max_bytes].decode("utf-8", "ignore")
