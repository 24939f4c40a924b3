"""What the names of a folder say of each other: kept parts, unfinished downloads, hidden files.

Belongs here: what is no upload, or not yet one, by its name and its neighbours' names.
Does not: the marks in one name (vidpipe.uploads.names), metadata files
(vidpipe.uploads.found_uploads), looking into files (vidpipe.uploads.registry.side_files).
"""

from collections import Counter
from collections.abc import Collection

from vidpipe.clean_text import display_name
from vidpipe.uploads.names import (
    encoded,
    finished_name,
    is_hidden,
    is_video_name,
    stem_of,
    stem_of_stream,
    suffix_of,
)

HIDDEN = "hidden"
PART = "part"

_STATES_OF_DOWNLOADS = (b".ytdl", b".aria2")
_SHORTEST_SURE_MARK = len(".f12x")
"""A shorter mark, as in `race.f1.mp4`, is part of a title unless other files confirm it."""


class FolderNames:
    """The names of one folder's files.

    Attributes:
        videos: those whose suffix says that they are videos.
    """

    def __init__(self, names: Collection[bytes]) -> None:
        self._names = names
        self.videos = {name for name in names if is_video_name(name)}
        self._streams = {
            name: whole for name in names if (whole := stem_of_stream(name)) is not None
        }
        of_streams = Counter(self._streams.values())
        self._confirmed = {stem for stem, count in of_streams.items() if count > 1}
        self._merged = {
            stem_of(name)
            for name in self.videos
            if name not in self._streams and finished_name(name) is None
        }

    def side_kind(self, name: bytes) -> str | None:
        """What a file is that is no upload by its name, or None."""
        if is_hidden(name):
            return HIDDEN
        finished = finished_name(name)
        if finished is not None:
            if name.lower().endswith(_STATES_OF_DOWNLOADS):
                return PART
            part = finished + b".part"
            has_whole = finished in self._names or stem_of(finished) in self._merged
            return PART if has_whole or (part in self._names and part != name) else None
        whole = self._streams.get(name)
        if whole is not None and whole in self._merged and self._is_stream(name, whole):
            return PART
        return None

    def held_reason(self, name: bytes) -> str | None:
        """Why a file cannot be read yet, as a sentence about it; None when it can."""
        finished = finished_name(name)
        if finished is None:
            return None
        return (
            f"is an unfinished download; finish it, or rename it to "
            f"{display_name(encoded(finished))} to have what there is of it read"
        )

    def has_video_beside(self, name: bytes) -> bool:
        """Whether another file is the video of which this one may be the sound."""
        whole = self._streams.get(name)
        return bool({stem_of(name), whole} & self._merged) or whole in self._confirmed

    def _is_stream(self, name: bytes, whole: bytes) -> bool:
        mark = len(name) - len(whole) - len(suffix_of(name))
        return (
            mark >= _SHORTEST_SURE_MARK
            or whole in self._confirmed
            or whole + b".info.json" in self._names
        )
