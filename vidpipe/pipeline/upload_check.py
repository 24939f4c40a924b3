"""What a folder of uploads would become, without taking anything in.

Belongs here: listing, reading and resolving a folder's files as a run would, and what is odd there.
Does not: showing it (vidpipe.cli.uploads), registering uploads (vidpipe.uploads.registry), frames.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from vidpipe.clean_text import display_name
from vidpipe.errors import NoVideo, StoreError, WorkerLost
from vidpipe.pipeline.contract import failed_row
from vidpipe.pipeline.engine import LocalEngine
from vidpipe.pipeline.workers.raw_videos import RawVideoWorker
from vidpipe.settings import Settings
from vidpipe.stores.lake import RAW_VIDEOS
from vidpipe.uploads.found_uploads import METADATA, FoundUpload, SideFile
from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.metadata.precedence import NO_SOURCE
from vidpipe.uploads.names import folder_date
from vidpipe.uploads.registry.side_files import told_apart
from vidpipe.uploads.video_resolution import resolve_videos

READ_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class CheckedFile:
    """What one file would become.

    Attributes:
        path: as people read it, relative to the folder.
        outcome: shown, version, failed, no_video, held or side_file, as in
            `vidpipe.upload_outcomes`.
        reason: why it would not be shown; the kind of a side file.
        video_id: the video that it would be a version of.
        version: which of its versions, from 1.
        metadata_source: program that wrote what is believed of it.
        metadata_files: metadata files that speak for it, the most trusted first.
        post: what they say: post_id, account and so on.
        duration_s, width_px, height_px: of the video.
    """

    path: str
    outcome: str
    reason: str | None = None
    video_id: str | None = None
    version: int | None = None
    metadata_source: str | None = None
    metadata_files: list[str] = field(default_factory=list)
    post: dict[str, Any] | None = None
    duration_s: float | None = None
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True)
class FolderCheck:
    """What a folder would become.

    Attributes:
        folder: the folder or bucket.
        counts: files by outcome; they add up to all files.
        files: all files in order of their paths.
        odd: what people should know, in sentences.
    """

    folder: str
    counts: dict[str, int]
    files: list[CheckedFile]
    odd: list[str]


def check_folder(url: str, settings: Settings) -> FolderCheck:
    """Tells what each file of a folder is and what would be shown of it.

    Files are hashed and their containers probed as a run would do it, in workers with the same
    limits; nothing is written anywhere.

    Raises:
        StoreError: the folder cannot be listed.
    """
    listing = list_uploads(url)
    if listing.failure is not None:
        raise StoreError(listing.failure)
    listing = told_apart(listing)
    uploads, side_files = listing.uploads, listing.side_files
    held = [one for one in uploads if one.held_reason is not None]
    readable = {one.upload_id: one for one in uploads if one.held_reason is None}
    rows = _resolved(list(_read(url, list(readable.values()), settings)))
    used = {sidecar.upload_id for one in uploads for sidecar in one.sidecars}
    used -= {one.upload_id for one in side_files}
    files = [_checked_upload(row, readable[row["upload_id"]]) for row in rows]
    files += [CheckedFile(_path(one), "held", one.held_reason) for one in held]
    files += [CheckedFile(_path(one), "side_file", one.kind) for one in side_files]
    files += [CheckedFile(display_name(one), "side_file", METADATA) for one in sorted(used)]
    files.sort(key=lambda one: one.path)
    odd = [f"folder {one.folder} cannot be read: {one.reason}" for one in listing.unread]
    odd += _odd_dates(uploads, settings)
    return FolderCheck(
        folder=url,
        counts=dict(Counter(one.outcome for one in files).most_common()),
        files=files,
        odd=[*odd, *_oddities(rows, side_files, uploads)],
    )


def _read(
    url: str, uploads: Sequence[FoundUpload], settings: Settings
) -> Iterator[Mapping[str, Any]]:
    """Rows of the lake for these uploads; one that takes its worker down fails alone."""
    now = datetime.now(UTC)
    items = [
        {
            "upload_id": one.upload_id,
            "fingerprint": one.fingerprint,
            "uri": "",
            "sidecars": list(one.sidecars),
            "first_seen_at": now,
            "modified_at": one.modified_at,
        }
        for one in uploads
    ]
    worker = RawVideoWorker.from_settings(settings.model_copy(update={"uploads_url": url}))
    engine = LocalEngine(settings.worker_memory_bytes)
    batches = ([item] for item in items)
    for outcome in engine.run(worker, batches, workers=settings.workers, timeout_s=READ_TIMEOUT_S):
        [item] = outcome.items
        error = outcome.error or WorkerLost("the worker gave no answer")
        for row in outcome.rows or [failed_row({"upload_id": item["upload_id"]}, error)]:
            yield {**row, "modified_at": item["modified_at"]}


def _resolved(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the video that each usable one is a version of."""
    schema = {**RAW_VIDEOS.schema, "modified_at": pl.Datetime("us", "UTC")}
    frame = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
    usable = resolve_videos(frame.filter(pl.col("status") != "failed"))
    found = pl.concat([usable, frame.filter(pl.col("status") == "failed")], how="diagonal")
    return found.sort("upload_id").to_dicts()


