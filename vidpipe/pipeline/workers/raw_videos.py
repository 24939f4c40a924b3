"""The work of the `raw_videos` stage: what each upload is, and what its metadata says.

Belongs here: hashing, probing and describing one upload after the other in a worker process.
Does not: listing uploads (vidpipe.uploads), bookkeeping (vidpipe.pipeline.loop), keyframes.

Imports of PyAV and obstore are local: the run process imports this module and must stay light.
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from vidpipe.clean_text import display_name
from vidpipe.errors import ItemError, ItemUnavailable, MetadataError, UploadRejected
from vidpipe.media.limits import Limits
from vidpipe.settings import Settings
from vidpipe.uploads.metadata import (
    MAX_MANIFEST_BYTES,
    MAX_SIDECAR_BYTES,
    FoundMetadata,
    Manifest,
    Sidecar,
    find_metadata,
    read_manifest,
)

ALGORITHM = 1  # raise it when the same files give another probe or other metadata

KEPT_MANIFESTS = 2
_CHUNK_BYTES = 1 << 20

Item = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class RawVideoWorker:
    """Reads uploads of items as `vidpipe.uploads.registry.items` gives them.

    Attributes:
        uploads_url: uploads folder or bucket.
        limits: what reading one file may cost.
    """

    uploads_url: str
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def from_settings(cls, settings: Settings) -> "RawVideoWorker":
        """The worker that settings ask for."""
        return cls(settings.uploads_url or "", Limits.from_settings(settings))

    def open(self) -> Callable[[list[Item]], list[Row]]:
        """Nothing to load; called once in a worker process."""
        reader = _Reader(self.uploads_url, self.limits)
        return lambda items: [reader.row(item) for item in items]


class _Reader:
    """Reads uploads one by one; remembers the last manifests, which many of them share."""

    def __init__(self, uploads_url: str, limits: Limits) -> None:
        self._url = uploads_url
        self._limits = limits
        self._manifests: dict[tuple[str, str], Manifest | MetadataError] = {}

    def row(self, item: Item) -> Row:
        """The item's row: a failed one keeps what is known of the upload."""
        row: Row = {
            "upload_id": item["upload_id"],
            "fingerprint": item["fingerprint"],
            "status": "ok",
            "error_class": None,
            "error_message": None,
            "is_transient": False,
            "uri": item["uri"],
            "first_seen_at": item["first_seen_at"],
            "content_sha256": None,
            "size_bytes": None,
            "probe": None,
            "metadata": None,
            "metadata_source": None,
            "metadata_error": None,
        }
        try:
            found = self._metadata(item)
            row["metadata"] = {**asdict(found.metadata), "hashtags": list(found.metadata.hashtags)}
            row["metadata_source"] = found.source
            row["metadata_error"] = found.error
            self._read_content(item, row)
        except ItemError as error:
            row["status"] = "failed"
            row["error_class"] = type(error).__name__
            row["error_message"] = str(error)
            row["is_transient"] = error.is_transient
        return row

    def _read_content(self, item: Item, row: Row) -> None:
        """Fills in size, hash and probe, in this order: a refused file is still known by its hash.

        Raises:
            UploadRejected: empty, hostile, not a video, or over a limit.
            ItemUnavailable: gone, or changed while it was read.
        """
        from vidpipe.media.probe import probe
        from vidpipe.uploads.upload_store import local_copy

        name = display_name(item["upload_id"])
        with local_copy(
            self._url,
            item["upload_id"],
            max_bytes=self._limits.max_bytes,
            fingerprint=item["fingerprint"],
        ) as path:
            sha256, size_bytes = _hash(path)
            if size_bytes == 0:
                raise UploadRejected(f"{name} is empty (0 bytes); upload it again")
            refused: ItemError | None = None
            try:
                row["probe"] = asdict(probe(path, self._limits, name))
            except ItemError as error:
                refused = error
        # Only now is it certain that the bytes stayed the same while they were read.
        row["content_sha256"], row["size_bytes"] = sha256, size_bytes
        if refused is not None:
            raise refused

    def _metadata(self, item: Item) -> FoundMetadata:
        sidecars = [self._sidecar(text) for text in item["sidecars"]]
        state = item["fingerprint"].partition(";")[2]
        return find_metadata(
            item["upload_id"],
            sidecars,
            modified_at=item["modified_at"] or item["first_seen_at"],
            manifest_of=lambda sidecar: self._manifest(sidecar, state),
        )

    def _sidecar(self, text: str) -> Sidecar:
        kind, _, sidecar_id = text.partition("=")
        limit = MAX_MANIFEST_BYTES if kind == "manifest" else MAX_SIDECAR_BYTES
        return Sidecar(
            kind=cast(Literal["native", "yt-dlp", "manifest"], kind),
            name=display_name(sidecar_id),
            load=lambda: self._load(sidecar_id, limit),
        )

    def _load(self, sidecar_id: str, max_bytes: int) -> bytes:
        """Bytes of a metadata file.

        Raises:
            MetadataError: it may not be read (too large, a link out of the folder, no permission).
            ItemUnavailable: it is gone or out of reach just now.
        """
        from vidpipe.uploads.upload_store import local_copy

        try:
            with local_copy(
                self._url, sidecar_id, max_bytes=max_bytes, remedy="shorten or remove it"
            ) as path:
                return Path(path).read_bytes()
        except UploadRejected as error:
            raise MetadataError(str(error)) from None
        except ItemUnavailable as error:
            if isinstance(error.__cause__, PermissionError):
                raise MetadataError(
                    f"{display_name(sidecar_id)} may not be read; change its permissions, and its "
                    "time (`touch`) so that it is read again"
                ) from None
            raise

    def _manifest(self, sidecar: Sidecar, state: str) -> Manifest:
        """A manifest in a given state, parsed once for the uploads that follow each other."""
        key = (sidecar.name, state)
        if key not in self._manifests:
            while len(self._manifests) >= KEPT_MANIFESTS:
                self._manifests.pop(next(iter(self._manifests)))
            try:
                self._manifests[key] = read_manifest(sidecar)
            except MetadataError as error:
                self._manifests[key] = error
        found = self._manifests[key]
        if isinstance(found, MetadataError):
            raise MetadataError(str(found))
        return found


def _hash(path: str) -> tuple[str, int]:
    """sha256 (hex) and size in bytes of a file, read in pieces."""
    digest, size_bytes = hashlib.sha256(), 0
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes
