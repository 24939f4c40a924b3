"""The uploads folder or bucket: what lies there, and one safe way to open it.

Belongs here: listing uploads with their sidecars, whole or in bounded ticks; fingerprints; opening
one upload as a local file that cannot be anything outside the uploads folder.
Does not: deciding when an upload is complete, new or gone (vidpipe.uploads.registry), reading
sidecars (vidpipe.uploads.metadata) or judging bytes (vidpipe.media.container).

Names are untrusted: any bytes but NUL and slash, up to 255 of them. Inside vidpipe a file is known
by its `upload_id`, the percent-encoded path relative to the uploads URL, so that nothing else has
to care.

**What counts as an upload.** Its type is decided by content later, so a name only excludes: hidden
files and folders (leading dot), unfinished downloads (`.part`, `.crdownload`, `.tmp`, …), and names
that say they are something other than video (text, pictures, sound, subtitles, archives: see
`OTHER_SUFFIXES`; READMEs and the like). Everything else, also without or with an unknown suffix,
is an upload and gets an outcome.

**Links.** A link to a file inside the uploads folder is an upload like any other. One that leads
out of it, to nothing, or to a pipe or device is listed with a `held_reason` and never opened. Links
to folders inside are not followed: what they show is listed where it is, so loops cannot happen.
"""

import os
import re
import stat
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Protocol
from urllib.parse import quote_from_bytes, unquote_to_bytes

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from vidpipe.clean_text import display_name
from vidpipe.errors import ItemUnavailable, StoreError, UploadRejected

if TYPE_CHECKING:
    from obstore import ObjectMeta

SidecarKind = Literal["native", "yt-dlp", "manifest"]

_UNFINISHED = """
.part .partial .crdownload .download .opdownload .filepart .aria2 .ytdl .tmp .temp .swp .!ut
"""
_OTHER = """
.json .jsonl .ndjson .csv .tsv .txt .md .rst .log .nfo .xml .yaml .yml .toml .ini .html .htm .css
.js .py .sh .sql .pdf .doc .docx .xls .xlsx .parquet .description .annotations .url .webloc .lnk
.desktop .sha256 .sha1 .md5 .sig .asc .torrent .db .sqlite .bak
.jpg .jpeg .jpe .png .webp .bmp .tif .tiff .heic .heif .avif .svg .ico .psd
.srt .vtt .ass .ssa .lrc .ttml .sub .idx
.mp3 .m4a .aac .wav .flac .oga .opus .wma .mid .aiff
.zip .gz .tgz .bz2 .xz .zst .7z .rar .tar
"""

UNFINISHED_SUFFIXES = frozenset(_UNFINISHED.split())
"""What browsers, rsync, yt-dlp and editors call a file that is not finished."""

OTHER_SUFFIXES = frozenset(_OTHER.split())
"""Suffixes that say a file is something other than a video: texts and data, pictures, subtitles,
sound, archives. `.gif` and `.ogg` may well be videos."""

OTHER_NAMES = frozenset(
    b"readme license licence copying notice changelog makefile authors thumbs.db "
    b"_success _started _committed".split()
)

MANIFEST_NAMES = (b"manifest.ndjson", b"manifest.csv")
MAX_ID_CHARACTERS = 2000
"""A longer upload_id would not fit a PostgreSQL index entry (2.7 kB); such an upload is held."""

_DATE_FOLDER = re.compile(r"(?:ingest_date=)?(\d{4}-\d{2}-\d{2})")
_MAX_TIME = datetime(9999, 1, 1, tzinfo=UTC)
_CHUNK_BYTES = 1 << 20
_COPY_PREFIX = "vidpipe-upload-"


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


@dataclass(frozen=True, slots=True)
class FoundUpload:
    """One upload in a listing.

    `fingerprint` covers the file and its sidecars; `own_fingerprint` leaves manifests out, which
    grow all the time and are no sign that this upload is still arriving. `settled_at` is the latest
    change to the file and its own sidecars, `manifest_modified_at` that of its manifests.
    `sidecars` are `kind=upload_id` in the order in which they are believed.
    """

    upload_id: str
    size_bytes: int
    modified_at: datetime
    fingerprint: str
    own_fingerprint: str
    sidecar_fingerprint: str
    settled_at: datetime
    manifest_modified_at: datetime | None
    sidecars: tuple[str, ...]
    held_reason: str | None = None


