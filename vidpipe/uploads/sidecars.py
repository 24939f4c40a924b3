"""Sidecars: the metadata files that lie beside uploads, as they are found and handed on.

Belongs here: what identifies a sidecar, and the text that the database keeps of one.
Does not: which files are sidecars of an upload (vidpipe.uploads.found_uploads) or what they say
(vidpipe.uploads.metadata).
"""

from dataclasses import dataclass

from vidpipe.clean_text import display_name


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A metadata file beside an upload.

    Attributes:
        kind: its format, as `vidpipe.uploads.metadata.formats` calls it.
        upload_id: percent-encoded path relative to the uploads URL, like that of an upload.
    """

    kind: str
    upload_id: str

    @classmethod
    def from_text(cls, text: str) -> "Sidecar":
        """The sidecar that `to_text` wrote."""
        kind, _, upload_id = text.partition("=")
        return cls(kind, upload_id)

    def to_text(self) -> str:
        """`kind=upload_id`, as in the column `sidecars` of `vidpipe_ops.uploads`."""
        return f"{self.kind}={self.upload_id}"

    @property
    def name(self) -> str:
        """The file's path as messages show it."""
        return display_name(self.upload_id)
