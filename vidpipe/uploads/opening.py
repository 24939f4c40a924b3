"""One safe way to open an upload: as a local file that cannot be anything outside the uploads URL.

Belongs here: opening a file of the folder, fetching an object of the bucket, their size limit, and
noticing that a file changed while it was read.
Does not: listing (vidpipe.uploads.listing) or judging bytes (vidpipe.media.container).
"""

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote_to_bytes

import obstore
from obstore.exceptions import BaseError

from vidpipe.clean_text import display_name
from vidpipe.errors import ItemUnavailable, StoreError, UploadRejected
from vidpipe.uploads.bucket import object_state, open_bucket
from vidpipe.uploads.folder import LEAVES, NOT_REGULAR, file_state, is_inside
from vidpipe.uploads.source import reason_of
from vidpipe.uploads.uploads_url import folder_path, is_folder

_CHUNK_BYTES = 1 << 20
_COPY_PREFIX = "vidpipe-upload-"


@contextmanager
def local_copy(
    url: str,
    upload_id: str,
    *,
    max_bytes: int,
    fingerprint: str | None = None,
    remedy: str = "raise VIDPIPE_MAX_UPLOAD_BYTES to accept it",
) -> Iterator[str]:
    """A path at which the bytes of an upload (or sidecar) can be read while the block runs.

    For a folder the file is opened here, checked to lie inside the uploads folder, and offered as
    `/proc/self/fd/N` where there is such a thing: a link swapped in later changes nothing, and no
    decoder sees the hostile name. For a bucket it is a temporary copy, removed at the end.

    Args:
        url: the uploads URL.
        max_bytes: a larger file is refused before it is read.
        fingerprint: what the file is expected to be; its sidecar part does not matter here.
        remedy: what the message about a larger file recommends.

    Raises:
        UploadRejected: it is larger, not a regular file, or a link out of the uploads folder.
        ItemUnavailable: it is gone, unreadable just now, or no longer what `fingerprint` says;
            also raised at the end of the block when the file changed meanwhile.
    """
    copy = _folder_copy if is_folder(url) else _bucket_copy
    expected = fingerprint.partition(";")[0] if fingerprint else None
    with copy(_Wanted(url, upload_id, max_bytes, expected, remedy)) as path:
        yield path


def head_of(url: str, upload_id: str, size_bytes: int) -> bytes:
    """The first bytes of an upload, however large it is; fewer where it is shorter.

    Raises:
        UploadRejected: not a regular file, or a link out of the uploads folder.
        ItemUnavailable: it is gone or unreadable just now.
    """
    if not is_folder(url):
        return _head_of_object(url, upload_id, size_bytes)
    name = display_name(upload_id)
    descriptor, _ = _open_inside(folder_path(url), unquote_to_bytes(upload_id), name)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UploadRejected(f"{name} {NOT_REGULAR}")
        return os.read(descriptor, size_bytes)
    finally:
        os.close(descriptor)


def _head_of_object(url: str, upload_id: str, size_bytes: int) -> bytes:
    try:
        key = unquote_to_bytes(upload_id).decode()
        options: obstore.GetOptions = {"range": (0, size_bytes)}
        return bytes(obstore.get(open_bucket(url), key, options=options).bytes())
    except (FileNotFoundError, BaseError, StoreError, ValueError) as error:
        raise ItemUnavailable(
            f"{display_name(upload_id)} cannot be fetched: {reason_of(error)}; it is tried again"
        ) from error


@dataclass(frozen=True)
class _Wanted:
    """One file to be opened: where, how large at most, and what it should be."""

    url: str
    upload_id: str
    max_bytes: int
    file_part: str | None
    remedy: str

    @property
    def name(self) -> str:
        return display_name(self.upload_id)

    def check_size(self, size_bytes: int) -> None:
        if size_bytes > self.max_bytes:
            raise UploadRejected(
                f"{self.name} has {size_bytes} bytes, more than {self.max_bytes}; {self.remedy}"
            )

    def check_same(self, file_part: str) -> None:
        if self.file_part is not None and file_part != self.file_part:
            raise self.changed()

    def changed(self) -> ItemUnavailable:
        return ItemUnavailable(
            f"{self.name} changed since it was registered; it is read when it has settled"
        )


@contextmanager
def _folder_copy(wanted: _Wanted) -> Iterator[str]:
    relative = unquote_to_bytes(wanted.upload_id)
    descriptor, path = _open_inside(folder_path(wanted.url), relative, wanted.name)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise UploadRejected(f"{wanted.name} {NOT_REGULAR}")
        wanted.check_size(before.st_size)
        wanted.check_same(file_state(before).fingerprint)
        yield path
        if file_state(os.fstat(descriptor)).fingerprint != file_state(before).fingerprint:
            raise wanted.changed()
    finally:
        os.close(descriptor)


def _open_inside(root: bytes, relative: bytes, name: str) -> tuple[int, str]:
    """A descriptor, and a path to it, of a file whose real path lies inside the uploads folder."""
    try:
        real = os.path.realpath(os.path.join(root, relative), strict=True)  # noqa: PTH118 (bytes)
        if not is_inside(real, root):
            raise UploadRejected(f"{name} {LEAVES}")
        # NONBLOCK: opening a pipe would otherwise wait for a writer for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(real, flags)
    except OSError as error:
        raise ItemUnavailable(
            f"{name} cannot be opened: {reason_of(error)}; it is tried again"
        ) from error
    # A folder of the path may have been swapped for a link between the check and the opening.
    via_descriptor = f"/proc/self/fd/{descriptor}"
    try:
        actual = os.fsencode(os.readlink(via_descriptor))  # noqa: PTH115 (bytes)
    except OSError:
        via_descriptor, actual = os.fsdecode(real), os.path.realpath(real)
    if not is_inside(actual, root):
        os.close(descriptor)
        raise UploadRejected(f"{name} {LEAVES}")
    return descriptor, via_descriptor


@contextmanager
def _bucket_copy(wanted: _Wanted) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(prefix=_COPY_PREFIX) as copy:
        _fetch(wanted, copy)
        yield copy.name


def _fetch(wanted: _Wanted, copy: IO[bytes]) -> None:
    """Writes an object's bytes to an open file."""
    try:
        key = unquote_to_bytes(wanted.upload_id).decode()
        result = obstore.get(open_bucket(wanted.url), key)
        state = object_state(result.meta)
        wanted.check_size(state.size_bytes)
        wanted.check_same(state.fingerprint)
        for chunk in result.stream(min_chunk_size=_CHUNK_BYTES):
            copy.write(chunk)
    except (FileNotFoundError, BaseError, StoreError, ValueError) as error:
        raise ItemUnavailable(
            f"{wanted.name} cannot be fetched: {reason_of(error)}; it is tried again"
        ) from error
    copy.flush()
    if copy.tell() != state.size_bytes:
        raise ItemUnavailable(f"{wanted.name} was cut off while it was fetched; it is tried again")


def remove_stale_copies(folder: Path | None = None, older_than_s: float = 86400.0) -> int:
    """Removes temporary copies that killed workers left behind; returns how many."""
    removed = 0
    for path in (folder or Path(tempfile.gettempdir())).glob(f"{_COPY_PREFIX}*"):
        try:
            if path.is_file() and time.time() - path.stat().st_mtime > older_than_s:
                path.unlink()
                removed += 1
        except OSError:
            continue
    return removed