@dataclass(frozen=True, slots=True)
class UnreadFolder:
    """A folder that could not be listed; nothing is known about the uploads in it."""

    folder: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """What a look at the uploads URL showed.

    Attributes:
        uploads: what was found, each upload once.
        read_folders: top-level folders (percent-encoded; "" stands for the files at the root) that
            were read: an upload that is missing there is absent.
        all_folders: every top-level folder that exists, read or not.
        unread: folders below those that could not be read.
        complete: every top-level folder was read, so absence means something everywhere.
        after, next_after: position of a sweep in bounded ticks before and after this listing; ""
            is its start, and its end.
        other_files: files that are no uploads (sidecars, pictures, unfinished downloads).
        failure: why nothing could be listed at all, or None.
    """

    url: str
    uploads: tuple[FoundUpload, ...] = ()
    read_folders: tuple[str, ...] = ()
    all_folders: tuple[str, ...] = ()
    unread: tuple[UnreadFolder, ...] = ()
    complete: bool = False
    after: str = ""
    next_after: str = ""
    other_files: int = 0
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


def folder_date(upload_id: str) -> tuple[date | None, str | None]:
    """Date of the date folder that an upload lies in, and what is wrong with that folder.

    (None, None) for an upload outside date folders.
    """
    folder, slash, _ = upload_id.partition("/")
    match = _DATE_FOLDER.fullmatch(folder.replace("%3D", "=")) if slash else None
    if match is None:
        return None, None
    try:
        return date.fromisoformat(match[1]), None
    except ValueError:
        return None, f"folder {folder} is named like a date, but there is no such day; rename it"


def top_folder(upload_id: str) -> str:
    """The top-level folder of an upload, "" at the root."""
    folder, slash, _ = upload_id.partition("/")
    return folder if slash else ""


def root_uri(url: str) -> str:
    """URI of the uploads folder or bucket; with a slash and an upload_id, that of an upload."""
    if _is_folder(url):
        return "file://" + quote_from_bytes(_root(url), safe="/").rstrip("/")
    return url.rstrip("/")


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
    copy = _folder_copy if _is_folder(url) else _bucket_copy
    expected = fingerprint.partition(";")[0] if fingerprint else None
    with copy(_Wanted(url, upload_id, max_bytes, expected, remedy)) as path:
        yield path


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


# -- what a folder's files mean -------------------------------------------------------------------


def uploads_in_folder(folder: bytes, files: Mapping[bytes, FileState]) -> list[FoundUpload]:
    """The uploads among the files of one folder, each with the sidecars that lie beside it.

    Args:
        folder: path relative to the uploads URL, "" for its root.
        files: state by name.
    """
    prefix = _encode(folder) + "/" if folder else ""
    manifests = [("manifest", name) for name in MANIFEST_NAMES if name in files]
    found = []
    for name, state in files.items():
        if not is_upload_name(name):
            continue
        stem = _stem(name)
        own = [
            (kind, sidecar)
            for kind, sidecar in (("native", stem + b".json"), ("yt-dlp", stem + b".info.json"))
            if sidecar in files
        ]
        # An own sidecar speaks for its upload; then a growing manifest does not re-read it.
        shared = [] if own else manifests
        file_part = f"{state.size_bytes}-{state.tag}"
        own_part = "+".join(_sidecar_part(kind, files[sidecar]) for kind, sidecar in own)
        sidecar_part = own_part + "+".join(
            _sidecar_part(sc.decode(), files[sc]) for _, sc in shared
        )
        upload_id = prefix + _encode(name)
        upload = FoundUpload(
            upload_id=upload_id,
            size_bytes=state.size_bytes,
            modified_at=state.modified_at,
            fingerprint=f"{file_part};{sidecar_part}",
            own_fingerprint=f"{file_part};{own_part}",
            sidecar_fingerprint=sidecar_part,
            settled_at=max(state.modified_at, *(files[sc].modified_at for _, sc in own))
            if own
            else state.modified_at,
            manifest_modified_at=max((files[sc].modified_at for _, sc in shared), default=None),
            sidecars=tuple(f"{kind}={prefix}{_encode(sidecar)}" for kind, sidecar in own + shared),
            held_reason=state.problem,
        )
        found.append(_fit(upload))
    return found


