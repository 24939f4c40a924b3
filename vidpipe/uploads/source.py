"""What a folder and a bucket have in common: a place whose files can be listed folder by folder.

Belongs here: the state of one file, folders that could not be read, the contract of a place.
Does not: how a folder (vidpipe.uploads.folder) or a bucket (vidpipe.uploads.bucket) is listed, or
which of its files are uploads (vidpipe.uploads.found_uploads).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FileState:
    """One file as a listing shows it.

    `tag` changes whenever the bytes do (mtime in ns, or the bucket's etag); `problem` says why the
    file must not be opened.
    """

    size_bytes: int
    modified_at: datetime
    tag: str
    problem: str | None = None

    @property
    def fingerprint(self) -> str:
        """Size and tag: the file's part of a fingerprint."""
        return f"{self.size_bytes}-{self.tag}"


@dataclass(frozen=True, slots=True)
class UnreadFolder:
    """A folder that could not be listed; nothing is known about the uploads in it."""

    folder: str
    reason: str


class Source(Protocol):
    """A place that can be listed folder by folder."""

    def top(self) -> tuple[dict[bytes, FileState], list[bytes]]:
        """Files and folders at the root.

        Raises:
            OSError, BaseError: it cannot be listed.
        """

    def below(
        self, folder: bytes, unread: list[UnreadFolder]
    ) -> Iterator[tuple[bytes, dict[bytes, FileState]]]:
        """This folder and all folders below it, each with its files.

        Those that cannot be read are added to `unread`.
        """


def reason_of(error: Exception) -> str:
    """The first line of an error, for people; obstore appends its internal state."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
