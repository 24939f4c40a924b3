"""Every error that vidpipe raises on purpose, drawn as a tree.

    VidpipeError
    ├── SettingsError            a setting is missing, malformed or contradicts another
    ├── DatabaseError            PostgreSQL cannot be reached, started or upgraded
    ├── ModelUnavailable         model weights cannot be found or read
    ├── StoreError               the lake or the media store cannot be read or written
    ├── UnknownName              a video, account, query or date that does not exist
    ├── TooFewContents           there are too few contents to measure anything with
    └── ItemError                one item of a stage cannot be processed; its neighbours can
        ├── UploadRejected       permanent: the upload is at fault (empty, hostile, over a limit)
        │   └── NoVideo          it is sound or pictures only: no fault, but nothing to show
        ├── DecodeError          permanent: the container opened, but no frame could be decoded
        ├── MetadataError        permanent: a sidecar or manifest cannot be understood
        ├── WorkerLost           the worker died or hung on this item
        └── ItemUnavailable      transient: the bytes could not be fetched just now

Messages say what was wrong, which file, and what to do. An `ItemError` becomes a row with
`status = 'failed'`; every other error ends the command with its message and no traceback.
"""


class VidpipeError(Exception):
    """Base of every error that vidpipe raises on purpose."""


class SettingsError(VidpipeError):
    """A setting is missing, malformed or contradicts another."""


class DatabaseError(VidpipeError):
    """PostgreSQL cannot be reached, started or upgraded."""


class ModelUnavailable(VidpipeError):
    """Model weights cannot be found or read."""


class StoreError(VidpipeError):
    """The lake or the media store cannot be read or written."""


class UnknownName(VidpipeError):
    """A video, account, query or date that does not exist."""


class TooFewContents(VidpipeError):
    """There are too few contents to measure anything with."""


class ItemError(VidpipeError):
    """One item of a stage cannot be processed; its neighbours can.

    `is_transient` tells whether trying the same bytes again may succeed.
    """

    is_transient = False


class UploadRejected(ItemError):
    """The upload itself is at fault: empty, hostile, not a video, or over a limit."""


class NoVideo(UploadRejected):
    """The upload is sound or pictures only: nobody's fault, but nothing to show."""


class DecodeError(ItemError):
    """The container opened, but no frame could be decoded."""


class MetadataError(ItemError):
    """A sidecar or manifest cannot be understood."""


class WorkerLost(ItemError):
    """The worker process died or hung on this item."""


class ItemUnavailable(ItemError):
    """The bytes could not be fetched just now; trying again may succeed."""

    is_transient = True
