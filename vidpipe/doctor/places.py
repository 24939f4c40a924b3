"""Places: VIDPIPE_HOME, the temporary folder, uploads, lake and media, in folders or buckets.

Belongs here: whether they can be reached and written, and how much room they have.
Does not: the database (vidpipe.doctor.server), whether other hosts reach them, too
(vidpipe.doctor.hosts).
"""

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from vidpipe.doctor.findings import Level, error, ok, warning
from vidpipe.settings import Settings
from vidpipe.uploads.uploads_url import folder_path, is_folder

if TYPE_CHECKING:
    from obstore.store import RetryConfig

GIB = 2**30
TOO_LITTLE_BYTES, LITTLE_BYTES = 1 * GIB, 10 * GIB
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"}
RETRIES: "RetryConfig" = {"max_retries": 1, "retry_timeout": timedelta(seconds=5)}
CREDENTIALS = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL"

# What an S3 server answers, and what that means for an operator.
ANSWERS = {
    "NoSuchBucket": ("the bucket does not exist", "create it, or correct {setting}"),
    "InvalidAccessKeyId": ("the server does not know this access key", CREDENTIALS),
    "SignatureDoesNotMatch": ("the secret key is wrong", CREDENTIALS),
    "AccessDenied": ("these credentials may not do that", "grant them reading and writing there"),
    "169.254.169.254": ("there are no credentials for it", CREDENTIALS),
    "BadScheme|builder error": (
        "the endpoint is plain http, which is forbidden",
        "set AWS_ALLOW_HTTP=true, if that server is yours",
    ),
}


def home(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether the home can be written, and has room."""
    folder = settings.home.expanduser().absolute()
    setting = "VIDPIPE_HOME"
    yield from _folder(folder, setting)
    kind = _file_system(folder)
    if settings.database_url is None and kind in NETWORK_FILE_SYSTEMS:
        yield warning(
            f"{folder} lies on a network file system ({kind}), and vidpipe's own PostgreSQL in it",
            f"set {setting} to a disk of this machine, or VIDPIPE_DATABASE_URL to a server",
        )


def temporary_folder(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether it can be written, and holds the copies of uploads that workers make."""
    try:
        folder = Path(tempfile.gettempdir())
    except FileNotFoundError as problem:
        yield error(f"no temporary folder can be written: {problem}", "set TMPDIR to one that can")
        return
    free = shutil.disk_usage(folder).free
    copies = settings.uploads_url is not None and not is_folder(settings.uploads_url)
    largest = settings.max_upload_bytes * settings.workers if copies else 0
    if free < TOO_LITTLE_BYTES:
        yield error(f"{_gib(free)} are free in {folder}", "free some room, or set TMPDIR elsewhere")
    elif free < largest:
        yield warning(
            f"{_gib(free)} are free in {folder}; each of {settings.workers} workers copies an"
            f" upload of up to {_gib(settings.max_upload_bytes)} from the bucket there",
            "set TMPDIR to a larger disk, or lower VIDPIPE_MAX_UPLOAD_BYTES or VIDPIPE_WORKERS",
        )
    else:
        yield ok(f"{_gib(free)} are free in {folder}")


def uploads(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether the uploads can be listed; vidpipe never writes there."""
    url = settings.uploads_url
    if url is None:
        yield warning(
            "VIDPIPE_UPLOADS_URL is not set: there is nowhere to look for uploads",
            "set it to a folder or an s3:// URL, or give --uploads",
        )
        return
    if not is_folder(url):
        yield _listed(url, "VIDPIPE_UPLOADS_URL")
        return
    folder = Path(os.fsdecode(folder_path(url)))
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError as problem:
        yield error(
            f"{folder} cannot be listed: {problem.strerror}",
            "correct VIDPIPE_UPLOADS_URL, or let this user read and enter the folder",
        )
    else:
        yield ok(f"uploads can be listed in {folder}")


def lake(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether the lake can be written, and in a bucket whether no commit can be lost."""
    yield from _written(settings.lake, "VIDPIPE_LAKE_URL")


def media(settings: Settings) -> Iterator[tuple[Level, str, str]]:
    """Whether pictures can be written."""
    yield from _written(settings.media, "VIDPIPE_MEDIA_URL")


def _written(url: str, setting: str) -> Iterator[tuple[Level, str, str]]:
    if is_folder(url):
        yield from _folder(Path(os.fsdecode(folder_path(url))), setting)
    else:
        yield _bucket(url, setting)


def _folder(folder: Path, setting: str) -> Iterator[tuple[Level, str, str]]:
    """Writes and removes a file, in the folder or in the nearest one above that exists."""
    existing = next(one for one in (folder, *folder.parents) if one.exists() or one.is_symlink())
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"vidpipe doctor")
    except OSError as problem:
        yield error(
            f"{existing} cannot be written: {problem.strerror}",
            f"let this user write there, or set {setting} to another place",
        )
        return
    free = shutil.disk_usage(existing).free
    room = f"{_gib(free)} are free in {folder}"
    remedy = f"free some room, or set {setting} to a larger disk"
    if free < TOO_LITTLE_BYTES:
        yield error(room, remedy)
    elif free < LITTLE_BYTES:
        yield warning(room, remedy)
    else:
        yield ok(room)


def _listed(url: str, setting: str) -> tuple[Level, str, str]:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    try:
        obstore.list_with_delimiter(from_url(url, retry_config=RETRIES))
    except (BaseError, OSError, ValueError) as problem:
        return _refused(url, setting, str(problem))
    return ok(f"{url} can be listed")


def _bucket(url: str, setting: str) -> tuple[Level, str, str]:
    """Writes an object twice, the second time on condition that there is none, and removes it.

    Commits to the lake rest on that condition: a server that ignores it loses results of two runs.
    """
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError
    from obstore.store import from_url

    name = f".vidpipe-doctor-{uuid.uuid4().hex}"
    try:
        store = from_url(url, retry_config=RETRIES)
        obstore.put(store, name, b"vidpipe doctor", mode="create")
        try:
            obstore.put(store, name, b"vidpipe doctor", mode="create")
        except AlreadyExistsError:
            return ok(f"{url} can be written")
        finally:
            obstore.delete(store, name)
    except (BaseError, OSError, ValueError) as problem:
        return _refused(url, setting, str(problem))
    return error(
        f"{url} overwrites an object that must be new: two runs at once would lose results",
        f"set {setting} to a server with conditional writes (If-None-Match), as S3 and MinIO have",
    )


def _refused(url: str, setting: str, said: str) -> tuple[Level, str, str]:
    for pattern, (what, remedy) in ANSWERS.items():
        if re.search(pattern, said):
            return error(f"{url}: {what}", remedy.format(setting=setting))
    line = said.strip().splitlines()[0] if said.strip() else "no reason was given"
    return error(f"{url} cannot be used: {line[:300]}", f"{CREDENTIALS}, and {setting}")


def _file_system(folder: Path) -> str:
    """Kind of the file system that a folder lies on, or will lie on."""
    mounted = [
        (len(part.mountpoint), part.fstype)
        for part in psutil.disk_partitions(all=True)
        if folder.is_relative_to(part.mountpoint)
    ]
    return max(mounted, default=(0, ""))[1]


def _gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
