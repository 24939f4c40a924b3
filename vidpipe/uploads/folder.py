"""Uploads in a folder of this machine: its files, its folders, and where its links lead.

Belongs here: listing a local folder, and telling what lies inside it.
Does not: which of its files are uploads (vidpipe.uploads.found_uploads) or opening them
(vidpipe.uploads.opening).

**Links.** A link to a file inside the uploads folder is an upload like any other. One that leads
out of it, to nothing, or to a pipe or device is listed with a `problem` and never opened. Links to
folders inside are not followed: what they show is listed where it is, so loops cannot happen.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from vidpipe.uploads.names import encoded
from vidpipe.uploads.source import FileState, UnreadFolder, reason_of
from vidpipe.uploads.uploads_url import folder_path

LEAVES = "is a link that leaves the uploads folder and is not followed; put the file itself there"
NOT_REGULAR = "is not a regular file (a pipe, socket or device) and is not opened; remove it"

_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class UploadsFolder:
    """A folder of this machine as a source of uploads; names and paths are bytes throughout."""

    def __init__(self, url: str) -> None:
        self._root = folder_path(url)

    def top(self) -> tuple[dict[bytes, FileState], list[bytes]]:
        return self._scan(b"")

    def below(
        self, folder: bytes, unread: list[UnreadFolder]
    ) -> Iterator[tuple[bytes, dict[bytes, FileState]]]:
        waiting = [folder]
        while waiting:
            current = waiting.pop()
            try:
                files, folders = self._scan(current)
            except FileNotFoundError:
                continue  # gone since its parent was read: what it held is absent
            except OSError as error:
                unread.append(UnreadFolder(encoded(current), reason_of(error)))
                continue
            waiting += [current + b"/" + name for name in folders]
            yield current, files

    def _scan(self, folder: bytes) -> tuple[dict[bytes, FileState], list[bytes]]:
        files: dict[bytes, FileState] = {}
        folders: list[bytes] = []
        with os.scandir(os.path.join(self._root, folder)) as entries:  # noqa: PTH118 (bytes)
            for entry in entries:
                is_hidden = entry.name.startswith(b".")
                try:
                    if entry.is_symlink():
                        state = self._linked(entry)
                    elif entry.is_dir(follow_symlinks=False):
                        if not is_hidden:
                            folders.append(entry.name)
                        continue
                    else:
                        state = file_state(entry.stat(follow_symlinks=False))
                except FileNotFoundError:
                    continue  # gone since the folder was read
                if state is not None:
                    files[entry.name] = state
        return files, folders

    def _linked(self, entry: os.DirEntry[bytes]) -> FileState | None:
        """State of what a link points to; None for a folder inside the uploads folder."""
        itself = file_state(entry.stat(follow_symlinks=False))
        try:
            target = os.path.realpath(entry.path, strict=True)
            inside = is_inside(target, self._root)
            state = os.stat(target) if inside else None  # noqa: PTH116 (bytes)
        except OSError:
            return replace(itself, problem="is a link that points to nothing; remove it")
        if state is None:
            return replace(itself, problem=LEAVES)
        return None if stat.S_ISDIR(state.st_mode) else file_state(state)


def file_state(state: os.stat_result) -> FileState:
    """The state of a file as the operating system describes it."""
    regular = stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode)
    return FileState(
        state.st_size,
        _time(state.st_mtime_ns),
        str(state.st_mtime_ns),
        None if regular else NOT_REGULAR,
    )


def _time(mtime_ns: int) -> datetime:
    """UTC time of an mtime, within what PostgreSQL and Python can hold."""
    try:
        return datetime.fromtimestamp(max(mtime_ns, 0) // 1000 / 1e6, UTC)
    except (OverflowError, ValueError, OSError):
        return _LATEST


def is_inside(path: bytes, root: bytes) -> bool:
    """Whether a real path lies below a folder's real path."""
    return path.startswith(root.rstrip(b"/") + b"/")