def is_upload_name(name: bytes) -> bool:
    """Whether a file of this name is an upload; the module's charter has the rule."""
    lowered = name.lower()
    if lowered.startswith((b".", b"~$", b"._")) or lowered.endswith(b"~"):
        return False
    stem = _stem(lowered)
    suffix = lowered[len(stem) :].decode("latin-1")
    if suffix in UNFINISHED_SUFFIXES or suffix in OTHER_SUFFIXES or suffix.startswith(".part-"):
        return False
    # yt-dlp writes `name.temp.mp4` while it merges streams.
    return not stem.endswith((b".temp", b".part")) and lowered not in OTHER_NAMES


def _sidecar_part(label: str, state: FileState) -> str:
    return f"{label}={state.size_bytes}-{state.tag}"


def _stem(name: bytes) -> bytes:
    dot = name.rfind(b".")
    return name[:dot] if dot > 0 else name


def _encode(path: bytes) -> str:
    return quote_from_bytes(path, safe="/")


def _fit(upload: FoundUpload) -> FoundUpload:
    """The upload, or a held one under a shortened id when its path is too long to be a key."""
    if len(upload.upload_id) <= MAX_ID_CHARACTERS:
        return upload
    digest = sha256(upload.upload_id.encode()).hexdigest()
    folder = top_folder(upload.upload_id)[:255]
    return replace(
        upload,
        upload_id=f"{folder}/too-long~{digest}",
        sidecars=(),
        held_reason=f"its path has {len(upload.upload_id)} characters when percent-encoded, "
        f"more than {MAX_ID_CHARACTERS}; shorten the folder or file name",
    )


# -- listing --------------------------------------------------------------------------------------


class _Source(Protocol):
    """A place that can be listed folder by folder."""

    def top(self) -> tuple[dict[bytes, FileState], list[bytes]]:
        """Files and folders at the root. Raises OSError or BaseError."""

    def below(
        self, folder: bytes, unread: list[UnreadFolder]
    ) -> Iterator[tuple[bytes, dict[bytes, FileState]]]:
        """(folder, its files) for this folder and all below it."""


def _list(
    url: str, *, after: str, newest: int, max_folders: int | None, budget_s: float | None
) -> Listing:
    started = time.monotonic()
    try:
        source: _Source = _Folder(url) if _is_folder(url) else _Bucket(url)
        root_files, folders = source.top()
    except (OSError, BaseError, StoreError, ValueError) as error:
        return Listing(url, after=after, next_after=after, failure=_listing_failure(url, error))
    names = {_encode(folder): folder for folder in folders}
    order = sorted(names)
    first = _newest_date_folders(order, newest)
    rest = [name for name in order if name > after]

    def in_time() -> bool:
        return budget_s is None or time.monotonic() - started < budget_s

    unread: list[UnreadFolder] = []
    per_folder: dict[str, list[FoundUpload]] = {"": uploads_in_folder(b"", root_files)}
    other = len(root_files) - len(per_folder[""])

    def read(name: str) -> None:
        nonlocal other
        found: list[FoundUpload] = []
        for folder, files in source.below(names[name], unread):
            uploads = uploads_in_folder(folder, files)
            other += len(files) - len(uploads)
            found += uploads
        per_folder[name] = found

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
    return Listing(
        url,
        uploads=tuple({u.upload_id: u for found in per_folder.values() for u in found}.values()),
        read_folders=tuple(per_folder),
        all_folders=("", *order),
        unread=tuple(unread),
        complete=len(per_folder) == len(order) + 1 and not unread,
        after=after,
        next_after="" if ended else position,
        other_files=other,
    )


