"""Files as people name them in lists, matched to uploads.

Belongs here: paths of other machines, relative paths, normal forms, percent-encoding, and which of
several entries names an upload.
Does not: what a list says of a file (vidpipe.uploads.metadata.manifest).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

_MAX_CHARACTERS = 4096


@dataclass(frozen=True)
class NamedFile:
    """A file as a list names it, in NFC.

    Attributes:
        path: with slashes, and without what says nothing.
        is_absolute: whether it is a path from the root of some machine.
        written: what the list has.
    """

    path: str
    is_absolute: bool
    written: str = field(compare=False)

    @classmethod
    def from_text(cls, text: str) -> "NamedFile":
        """The file of a name, a path as Windows or POSIX has it, or a `file:` address."""
        written = _nfc(_unquoted(text.strip())[:_MAX_CHARACTERS])
        is_address = written.lower().startswith("file:")
        path = (unquote(written[5:]) if is_address else written).replace("\\", "/")
        parts = [part.strip() for part in path.split("/")]
        is_absolute = is_address or path[:1] in ("/", "~") or path[1:2] == ":"
        path = "/".join(part for part in parts if part not in ("", "."))
        return cls(path, is_absolute, written)

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The name of the folder in which it lies; empty when the list does not say."""
        return self.path.rpartition("/")[0].rpartition("/")[2]


class NamedFiles:
    """The files of a list by their names: what names an upload is found by a few look-ups."""

    def __init__(self, files: Mapping[NamedFile, object]) -> None:
        self._by_name: dict[str, list[NamedFile]] = defaultdict(list)
        self._by_loose_name: dict[str, list[NamedFile]] = defaultdict(list)
        for file in files:
            self._by_name[file.name].append(file)
            if "\\" in file.written:  # on POSIX it may be part of a name
                self._by_name[file.written].append(file)
            self._by_loose_name[_loose(file.name)].append(file)

    def naming(self, upload_id: str, *, is_beside_list: bool) -> list[NamedFile]:
        """The files of the list that best fit an upload, in the order of the list.

        A path of another machine fits by its last part. A relative path fits in its own folder,
        or where the uploads of all folders were put beside the list.
        """
        folder, _, encoded = upload_id.rpartition("/")
        folder = _decoded(folder.rpartition("/")[2])
        name = _decoded(encoded)
        for files in (
            self._by_name.get(name),
            self._by_name.get(encoded),
            self._by_loose_name.get(_loose(name)),
        ):
            ranks = [_rank(file, folder, is_beside_list) for file in files or ()]
            if best := max(ranks, default=0):
                ranked = zip(files or (), ranks, strict=True)
                return [file for file, rank in ranked if rank == best]
        return []


def _unquoted(text: str) -> str:
    """A path without the quotation marks with which Windows copies it."""
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if is_quoted else text


def _rank(file: NamedFile, folder: str, is_beside_list: bool) -> int:
    """How well a file of the right name fits an upload of a folder; 0 when it does not."""
    if file.folder == folder or (is_beside_list and not file.folder):
        return 2
    return 1 if is_beside_list or file.is_absolute or not file.folder else 0


def _loose(name: str) -> str:
    """A name without percent-encoding, and with a suffix in lower case."""
    stem, dot, suffix = _nfc(unquote(name)).strip().rpartition(".")
    return stem + dot + suffix.casefold()


def _decoded(encoded: str) -> str:
    """A part of an upload_id as people write it in a list, as far as it is text."""
    return _nfc(unquote(encoded, errors="surrogateescape"))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
