"""What every format of metadata files tells: where its files lie, and how to read one.

Belongs here: the contract that a module of one format fulfils.
Does not: the formats (a module each beside this one) or which are known
(vidpipe.uploads.metadata.formats).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from vidpipe.uploads.metadata.fields import Fields

MAX_SIDECAR_BYTES = 16 * 2**20


class ParsedSidecar(Protocol):
    """The content of a metadata file."""

    def fields_of(self, upload_id: str) -> Fields | None:
        """What it says of an upload, or None when it does not speak of it.

        Raises:
            MetadataError: it might, but cannot be understood.
        """


def _nothing_beside(_upload_name: bytes) -> Sequence[bytes]:
    return ()


@dataclass(frozen=True)
class MetadataFormat:
    """One format of metadata files.

    Attributes:
        kind: what the registry, fingerprints and the lake call it; never change it.
        parse: understands the bytes of a file, given the name that messages use for it.
            Raises MetadataError.
        names_beside: names of a file that speaks for one upload, given that upload's name.
        names_in_folder: names of a file that speaks for many uploads of its folder.
        max_bytes: a larger file is not read.
    """

    kind: str
    parse: Callable[[bytes, str], ParsedSidecar]
    names_beside: Callable[[bytes], Sequence[bytes]] = _nothing_beside
    names_in_folder: Sequence[bytes] = ()
    max_bytes: int = MAX_SIDECAR_BYTES

    @property
    def is_shared(self) -> bool:
        """Whether many uploads have the same file of this format."""
        return bool(self.names_in_folder)