def _newest_date_folders(names: Iterable[str], count: int) -> list[str]:
    """Folders of the latest dates that are not in the future (a folder of 2999 is no news)."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    dated = [(folder_date(f"{name}/")[0], name) for name in names]
    known = sorted((day, name) for day, name in dated if day is not None and day <= tomorrow)
    return [name for _, name in reversed(known)][:count]


def _listing_failure(url: str, error: Exception) -> str:
    return (
        f"{url} cannot be listed: {_short(error)}; check VIDPIPE_UPLOADS_URL, the mount or the "
        f"bucket's credentials. Nothing was changed"
    )


def _short(error: Exception) -> str:
    """First line of an error, for people; obstore appends its internal state."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


class _Folder:
    """Uploads in a folder of this machine; names and paths are bytes throughout."""

    def __init__(self, url: str) -> None:
        self._root = _root(url)

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
                unread.append(UnreadFolder(_encode(current), _short(error)))
                continue
            waiting += [current + b"/" + name for name in folders]
            yield current, files

    def _scan(self, folder: bytes) -> tuple[dict[bytes, FileState], list[bytes]]:
        files: dict[bytes, FileState] = {}
        folders: list[bytes] = []
        with os.scandir(os.path.join(self._root, folder)) as entries:  # noqa: PTH118 (bytes)
            for entry in entries:
                if entry.name.startswith(b"."):
                    continue
                try:
                    if entry.is_symlink():
                        state = self._linked(entry)
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                        continue
                    else:
                        state = _file_state(entry.stat(follow_symlinks=False))
                except FileNotFoundError:
                    continue  # gone since the folder was read
                if state is not None:
                    files[entry.name] = state
        return files, folders

    def _linked(self, entry: os.DirEntry[bytes]) -> FileState | None:
        """State of what a link points to; None for a folder inside the uploads folder."""
        itself = _file_state(entry.stat(follow_symlinks=False))
        try:
            target = os.path.realpath(entry.path, strict=True)
            inside = _is_inside(target, self._root)
            state = os.stat(target) if inside else None  # noqa: PTH116 (bytes)
        except OSError:
            return replace(itself, problem="is a link that points to nothing; remove it")
        if state is None:
            return replace(itself, problem=_LEAVES)
        return None if stat.S_ISDIR(state.st_mode) else _file_state(state)


_LEAVES = "is a link that leaves the uploads folder and is not followed; put the file itself there"
_NOT_REGULAR = "is not a regular file (a pipe, socket or device) and is not opened; remove it"


def _file_state(state: os.stat_result) -> FileState:
    regular = stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode)
    return FileState(
        state.st_size,
        _time(state.st_mtime_ns),
        str(state.st_mtime_ns),
        None if regular else _NOT_REGULAR,
    )


