"""What the files of one folder mean: which are uploads, and which metadata files speak for them.

Belongs here: pairing uploads with their sidecars, fingerprints, ids that are too long.
Does not: listing folders (vidpipe.uploads.listing) or reading sidecars (vidpipe.uploads.metadata).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from vidpipe.uploads.metadata.formats import FORMATS
from vidpipe.uploads.names import encoded, is_upload_name, top_folder
from vidpipe.uploads.sidecars import Sidecar
from vidpipe.uploads.source import FileState

MAX_UPLOAD_ID_CHARACTERS = 2000
"""A longer upload_id would not fit a PostgreSQL index entry (2.7 kB); such an upload is held."""


@dataclass(frozen=True, slots=True)
class FoundUpload:
    """One upload in a listing.

    `fingerprint` covers the file and its sidecars; `own_fingerprint` leaves manifests out, which
    grow all the time and are no sign that this upload is still arriving. `settled_at` is the latest
    change to the file and its own sidecars, `manifest_modified_at` that of its manifests.
    `sidecars` stand in the order in which they are believed.
    """

    upload_id: str
    size_bytes: int
    modified_at: datetime
    fingerprint: str
    own_fingerprint: str
    sidecar_fingerprint: str
    settled_at: datetime
    manifest_modified_at: datetime | None
    sidecars: tuple[Sidecar, ...]
    held_reason: str | None = None


def uploads_in_folder(folder: bytes, files: Mapping[bytes, FileState]) -> list[FoundUpload]:
    """The uploads among the files of one folder, each with the sidecars that lie beside it.

    Args:
        folder: path relative to the uploads URL, "" for its root.
        files: state by name.
    """
    prefix = encoded(folder) + "/" if folder else ""
    manifests = [
        (known.kind, name)
        for known in FORMATS
        for name in sorted(filter(known.is_shared_name, files), key=_belief)
    ]
    found = []
    for name, state in files.items():
        if not is_upload_name(name):
            continue
        own = [
            (known.kind, sidecar)
            for known in FORMATS
            for sidecar in known.names_beside(name)
            if sidecar in files
        ]
        # An own sidecar speaks for its upload; then a growing manifest does not re-read it.
        shared = [] if own else manifests
        own_part = "+".join(_sidecar_part(kind, files[sidecar]) for kind, sidecar in own)
        sidecar_part = own_part + "+".join(
            _sidecar_part(encoded(sc), files[sc]) for _, sc in shared
        )
        upload_id = prefix + encoded(name)
        upload = FoundUpload(
            upload_id=upload_id,
            size_bytes=state.size_bytes,
            modified_at=state.modified_at,
            fingerprint=f"{state.fingerprint};{sidecar_part}",
            own_fingerprint=f"{state.fingerprint};{own_part}",
            sidecar_fingerprint=sidecar_part,
            settled_at=max(state.modified_at, *(files[sc].modified_at for _, sc in own))
            if own
            else state.modified_at,
            manifest_modified_at=max((files[sc].modified_at for _, sc in shared), default=None),
            sidecars=tuple(Sidecar(kind, prefix + encoded(sc)) for kind, sc in own + shared),
            held_reason=state.problem,
        )
        found.append(_fit(upload))
    return found


def _belief(name: bytes) -> tuple[bool, bytes]:
    """The order of shared files: NDJSON says types and is believed before tables."""
    return (not name.endswith(b".ndjson"), name)


def _sidecar_part(label: str, state: FileState) -> str:
    return f"{label}={state.fingerprint}"


def _fit(upload: FoundUpload) -> FoundUpload:
    """The upload, or a held one under a shortened id when its path is too long to be a key."""
    if len(upload.upload_id) <= MAX_UPLOAD_ID_CHARACTERS:
        return upload
    digest = sha256(upload.upload_id.encode()).hexdigest()
    folder = top_folder(upload.upload_id)[:255]
    return replace(
        upload,
        upload_id=f"{folder}/too-long~{digest}",
        sidecars=(),
        held_reason=f"its path has {len(upload.upload_id)} characters when percent-encoded, "
        f"more than {MAX_UPLOAD_ID_CHARACTERS}; shorten the folder or file name",
    )
