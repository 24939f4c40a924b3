"""From uploads to videos: the clips of each post, and the files that are versions of one clip.

Belongs here: conflicts between accounts that claim one post, telling clips from versions, numbering
clips, the current version of a video.
Does not: the posts that metadata claim (vidpipe.uploads.post_ids), reading metadata
(vidpipe.uploads.metadata) or publishing (vidpipe.publication).

Two files of one post are two clips where the metadata tell them apart (a number, the platform's id
of the file, two rows of one list); else the later one is a new version of the earlier: downloaded
again, or edited by its author. Every upload is one version of one video, so none can vanish.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

REQUIRED_COLUMNS = ("upload_id", "first_seen_at", "content_sha256", "metadata", "post")

_RESOLVED = {
    "claimed_post_id": pl.String,
    "post_id": pl.String,
    "video_id": pl.String,
    "clip_number": pl.Int32,
    "version": pl.Int32,
    "is_conflict": pl.Boolean,
    "is_current": pl.Boolean,
}


def resolve_videos(uploads: pl.DataFrame) -> pl.DataFrame:
    """Which post, video and version each upload is.

    An id that two accounts claim is a conflict: each account keeps a post of its own, called
    `post_id@account`. Trusting either would let anyone take over a post by copying its id.

    The current version of a video is the one first seen last; of files that were seen together, the
    one fetched last, as its metadata or the time of the file say. Before that counts that it can be
    read, where a column `is_readable` says so, and that it is still there, where a column
    `removed_at` does.

    Args:
        uploads: one row per upload, with all uploads of every post that occurs: `upload_id`,
            `first_seen_at`, `content_sha256`, `metadata` and `post` (structs of the lake; `post` is
            null in rows that an earlier vidpipe read), perhaps `modified_at` and `metadata_source`,
            any other columns.

    Returns:
        The same rows in the same order, with columns `claimed_post_id` (as in the metadata),
        `post_id` (final), `video_id` (`post_id`, or `post_id#2` …), `clip_number` (from 1),
        `version` (from 1, in order of arrival), `is_conflict` and `is_current`; each `video_id`
        has one current row.

    Raises:
        ValueError: a column is missing, or an upload occurs twice.
    """
    missing = [column for column in REQUIRED_COLUMNS if column not in uploads.columns]
    if missing:
        raise ValueError(f"resolve_videos needs the columns {', '.join(missing)}")
    if uploads["upload_id"].is_duplicated().any():
        raise ValueError("resolve_videos takes one row per upload, of its current fingerprint")
    metadata, post = pl.col("metadata").struct, pl.col("post").struct
    claims = uploads.select(
        "upload_id",
        "first_seen_at",
        "content_sha256",
        claimed_post_id=metadata.field("video_id"),
        account=metadata.field("account"),
        fetched_at=_fetched_at(uploads),
        account_id=post.field("account_id"),
        account_name=post.field("account_name"),
        account_source=post.field("account_source"),
        media_key=post.field("media_key"),
        media_number=post.field("media_number"),
        is_readable=_known(uploads, "is_readable", pl.col("is_readable")),
        is_there=_known(uploads, "removed_at", pl.col("removed_at").is_null()),
        program=pl.col("metadata_source") if "metadata_source" in uploads.columns else pl.lit(""),
    )
    is_alone = claims["claimed_post_id"].is_unique()
    posts = defaultdict(list)
    for row in claims.filter(~is_alone).iter_rows(named=True):
        posts[row["claimed_post_id"]].append(_Claim(**row))
    shared = pl.DataFrame(
        [row for claimed in posts.values() for row in _resolved_post(claimed)],
        schema={"upload_id": pl.String, **_RESOLVED},
        orient="row",
    )
    alone = claims.filter(is_alone).select(
        "upload_id",
        "claimed_post_id",
        post_id="claimed_post_id",
        video_id=_video_id(pl.col("claimed_post_id"), pl.col("media_number")),
        clip_number=pl.col("media_number").fill_null(1),
        version=pl.lit(1, pl.Int32),
        is_conflict=pl.lit(value=False),
        is_current=pl.lit(value=True),
    )
    return uploads.join(
        pl.concat([alone, shared]), on="upload_id", how="left", maintain_order="left"
    )


@dataclass(frozen=True)
class _Claim:
    """What an upload says it is."""

    upload_id: str
    first_seen_at: datetime
    fetched_at: datetime
    content_sha256: str | None
    claimed_post_id: str
    account: str
    account_id: str | None
    account_name: str | None
    account_source: str | None
    media_key: str | None
    media_number: int | None
    is_readable: bool
    is_there: bool
    program: str | None

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """The order in which the uploads of a post came."""
        return (self.first_seen_at, self.fetched_at, self.upload_id)

    @property
    def names_a_clip(self) -> bool:
        """Whether the metadata tell this clip from others of its post."""
        return self.media_number is not None or self.media_key is not None


def _resolved_post(claims: Sequence[_Claim]) -> Iterable[tuple[Any, ...]]:
    """Rows of the uploads that claim one post, in the order of `_RESOLVED`."""
    owners = _accounts(claims)
    names = [owner[0].account for owner in owners]
    for owner in owners:
        first = owner[0]
        name = first.account if names.count(first.account) == 1 else first.account_id or ""
        is_conflict = len(owners) > 1
        suffix = "@" + name.replace("#", "%23") if is_conflict else ""
        post_id = first.claimed_post_id + suffix
        for number, versions in _clips(owner).items():
            current = max(versions, key=lambda one: (one.is_readable, one.is_there, one.order))
            for place, one in enumerate(versions, start=1):
                video_id = post_id if number == 1 else f"{post_id}#{number}"
                known = (one.upload_id, one.claimed_post_id, post_id, video_id, number, place)
                yield (*known, is_conflict, one is current)


def _accounts(claims: Sequence[_Claim]) -> list[list[_Claim]]:
    """The uploads of a post by the account that claims it, each group in order of arrival.

    Uploads that name the same id are of one account, however it was called at the time; one whose
    source knows no id is of the account that has its handle or name. A folder's name claims
    nothing: such an upload is of the only account that claims the post, if there is only one.
    """
    ordered = sorted(claims, key=lambda one: one.order)
    groups = _Groups()
    sure = [one for one in ordered if one.account_source == "id"]
    for one in sure:
        groups.join(one, ("id", one.account_id))
        for name in (one.account, one.account_name):
            # Only for those without an id: two accounts with ids may share a name.
            if name:
                groups.name(_called(name), ("id", one.account_id))
    for one in ordered:
        if one.account_source not in ("id", "folder"):
            groups.join(one, _called(one.account))
    named = groups.of([one for one in ordered if one.account_source != "folder"])
    for one in ordered:
        if one.account_source == "folder":
            groups.join(one, named[0][0].upload_id if len(named) == 1 else _called(one.account))
    return groups.of(ordered)


def _called(name: str) -> tuple[str, str]:
    """A handle or name as it tells accounts apart: people write handles with @, in any case."""
    return ("called", name.removeprefix("@").casefold())


def _clips(claims: Sequence[_Claim]) -> dict[int, list[_Claim]]:
    """Versions in order of arrival, by the number of their clip in the post.

    Clips whose number nobody says take the free ones in order of arrival. What names no clip
    is a version of the first. Keys of two programs are told to be one by their number; two keys of
    one program are two clips whatever their numbers, which change when a page gets another clip.
    """
    groups = _Groups()
    first_keys: dict[tuple[int, str | None], str | None] = {}
    for one in claims:
        if one.media_key is not None:
            groups.join(one, ("key", one.media_key))
        if one.media_number is not None:
            key, place = one.media_key, (one.media_number, one.program)
            is_told_by_number = key is None or key == str(one.media_number)
            if is_told_by_number or first_keys.setdefault(place, key) == key:
                groups.join(one, ("number", one.media_number))
    named = [one for one in claims if one.names_a_clip]
    for one in named:  # the same bytes under two names are one clip
        groups.join(one, ("content", one.content_sha256 or one.upload_id))
    numbered: dict[int, list[_Claim]] = {}
    waiting = []
    for clip in groups.of(named):
        said = sorted({one.media_number for one in clip if one.media_number is not None})
        free = [number for number in said if number not in numbered]
        if free:
            numbered[free[0]] = clip
        else:
            waiting.append(clip)
    number = 1
    for clip in waiting:
        while number in numbered:
            number += 1
        numbered[number] = clip
    rest = [one for one in claims if not one.names_a_clip]
    of_contents = {one.content_sha256: place for place, clip in numbered.items() for one in clip}
    first = min(numbered, default=1)
    for one in rest:
        numbered.setdefault(of_contents.get(one.content_sha256, first), []).append(one)
    return {place: sorted(clip, key=lambda one: one.order) for place, clip in numbered.items()}


class _Groups:
    """Uploads that belong together because they share a name (a disjoint-set forest)."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}

    def join(self, one: _Claim, name: Hashable) -> None:
        """Puts an upload into the group of a name, and the name into the upload's group."""
        self._parent[self._root(one.upload_id)] = self._root(name)

    def name(self, other: Hashable, name: Hashable) -> None:
        """Gives a group another name, unless that name is another group's already."""
        if other not in self._parent:
            self._parent[other] = self._root(name)

    def of(self, claims: Sequence[_Claim]) -> list[list[_Claim]]:
        """The groups, each in the order of the uploads, ordered by their first ones."""
        groups: dict[Hashable, list[_Claim]] = {}
        for one in claims:
            groups.setdefault(self._root(one.upload_id), []).append(one)
        return list(groups.values())

    def _root(self, name: Hashable) -> Hashable:
        self._parent.setdefault(name, name)
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name


def _fetched_at(uploads: pl.DataFrame) -> pl.Expr:
    """When a file was fetched from its platform, as well as that is known.

    Times of files count by the hour: whoever copies a folder gives its files new times, in any
    order and milliseconds apart.
    """
    times = [pl.col("post").struct.field("engagement_read_at")]
    if "modified_at" in uploads.columns:
        times.append(pl.col("modified_at").dt.truncate("1h"))
    return pl.coalesce(*times, "first_seen_at")


def _known(uploads: pl.DataFrame, column: str, value: pl.Expr) -> pl.Expr:
    return value if column in uploads.columns else pl.lit(value=True)


def _video_id(post_id: pl.Expr, number: pl.Expr) -> pl.Expr:
    later = number.is_not_null() & (number != 1)
    return pl.when(later).then(pl.concat_str(post_id, pl.lit("#"), number)).otherwise(post_id)
