"""What the files of one folder mean: which may be uploads, and which metadata files speak for them.

Belongs here: pairing uploads with their sidecars, fingerprints, ids that are too long, and what is
no upload by its name or its neighbours.
Does not: listing folders (vidpipe.uploads.listing), looking into files whose names do not tell
(vidpipe.uploads.registry.side_files) or reading sidecars (vidpipe.uploads.metadata).
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from vidpipe.uploads.folder_names import HIDDEN, FolderNames
from vidpipe.uploads.metadata.formats import FORMATS
from vidpipe.uploads.names import encoded, top_folder
from vidpipe.uploads.sidecars import Sidecar
from vidpipe.uploads.source import FileState

METADATA = "metadata"

MAX_UPLOAD_ID_CHARACTERS = 2000
"""A longer upload_id would not fit a PostgreSQL index entry (2.7 kB); such an upload is held."""


MAX_SHARED_SIDECARS = 16
"""Tables among uploads may be anybody's: a folder of thousands must not be read for each upload."""

_SIDECAR_SUFFIXES = (b".info.json", b".json", b".json.xz")

_BESIDE = [known for known in FORMATS if not known.is_shared]
_MAY_BE_SILENT = {known.kind: known.may_be_silent for known in FORMATS}


@dataclass(frozen=True, slots=True)
class FoundUpload:
    """One upload in a listing.

    `fingerprint` covers the file and its sidecars; `own_fingerprint` leaves manifests out, which
    grow all the time and are no sign that this upload is still arriving. `settled_at` is the latest
    change to the file and its own sidecars, `manifest_modified_at` that of its manifests.
    `sidecars` stand in the order in which they are believed. `needs_look` says that the name does
    not tell whether it is a video; `has_video_beside` that another file is the video of the name.
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
    needs_look: bool = False
    has_video_beside: bool = False

    @property
    def file_fingerprint(self) -> str:
        """Size and tag of the file alone."""
        return self.fingerprint.partition(";")[0]


@dataclass(frozen=True, slots=True)
class SideFile:
    """A file that is no video and no metadata of one: what lies beside uploads."""

    upload_id: str
    fingerprint: str
    kind: str


@dataclass(frozen=True)
class FolderContents:
    """What the files of one folder are; sidecars are named by the uploads that have them."""

    uploads: tuple[FoundUpload, ...]
    side_files: tuple[SideFile, ...]


@dataclass(frozen=True, slots=True)
class SharedSidecar:
    """A metadata file that speaks for many uploads: of its folder, and of the folders below it."""

    sidecar: Sidecar
    name: bytes
    state: FileState


def shared_sidecars(folder: bytes, files: Mapping[bytes, FileState]) -> list[SharedSidecar]:
    """The metadata files of a folder that speak for many uploads, the most trusted first."""
    return [
        SharedSidecar(Sidecar(known.kind, _id(folder, name)), name, files[name])
        for known in FORMATS
        if known.is_shared
        for name in sorted(filter(known.is_shared_name, files), key=_belief)
    ]


def contents_of_folder(
    folder: bytes, files: Mapping[bytes, FileState], above: Sequence[SharedSidecar] = ()
) -> FolderContents:
    """What the files of one folder are, each upload with the sidecars that speak for it.

    Args:
        folder: path relative to the uploads URL, "" for its root.
        files: state by name.
        above: metadata files of the parent folder that speak for many uploads.
    """
    shared = shared_sidecars(folder, files)
    labelled = [(encoded(one.name), one) for one in shared]
    labelled += [(f"../{encoded(one.name)}", one) for one in above]
    labelled = labelled[:MAX_SHARED_SIDECARS]
    names, lookup = FolderNames(files), _SidecarNames(files)
    side_kinds = {name: names.side_kind(name) for name in names.videos}
    own = {name: lookup.beside(name) for name, kind in side_kinds.items() if kind is None}
    of_videos = {sidecar for pairs in own.values() for _, sidecar in pairs}
    of_others = {one.name for one in shared}
    for name in files:
        if name not in own and name not in of_videos:
            side_kinds[name] = names.side_kind(name)
            own[name] = lookup.beside(name) if side_kinds[name] != HIDDEN else []
            of_others.update(sidecar for _, sidecar in own[name])
    prefix = encoded(folder) + "/" if folder else ""
    uploads, side_files = [], []
    for name, state in files.items():
        if name in of_videos:
            continue
        upload_id = prefix + encoded(name)
        kind = METADATA if name in of_others else side_kinds[name]
        if kind is not None:
            side_files.append(SideFile(upload_id, state.fingerprint, kind))
            continue
        beside = [(kind, prefix + encoded(one), files[one]) for kind, one in own[name]]
        needs_look = state.problem is None and name not in names.videos
        upload = _found_upload(
            upload_id,
            state,
            beside,
            _asked_too(beside, labelled),
            held_reason=state.problem or names.held_reason(name),
            needs_look=needs_look,
            has_video_beside=needs_look and names.has_video_beside(name),
        )
        uploads.append(_fit(upload))
    return FolderContents(tuple(uploads), tuple(side_files))


def _asked_too(
    own: Sequence[tuple[str, str, FileState]], shared: Sequence[tuple[str, SharedSidecar]]
) -> Sequence[tuple[str, SharedSidecar]]:
    """The shared files that speak for an upload besides its own.

    An own sidecar speaks for its upload alone: a growing manifest then does not re-read it. But a
    file that another program left must not silence the manifest.
    """
    speaks = any(not _MAY_BE_SILENT[kind] for kind, _, _ in own)
    return () if speaks else shared


class _SidecarNames:
    """Finding the metadata files that lie beside single uploads of a folder.

    Other systems write their names otherwise: Windows and cameras in upper case; macOS takes
    letters with accents apart, in some files of a folder that was copied and not in others.
    """

    def __init__(self, names: Collection[bytes]) -> None:
        self._names = names
        self._otherwise: dict[bytes, bytes] = {}
        for name in names:
            lower = name.lower()
            if lower.endswith(_SIDECAR_SUFFIXES):
                ending = next(filter(lower.endswith, _SIDECAR_SUFFIXES))
                usual = _composed(name[: -len(ending)]) + ending
                if usual != name:
                    self._otherwise.setdefault(usual, name)

    def beside(self, name: bytes) -> list[tuple[str, bytes]]:
        """Kind and name of the metadata files that speak for one upload alone."""
        return [
            (known.kind, sidecar)
            for known in _BESIDE
            for usual in known.names_beside(name)
            if (sidecar := self._actual(usual)) is not None and sidecar != name
        ]

    def _actual(self, usual: bytes) -> bytes | None:
        if usual in self._names:
            return usual
        if not self._otherwise and usual.isascii():
            return None
        composed = _composed(usual)
        return composed if composed in self._names else self._otherwise.get(composed)


def _composed(name: bytes) -> bytes:
    """A name with its letters and accents in one (NFC)."""
    if name.isascii():
        return name
    text = name.decode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape")


def _found_upload(
    upload_id: str,
    state: FileState,
    own: Sequence[tuple[str, str, FileState]],
    shared: Sequence[tuple[str, SharedSidecar]],
    **judged: Any,
) -> FoundUpload:
    """An upload with its sidecars, and what the names of its folder say of it (`judged`)."""
    own_parts = [_sidecar_part(kind, sidecar) for kind, _, sidecar in own]
    all_parts = own_parts + [_sidecar_part(label, one.state) for label, one in shared]
    return FoundUpload(
        upload_id=upload_id,
        size_bytes=state.size_bytes,
        modified_at=state.modified_at,
        fingerprint=f"{state.fingerprint};{'+'.join(all_parts)}",
        own_fingerprint=f"{state.fingerprint};{'+'.join(own_parts)}",
        sidecar_fingerprint="+".join(all_parts),
        settled_at=max(state.modified_at, *(sidecar.modified_at for _, _, sidecar in own))
        if own
        else state.modified_at,
        manifest_modified_at=max((one.state.modified_at for _, one in shared), default=None),
        sidecars=(
            *(Sidecar(kind, sidecar_id) for kind, sidecar_id, _ in own),
            *(one.sidecar for _, one in shared),
        ),
        **judged,
    )


def _id(folder: bytes, name: bytes) -> str:
    return encoded(folder + b"/" + name if folder else name)


def _belief(name: bytes) -> tuple[bool, bytes]:
    """The order of shared files: JSON says types and is believed before tables."""
    return (not name.lower().endswith((b".ndjson", b".jsonl", b".json")), name)


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
