"""The work of the `raw_videos` stage: what each upload is, and what its metadata says.

Belongs here: hashing, probing and describing one upload after the other in a worker process.
Does not: listing uploads (vidpipe.uploads), bookkeeping (vidpipe.pipeline.loop), keyframes.

Imports of PyAV and obstore are local: the run process imports this module and must stay light.
"""

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vidpipe.clean_text import display_name
from vidpipe.errors import ItemError, ItemUnavailable, MetadataError, UploadRejected
from vidpipe.media.limits import Limits
from vidpipe.pipeline.contract import BatchFunction, Item, Row, failed_row, ok_row
from vidpipe.settings import Settings
from vidpipe.stores.lake_structs import METADATA, POST, field_names
from vidpipe.uploads.metadata.contract import ParsedSidecar
from vidpipe.uploads.metadata.formats import format_of, parse
from vidpipe.uploads.metadata.precedence import FoundMetadata, find_metadata
from vidpipe.uploads.sidecars import Sidecar

ALGORITHM = 1  # raise it when the same files give another probe or other metadata

# A folder and the one above it may have a manifest, 4CAT's list, its dataset, and lists of posts:
# forgetting one between two uploads would read a list of 100,000 posts again for every upload.
KEPT_SIDECARS = 8
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class RawVideoWorker:
    """Reads uploads of items as `vidpipe.uploads.registry.registered_uploads.items` gives them.

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

    def open(self) -> BatchFunction:
        """Nothing to load; called once in a worker process."""
        reader = _Reader(self.uploads_url, self.limits)
        return lambda items: [reader.row(item) for item in items]


class _Reader:
    """Reads uploads one by one; remembers the last sidecars that many of them share."""

    def __init__(self, uploads_url: str, limits: Limits) -> None:
        self._url = uploads_url
        self._limits = limits
        self._shared: dict[tuple[Sidecar, str], ParsedSidecar | MetadataError] = {}

    def row(self, item: Item) -> Row:
        """The item's row: a failed one keeps what is known of the upload."""
        key = {"upload_id": item["upload_id"], "fingerprint": item["fingerprint"]}
        row = ok_row(key) | {
            "uri": item["uri"],
            "first_seen_at": item["first_seen_at"],
            "content_sha256": None,
            "size_bytes": None,
            "probe": None,
            "metadata": None,
            "post": None,
            "metadata_source": None,
            "metadata_error": None,
        }
        try:
            found = self._metadata(item)
            said = asdict(found.metadata)
            said |= {"hashtags": list(found.metadata.hashtags)}
            said |= {"mentions": list(found.metadata.mentions)}
            row["metadata"] = {name: said[name] for name in field_names(METADATA)}
            row["post"] = {name: said[name] for name in field_names(POST)}
            row["metadata_source"] = found.source
            row["metadata_error"] = found.error
            self._read_content(item, row)
        except ItemError as error:
            return row | failed_row(key, error)
        return row

    def _read_content(self, item: Item, row: Row) -> None:
        """Fills in size, hash and probe, in this order: a refused file is still known by its hash.

        Raises:
            UploadRejected: empty, hostile, not a video, or over a limit.
            ItemUnavailable: gone, or changed while it was read.
        """
        from vidpipe.media.probe import probe
        from vidpipe.uploads.opening import local_copy

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
        state = item["fingerprint"].partition(";")[2]
        return find_metadata(
            item["upload_id"],
            item["sidecars"],
            modified_at=item["modified_at"] or item["first_seen_at"],
            parsed=lambda sidecar: self._parsed(sidecar, state),
        )

    def _load(self, sidecar: Sidecar) -> ParsedSidecar:
        """The content of a metadata file.

        Raises:
            MetadataError: it may not be read (too large, a link out of the folder, no permission)
                or cannot be understood.
            ItemUnavailable: it is gone or out of reach just now.
        """
        from vidpipe.uploads.opening import local_copy

        try:
            with (
                local_copy(
                    self._url,
                    sidecar.upload_id,
                    max_bytes=format_of(sidecar).max_bytes,
                    remedy="shorten or remove it",
                ) as path,
                Path(path).open("rb") as file,
            ):
                return parse(sidecar, file)
        except UploadRejected as error:
            raise MetadataError(str(error)) from None
        except ItemUnavailable as error:
            if isinstance(error.__cause__, PermissionError):
                raise MetadataError(
                    f"{sidecar.name} may not be read; change its permissions, and its "
                    "time (`touch`) so that it is read again"
                ) from None
            raise

    def _parsed(self, sidecar: Sidecar, state: str) -> ParsedSidecar:
        """A sidecar in a given state; a shared one is parsed once for uploads in a row.

        Raises:
            MetadataError: it must not be read or cannot be understood.
        """
        if not format_of(sidecar).is_shared:
            return self._load(sidecar)
        key = (sidecar, state)
        if key not in self._shared:
            while len(self._shared) >= KEPT_SIDECARS:
                self._shared.pop(next(iter(self._shared)))
            try:
                self._shared[key] = self._load(sidecar)
            except MetadataError as error:
                self._shared[key] = error
        found = self._shared[key]
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
