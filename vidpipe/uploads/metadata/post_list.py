"""Lists of posts that know no files: which post of a list an upload's name speaks of.

Belongs here: finding a post by an id in a file's name, and telling apart the clips of one post.
Does not: reading lists (vidpipe.uploads.metadata.zeeschuimer, vidpipe.uploads.metadata.four_cat).

A list of what somebody saw, or what a search found, says nothing of the files that were downloaded
afterwards. Their names do: `7400000000000000001.mp4`, `author_7400000000000000001.mp4`,
`Title [7400000000000000001].mp4`, and `CODE_2.mp4` for the second clip of a post.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.fields import Fields
from vidpipe.uploads.metadata.posts.parts import Clip, set_clip

MIN_ID_CHARACTERS = 6
"""A shorter id counts only where it is the whole name: a year or a number is in many names."""

_RUN = re.compile(r"[A-Za-z0-9_-]+")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_MAX_PIECES = 64  # of one name; more are noise, and every pair of them would be tried
_NUMBER_AFTER_ID = re.compile(r"[_-](\d{1,2})(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class _Named:
    """What a name in the list stands for: a post, or one clip of it."""

    post: int
    clip: Clip | None = None


@dataclass
class PostList:
    """Posts by their ids; of several lines about one post the last counts.

    Attributes:
        problem: lines that could not be read, as a sentence, or None.
    """

    problem: str | None = None
    _posts: list[Fields] = field(default_factory=list)
    _clips: list[Sequence[Clip]] = field(default_factory=list)
    _by_name: dict[str, _Named] = field(default_factory=dict)
    _by_id: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, post_id: str) -> bool:
        return post_id in self._by_id

    def add(self, fields: Fields, names: Sequence[str] = (), clips: Sequence[Clip] = ()) -> None:
        """Adds a post.

        Args:
            fields: what the list says of it; a post without an id is known by its names alone.
            names: what else the site calls the post.
            clips: its media, where it has several.
        """
        post = len(self._posts)
        self._posts.append(fields)
        self._clips.append(clips)
        for clip in clips:
            for name in clip.names:
                self._by_name[name] = _Named(post, clip)
        for name in names:
            if name not in self._by_id:
                self._by_name[name] = _Named(post)
        if fields.id:
            self._by_name[fields.id] = _Named(post)
            self._by_id[fields.id] = post

    def add_file(self, fields: Fields, names: Sequence[str]) -> None:
        """Adds one of several files of a post, where the list has a line for each."""
        place = len(self._posts)
        self._posts.append(fields)
        self._clips.append(())
        for name in names:
            self._by_name[name] = _Named(place)
        if fields.id:
            self._by_name.setdefault(fields.id, _Named(place))
            self._by_id.setdefault(fields.id, place)

    def fields_of(self, upload_id: str) -> Fields | None:
        """What the list says of the post that the upload's name speaks of; None: of none.

        Raises:
            MetadataError: of none, but lines of the list cannot be read.
        """
        name = unquote(upload_id.rpartition("/")[2], errors="replace")
        stem = name.rpartition(".")[0] or name
        for candidate, rest in _candidates(stem):
            named = self._by_name.get(candidate)
            if named is not None:
                return self._of_clip(named, rest)
        if self.problem:  # the post may be among the lines that cannot be read
            raise MetadataError(self.problem)
        return None

    def fields_of_post(self, platform: str | None, post_id: str) -> Fields | None:
        """What the list says of a post; None when it has none of this id on this platform."""
        post = self._by_id.get(post_id)
        if post is None:
            return None
        fields = self._posts[post]
        if platform and fields.platform and platform != fields.platform:
            return None
        return replace(fields, problems=list(fields.problems))

    def _of_clip(self, named: _Named, rest: str) -> Fields:
        """The fields of a post and, where it has several, of the clip that the name means.

        `CODE_1.mp4` and `CODE_2.mp4` are two clips also where the list tells only of one post:
        taken for two downloads of the same clip, the first would vanish behind the second.
        """
        known_post = self._posts[named.post]
        fields = replace(known_post, problems=list(known_post.problems))
        clips = self._clips[named.post]
        clip = named.clip
        number = _NUMBER_AFTER_ID.match(rest)
        if clip is None and number is not None:
            place = int(number[1])
            known = next((one for one in clips if one.number == place), None)
            is_the_only_one = place <= 1 and not clips
            clip = known or (None if is_the_only_one else Clip(str(place), place))
        if clip is not None:
            set_clip(fields, clip)
        return fields


def _candidates(stem: str) -> Iterator[tuple[str, str]]:
    """What may be an id in a name, and what follows it: the whole name, then the longest parts.

    A part begins and ends where letters and digits do, and `_` and `-` belong to it: ids of
    Instagram contain them, and names of files join ids with them.
    """
    yield stem, ""
    found: list[tuple[int, int]] = []
    for run in _RUN.finditer(stem):
        found.append(run.span())
        pieces = [piece.span() for piece in _PIECE.finditer(stem, *run.span())][-_MAX_PIECES:]
        starts = [start for start, _ in pieces]
        ends = [end for _, end in pieces]
        # An id may itself begin or end with - or _.
        starts += [start - 1 for start in starts if start > run.start()]
        ends += [end + 1 for end in ends if end < run.end()]
        found += [(start, end) for start in starts for end in ends if start < end]
    kept = {span for span in found if span[1] - span[0] >= MIN_ID_CHARACTERS}
    for start, end in sorted(kept, key=lambda span: (span[0] - span[1], -span[1])):
        yield stem[start:end], stem[end:]