def _checked_upload(row: Mapping[str, Any], upload: FoundUpload) -> CheckedFile:
    post = {**(row["metadata"] or {}), **(row["post"] or {})}
    post.pop("video_id", None)
    probe = row["probe"] or {}
    return CheckedFile(
        path=_path(upload),
        outcome=_outcome(row),
        reason=row["error_message"],
        video_id=row["video_id"],
        version=row["version"],
        metadata_source=row["metadata_source"],
        metadata_files=[sidecar.name for sidecar in upload.sidecars],
        post={"post_id": row["post_id"], **post} if post else None,
        duration_s=probe.get("duration_s"),
        width_px=probe.get("width_px"),
        height_px=probe.get("height_px"),
    )


def _outcome(row: Mapping[str, Any]) -> str:
    if row["status"] != "failed":
        return "shown" if row["is_current"] else "version"
    return "no_video" if row["error_class"] == NoVideo.__name__ else "failed"


def _odd_dates(uploads: Sequence[FoundUpload], settings: Settings) -> Iterator[str]:
    """What a run would hold because of the date folder it lies in."""
    today = datetime.now(UTC).date()
    held = []
    for one in uploads:
        day, problem = folder_date(one.upload_id)
        if problem or (day is not None and not settings.start_date <= day <= today):
            held.append(one)
    if held:
        yield (
            f"{len(held)} uploads lie in date folders of the future, before VIDPIPE_START_DATE or "
            f"of no real day (the first is {_path(held[0])}): a run would hold them"
        )


def _oddities(
    rows: Sequence[Mapping[str, Any]],
    side_files: Sequence[SideFile],
    uploads: Sequence[FoundUpload],
) -> Iterator[str]:
    for row in rows:
        name = display_name(row["upload_id"])
        if row["metadata_error"]:
            yield row["metadata_error"].removeprefix("MetadataError: ")
        if row["is_conflict"]:
            yield f"{name}: another account claims the same post {row['claimed_post_id']}"
    posts = [(display_name(row["upload_id"]), row["post"]) for row in rows if row["post"]]
    for column, values, what in (
        ("account_source", ("folder",), "have no account but the folder they lie in"),
        (
            "account_source",
            ("name",),
            "have an account known by its name only, which may not be one",
        ),
        ("posted_at_precision", ("file",), "do not say when they were posted: the files' times do"),
        ("posted_at_precision", ("day",), "say the day, but not the time of day of the post"),
    ):
        names = [name for name, post in posts if post[column] in values]
        if names:
            yield f"{len(names)} uploads {what} (the first is {names[0]})"
    yield from _silent_metadata(rows, side_files, uploads)


def _silent_metadata(
    rows: Sequence[Mapping[str, Any]],
    side_files: Sequence[SideFile],
    uploads: Sequence[FoundUpload],
) -> Iterator[str]:
    """What people took for metadata of a video, and is none: a row or a name may be misspelt."""
    sidecars = {one.upload_id: one.sidecars for one in uploads if one.sidecars}
    silent = [
        row["upload_id"]
        for row in rows
        if row["upload_id"] in sidecars
        and row["metadata_source"] == NO_SOURCE
        and not row["metadata_error"]
    ]
    if silent:
        beside = ", ".join(one.name for one in sidecars[silent[0]][:3])
        yield (
            f"{len(silent)} uploads have metadata files beside them that do not speak of them "
            f"(the first is {display_name(silent[0])}, beside {beside})"
        )
    used = {sidecar.upload_id for found in sidecars.values() for sidecar in found}
    for one in side_files:
        is_metadata = one.kind == METADATA or one.upload_id.lower().endswith(".info.json")
        if is_metadata and one.upload_id not in used:
            yield f"{display_name(one.upload_id)} looks like metadata, but speaks for no video here"


def _path(one: FoundUpload | SideFile) -> str:
    return display_name(one.upload_id)
