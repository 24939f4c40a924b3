"""What the documents show: code blocks, words marked as code, links and headings.

Belongs here: reading Markdown as far as the documents of this repository use it.
Does not: knowing what is right; the tests beside it do.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

_FENCE = re.compile(
    r"^(?P<fence>```+)(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=fence)\s*$", re.M | re.S
)
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.M)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes:
        document: the file that shows it.
        line_no: line of its first line of code, from 1.
        language: what stands behind the fence, as in "sh"; empty where nothing does.
        text: the code.
    """

    document: Path
    line_no: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{name_of(self.document)}:{self.line_no}"


def documents() -> list[Path]:
    """All documents of the repository for people."""
    found = [CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    found += sorted((CHECKOUT / "docs").glob("*.md"))
    return [*found, *(CHECKOUT / room / "README.md" for room in ("sql", "benchmarks", "deploy"))]


def name_of(document: Path) -> str:
    """A document's path as people write it."""
    return document.relative_to(CHECKOUT).as_posix()


def blocks(document: Path, *languages: str) -> Iterator[Block]:
    """The fenced blocks of a document, of all languages or of those named."""
    text = document.read_text("utf-8")
    for found in _FENCE.finditer(text):
        if not languages or found["language"] in languages:
            line_no = text.count("\n", 0, found.start("text")) + 1
            yield Block(document, line_no, found["language"], found["text"])


def prose(document: Path) -> str:
    """A document without its fenced blocks."""
    return _FENCE.sub("", document.read_text("utf-8"))


def code_words(document: Path) -> list[str]:
    """What a document marks as code within its sentences and tables."""
    return [re.sub(r"\s+", " ", found) for found in _CODE.findall(prose(document))]


def links(document: Path) -> list[str]:
    """Where the links and pictures of a document lead to."""
    return _LINK.findall(_CODE.sub("", prose(document)))


def anchors(document: Path) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in _HEADING.findall(prose(document)):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        plain = _NOT_IN_ANCHORS.sub("", unicodedata.normalize("NFC", text).lower())
        anchor = plain.replace(" ", "-")
        number = 0
        while (name := f"{anchor}-{number}" if number else anchor) in found:
            number += 1
        found.add(name)
    return found


def command_lines(block: Block) -> Iterator[str]:
    """The lines of a shell block, continued ones joined, without empty ones and comments."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()
