"""The words of a video that are embedded and searched: its description, and what OCR read.

Belongs here: putting words together in one agreed way, and their identity.
Does not: cleaning them (vidpipe.clean_text did, at the door) or reading pixels.
"""

import hashlib
from collections.abc import Iterable, Sequence


def description_text(description: str, hashtags: Sequence[str]) -> str:
    """The description followed by the hashtags that it does not already contain; may be empty."""
    known = description.casefold()
    missing = [tag for tag in hashtags if f"#{tag}".casefold() not in known]
    return " ".join([description.strip(), *(f"#{tag}" for tag in missing)]).strip()


def ocr_text(lines: Iterable[str]) -> str:
    """The accepted OCR lines of a content in order of time, each once; may be empty.

    A caption stays on screen for several keyframes; its repeats differ in case and spaces at most.
    """
    seen: dict[str, str] = {}
    for line in lines:
        words = " ".join(line.split())
        if words:
            seen.setdefault(words.casefold(), words)
    return "\n".join(seen.values())


def text_sha256(text: str) -> str:
    """The identity of a text: sha256 of its UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
