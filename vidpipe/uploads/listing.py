"""Listing the uploads URL, whole or in bounded ticks.

Belongs here: which folders are read in which order, and what a look at all of them showed.
Does not: how a folder or bucket is listed (vidpipe.uploads.folder, vidpipe.uploads.bucket), or
deciding when an upload is complete, new or gone (vidpipe.uploads.registry).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from obstore.exceptions import BaseError

from vidpipe.errors import StoreError
from vidpipe.uploads.bucket import UploadsBucket
from vidpipe.uploads.folder import UploadsFolder
from vidpipe.uploads.found_uploads import (
    FolderContents,
    FoundUpload,
    SideFile,
    contents_of_folder,
    shared_sidecars,
)
from vidpipe.uploads.names import encoded, folder_date
from vidpipe.uploads.source import Source, UnreadFolder, reason_of
from vidpipe.uploads.uploads_url import is_folder


@dataclass(frozen=True)
class Listing:
    """What a look at the uploads URL showed.

    Attributes:
        uploads: what was found, each upload once.
        side_files: files that are no uploads by their names, each once.
        read_folders: top-level folders (percent-encoded; "" stands for the files at the root) that
            were read: an upload that is missing there is absent.
        all_folders: every top-level folder that exists, read or not.
        unread: folders below those that could not be read.
        after, next_after: position of a sweep in bounded ticks before and after this listing; ""
            is its start, and its end.
        failure: why nothing could be listed at all, or None.
        counts_absence: whether an upload that it does not show counts as missing.
    """

    url: str
    uploads: tuple[FoundUpload, ...] = ()
    side_files: tuple[SideFile, ...] = ()
    read_folders: tuple[str, ...] = ()
    all_folders: tuple[str, ...] = ()
    unread: tuple[UnreadFolder, ...] = ()
    after: str = ""
    next_after: str = ""
    failure: str | None = None
    counts_absence: bool = True

    def glance(self) -> "Listing":
        """The same uploads with no claim about absent ones: for a second look in the same run."""
        return replace(self, counts_absence=False)


def list_uploads(url: str) -> Listing:
    """Everything under the uploads URL, in one go. Problems are part of the result."""
    return _list(url, after="", newest=0, max_folders=None, budget_s=None)


def list_some_uploads(
    url: str, *, after: str, newest: int = 3, max_folders: int = 50, budget_s: float = 10.0
) -> Listing:
    """One bounded tick: the newest date folders, and the next slice of all others.

    Args:
        after: where the previous tick of this sweep stopped (`next_after`); "" starts a sweep.
        newest: date folders (not in the future) that every tick reads, newest first.
        max_folders: top-level folders of the slice.
        budget_s: no further folder is begun after this many seconds; a folder that is begun is
            finished, and each tick reads at least one of the newest and one of the slice.
    """
    return _list(url, after=after, newest=newest, max_folders=max_folders, budget_s=budget_s)


def _list(
    url: str, *, after: str, newest: int, max_folders: int | None, budget_s: float | None
) -> Listing:
    started = time.monotonic()
    try:
        source: Source = UploadsFolder(url) if is_folder(url) else UploadsBucket(url)
        root_files, folders = source.top()
    except (OSError, BaseError, StoreError, ValueError) as error:
        return Listing(url, after=after, next_after=after, failure=_listing_failure(url, error))
    names = {encoded(folder): folder for folder in folders}
    order = sorted(names)
    first = _newest_date_folders(order, newest)
    rest = [name for name in order if name > after]

    def in_time() -> bool:
        return budget_s is None or time.monotonic() - started < budget_s

    unread: list[UnreadFolder] = []
    per_folder: dict[str, list[FolderContents]] = {"": [contents_of_folder(b"", root_files)]}

    def read(name: str) -> None:
        below = dict(source.below(names[name], unread))
        per_folder[name] = [
            contents_of_folder(folder, files, shared_sidecars(above, below.get(above, root_files)))
            for folder, files in below.items()
            for above in [folder.rpartition(b"/")[0]]
        ]

    for name in first:
        if name == first[0] or in_time():
            read(name)
    position = after
    done = 0
    for name in rest:
        full = max_folders is not None and done >= max_folders
        if done > 0 and (full or not in_time()):
            break
        if name not in per_folder:
            read(name)
        position, done = name, done + 1
    ended = done == len(rest)
    found = [part for parts in per_folder.values() for part in parts]
    return Listing(
        url,
        uploads=tuple({one.upload_id: one for part in found for one in part.uploads}.values()),
        side_files=tuple(
            {one.upload_id: one for part in found for one in part.side_files}.values()
        ),
        read_folders=tuple(per_folder),
        all_folders=("", *order),
        unread=tuple(unread),
        after=after,
        next_after="" if ended else position,
    )


def _newest_date_folders(names: Iterable[str], count: int) -> list[str]:
    """Folders of the latest dates that are not in the future (a folder of 2999 is no news)."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    dated = [(folder_date(f"{name}/")[0], name) for name in names]
    known = sorted((day, name) for day, name in dated if day is not None and day <= tomorrow)
    return [name for _, name in reversed(known)][:count]


def _listing_failure(url: str, error: Exception) -> str:
    return (
        f"{url} cannot be listed: {reason_of(error)}; check the path or URL (VIDPIPE_UPLOADS_URL), "
        "the mount or the bucket's credentials. Nothing was changed"
    )