def _time(mtime_ns: int) -> datetime:
    """UTC time of an mtime, within what PostgreSQL and Python can hold."""
    try:
        return datetime.fromtimestamp(max(mtime_ns, 0) // 1000 / 1e6, UTC)
    except (OverflowError, ValueError, OSError):
        return _MAX_TIME


def _is_inside(path: bytes, root: bytes) -> bool:
    return path.startswith(root.rstrip(b"/") + b"/")


def _is_folder(url: str) -> bool:
    return "://" not in url or url.startswith("file://")


def _root(url: str) -> bytes:
    """Real path of the uploads folder; the folder itself may be reached through links."""
    path = unquote_to_bytes(url.removeprefix("file://")) if url.startswith("file://") else url
    return os.path.realpath(os.fsencode(path))


class _Bucket:
    """Uploads in an object store, through obstore; keys are slash-separated and have no folders."""

    def __init__(self, url: str) -> None:
        self._store: ObjectStore = _open_bucket(url)

    def top(self) -> tuple[dict[bytes, FileState], list[bytes]]:
        return self._level(None)

    def below(
        self, folder: bytes, unread: list[UnreadFolder]
    ) -> Iterator[tuple[bytes, dict[bytes, FileState]]]:
        by_folder: dict[bytes, dict[bytes, FileState]] = defaultdict(dict)
        try:
            for chunk in obstore.list(self._store, folder.decode(), chunk_size=1000):
                for entry in chunk:
                    _add(by_folder, entry["path"].encode(), _object_state(entry))
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
                unread.append(UnreadFolder(_encode(current), _short(error)))
                continue
            waiting += [current + b"/" + name for name in folders]
            yield current, files

    def _level(self, prefix: str | None) -> tuple[dict[bytes, FileState], list[bytes]]:
        result = obstore.list_with_delimiter(self._store, prefix)
        by_folder: dict[bytes, dict[bytes, FileState]] = defaultdict(dict)
        for entry in result["objects"]:
            _add(by_folder, entry["path"].encode(), _object_state(entry))
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


def _object_state(entry: "ObjectMeta") -> FileState:
    tag = (entry["e_tag"] or str(int(entry["last_modified"].timestamp()))).strip('"')
    return FileState(entry["size"], entry["last_modified"].astimezone(UTC), tag)


def _open_bucket(url: str) -> ObjectStore:
    try:
        return from_url(url)
    except (BaseError, ValueError) as error:
        raise StoreError(f"{url} cannot be opened as a bucket: {_short(error)}") from None


# -- opening --------------------------------------------------------------------------------------


@contextmanager
def _folder_copy(wanted: _Wanted) -> Iterator[str]:
    relative = unquote_to_bytes(wanted.upload_id)
    descriptor, path = _open_inside(_root(wanted.url), relative, wanted.name)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise UploadRejected(f"{wanted.name} {_NOT_REGULAR}")
        wanted.check_size(before.st_size)
        wanted.check_same(_file_part(before))
        yield path
        if _file_part(os.fstat(descriptor)) != _file_part(before):
            raise wanted.changed()
    finally:
        os.close(descriptor)


def _open_inside(root: bytes, relative: bytes, name: str) -> tuple[int, str]:
    """(descriptor, path to it) of a file whose real path lies inside the uploads folder."""
    try:
        real = os.path.realpath(os.path.join(root, relative), strict=True)  # noqa: PTH118 (bytes)
        if not _is_inside(real, root):
            raise UploadRejected(f"{name} {_LEAVES}")
        # NONBLOCK: opening a pipe would otherwise wait for a writer for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(real, flags)
    except OSError as error:
        raise ItemUnavailable(
            f"{name} cannot be opened: {_short(error)}; it is tried again"
        ) from error
    # A folder of the path may have been swapped for a link between the check and the opening.
    via_descriptor = f"/proc/self/fd/{descriptor}"
    try:
        actual = os.fsencode(os.readlink(via_descriptor))  # noqa: PTH115 (bytes)
    except OSError:
        via_descriptor, actual = os.fsdecode(real), os.path.realpath(real)
    if not _is_inside(actual, root):
        os.close(descriptor)
        raise UploadRejected(f"{name} {_LEAVES}")
    return descriptor, via_descriptor


def _file_part(state: os.stat_result) -> str:
    return f"{state.st_size}-{state.st_mtime_ns}"


@contextmanager
def _bucket_copy(wanted: _Wanted) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(prefix=_COPY_PREFIX) as copy:
        _fetch(wanted, copy)
        yield copy.name


def _fetch(wanted: _Wanted, copy: IO[bytes]) -> None:
    """Writes an object's bytes to an open file."""
    try:
        key = unquote_to_bytes(wanted.upload_id).decode()
        result = obstore.get(_open_bucket(wanted.url), key)
        state = _object_state(result.meta)
        wanted.check_size(state.size_bytes)
        wanted.check_same(f"{state.size_bytes}-{state.tag}")
        for chunk in result.stream(min_chunk_size=_CHUNK_BYTES):
            copy.write(chunk)
    except (FileNotFoundError, BaseError, StoreError, ValueError) as error:
        raise ItemUnavailable(
            f"{wanted.name} cannot be fetched: {_short(error)}; it is tried again"
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
