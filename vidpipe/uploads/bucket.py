"""Uploads in an object store, through obstore.

Belongs here: opening a bucket and listing its objects as if they lay in folders.
Does not: which of them are uploads (vidpipe.uploads.found_uploads) or fetching their bytes
(vidpipe.uploads.opening).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from vidpipe.errors import StoreError
from vidpipe.uploads.names import encoded
from vidpipe.uploads.source import FileState, UnreadFolder, reason_of

if TYPE_CHECKING:
    from obstore import ObjectMeta


class UploadsBucket:
    """An object store as a source of uploads; its keys are slash-separated and have no folders."""

    def __init__(self, url: str) -> None:
        self._store: ObjectStore = open_bucket(url)

    def top(self) -> tuple[dict[bytes, FileState], list[bytes]]:
        return self._level(None)

    def below(
        self, folder: bytes, unread: list[UnreadFolder]
    ) -> Iterator[tuple[bytes, dict[bytes, FileState]]]:
        by_folder: dict[bytes, dict[bytes, FileState]] = defaultdict(dict)
        try:
            for chunk in obstore.list(self._store, folder.decode(), chunk_size=1000):
                for entry in chunk:
                    _add(by_folder, entry["path"].encode(), object_state(entry))
        except BaseError:
            # One key such as `a//b` makes obstore refuse the whole list: go level by level.
            yield from self._level_by_level(folder, unread)
            return
        yield from _visible(by_folder)

    def _level_by_level(
        self, folder: bytes, unread: list[UnreadFolder]
    ) -> Iterator[tuple[bytes, dict[bytes, FileState]]]:
        waiting = [folder]
        while waiting:
            current = waiting.pop()
            try:
                files, folders = self._level(current.decode())
            except BaseError as error:
                unread.append(UnreadFolder(encoded(current), reason_of(error)))
                continue
            waiting += [current + b"/" + name for name in folders]
            yield current, files

    def _level(self, prefix: str | None) -> tuple[dict[bytes, FileState], list[bytes]]:
        result = obstore.list_with_delimiter(self._store, prefix)
        by_folder: dict[bytes, dict[bytes, FileState]] = defaultdict(dict)
        for entry in result["objects"]:
            _add(by_folder, entry["path"].encode(), object_state(entry))
        names = [path.rsplit("/", 1)[-1].encode() for path in result["common_prefixes"]]
        files = by_folder.get((prefix or "").encode(), {})
        return files, [name for name in names if not name.startswith(b".")]


def _visible(
    by_folder: Mapping[bytes, dict[bytes, FileState]],
) -> Iterator[tuple[bytes, dict[bytes, FileState]]]:
    """Folders that are not below a hidden one."""
    for folder, files in by_folder.items():
        if not any(part.startswith(b".") for part in folder.split(b"/")):
            yield folder, files


def _add(
    by_folder: dict[bytes, dict[bytes, FileState]], path: bytes, state: FileState | None
) -> None:
    folder, _, name = path.rpartition(b"/")
    is_marker = state is not None and state.size_bytes == 0 and b"." not in name
    if state is not None and not is_marker:  # consoles create empty objects to stand for folders
        by_folder[folder][name] = state


def object_state(entry: "ObjectMeta") -> FileState:
    """The state of an object as the store describes it."""
    tag = (entry["e_tag"] or str(int(entry["last_modified"].timestamp()))).strip('"')
    return FileState(entry["size"], entry["last_modified"].astimezone(UTC), tag)


def open_bucket(url: str) -> ObjectStore:
    """The object store behind an uploads URL.

    Raises:
        StoreError: the URL or the credentials are not understood.
    """
    try:
        return from_url(url)
    except (BaseError, ValueError) as error:
        raise StoreError(f"{url} cannot be opened as a bucket: {reason_of(error)}") from None
