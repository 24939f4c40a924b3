"""What every format of metadata files tells: where its files lie, and how to read one.

Belongs here: the contract that a module of one format fulfils.
Does not: the formats (a module each beside this one) or which are known
(vidpipe.uploads.metadata.formats).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from vidpipe.uploads.metadata.fields import Fields

MAX_SIDECAR_BYTES = 16 * 2**20


class ParsedSidecar(Protocol):
    """The content of a metadata file."""

    def fields_of(self, upload_id: str) -> Fields | None:
        """What it says of an upload, or None when it does not speak of it.

        Raises:
            MetadataError: it might, but cannot be understood.
        """


class KnowsPosts(ParsedSidecar, Protocol):
    """The content of a metadata file that can also be asked for a post by its id."""

    def fields_of_post(self, platform: str | None, post_id: str) -> Fields | None:
        """What it says of a post, or None when it does not speak of it.

        Args:
            platform: in lower case; None asks for the id alone.
            post_id: the id within the platform.
        """


def _nothing_beside(_upload_name: bytes) -> Sequence[bytes]:
    return ()


def _nothing_shared(_name: bytes) -> bool:
    return False


@dataclass(frozen=True)
class MetadataFormat:
    """One format of metadata files, by where they lie; what wrote a file is told by its content.

    Attributes:
        kind: what the registry and fingerprints call it; never change it.
        parse: understands an open file, given the name that messages use for it. Raises
            MetadataError.
        names_beside: names of a file that speaks for one upload, given that upload's name.
        is_shared_name: whether a file of this name speaks for many uploads of its folder, and of
            the folders right below it.
        knows_posts: whether what it parses to is a `KnowsPosts`. Files of such formats complete
            each other: 4CAT's list of downloads only names the posts of its dataset.
        may_be_silent: whether a file of such a name may be another program's and speak for nobody;
            shared files are asked then.
        max_bytes: a larger file is not read.
    """

    kind: str
    parse: Callable[[BinaryIO, str], ParsedSidecar]
    names_beside: Callable[[bytes], Sequence[bytes]] = _nothing_beside
    is_shared_name: Callable[[bytes], bool] = _nothing_shared
    knows_posts: bool = False
    may_be_silent: bool = False
    max_bytes: int = MAX_SIDECAR_BYTES

    @property
    def is_shared(self) -> bool:
        """Whether many uploads have the same file of this format."""
        return self.is_shared_name is not _nothing_shared
