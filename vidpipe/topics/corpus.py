"""What a topic run reads: posts, their words and their vectors, as of one moment.

Belongs here: reading PostgreSQL. Does not: clustering (fit.py), writing results (store.py).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from vidpipe.topics.shown import seconds_shown
from vidpipe.topics.space import Labels, Vectors

ROWS_AT_ONCE = 5_000

Account = tuple[str | None, str]  # platform and account_id

# OCR texts and keyframes that differ change the inputs; the time of posting does not.
POSTS = """
select
    v.video_id, v.platform, v.account_id, v.posted_at, v.content_sha256, v.description,
    v.hashtags, v.language, v.url
from vidpipe.videos as v
where v.removed_at is null and v.content_sha256 is not null and v.ingest_date < %s
order by v.video_id
"""
HANDLES = """
select a.platform, a.account_id, vidpipe.handle_of(a.platform, a.account_id)
from (
    select distinct v.platform, v.account_id from vidpipe.videos as v
    where v.removed_at is null and v.account_id is not null and v.ingest_date < %s
) as a
"""
WORDS_READ = """
select k.content_sha256, string_agg(l.text, ' ' order by k.segment, l.line_no)
from vidpipe.keyframes as k
inner join vidpipe.ocr_lines as l on k.keyframe_sha256 = l.keyframe_sha256
where l.accepted and k.content_sha256 = any(%s)
group by k.content_sha256
"""
# Keyframes `k` that show something; of contents with none, all.
CLEAR = """(
    not k.is_low_information or not exists (
        select from vidpipe.keyframes as c
        inner join {vectors} as d on c.keyframe_sha256 = d.keyframe_sha256
        where c.content_sha256 = k.content_sha256 and not c.is_low_information
    )
)"""
FRAMES = """
select k.content_sha256, k.keyframe_sha256, k.timestamp_s, c.duration_s, e.embedding
from vidpipe.keyframes as k
inner join vidpipe.contents as c on k.content_sha256 = c.content_sha256
inner join {vectors} as e on k.keyframe_sha256 = e.keyframe_sha256
where exists (
    select from vidpipe.videos as v
    where v.content_sha256 = k.content_sha256 and v.removed_at is null and v.ingest_date < %s
)
and {clear}
order by k.content_sha256, k.segment
"""
DESCRIPTIONS = """
select v.content_sha256, avg(e.embedding::vector)
from {vectors} as e
inner join vidpipe.videos as v on e.video_id = v.video_id
where e.kind = 'description' and v.removed_at is null and v.ingest_date < %s
group by v.content_sha256
"""


@dataclass(frozen=True)
class Post:
    """One post of a content; hashtags without #."""

    video_id: str
    platform: str | None
    account_id: str | None
    posted_at: datetime | None
    content: int
    description: str
    hashtags: tuple[str, ...]
    language: str | None = None
    url: str | None = None

    @property
    def place_in_time(self) -> tuple[bool, float, str]:
        """Sorts posts by time, those without one last."""
        posted_at = self.posted_at
        return posted_at is None, posted_at.timestamp() if posted_at else 0.0, self.video_id

    @property
    def account(self) -> Account | None:
        """Whose post it is; None where nobody is named."""
        return None if self.account_id is None else (self.platform, self.account_id)


@dataclass(frozen=True)
class Corpus:
    """Everything that is clustered.

    Attributes:
        contents: SHA-256 of every content with vectors, ascending: as good as a random order, and
            always the same.
        keyframes: SHA-256 of every clear keyframe, by content.
        owners: row of `contents` of each keyframe, ascending.
        frames: vector of each keyframe, float32, shape (keyframes, dimensions).
        seconds: seconds of its content that each keyframe stands for, shape (keyframes,).
        means: mean frame vector of each content, shape (contents, dimensions).
        descriptions: mean vector of the descriptions of each content, shape (contents, dimensions);
            zeros where there is none.
        posts: all posts, ordered by video_id.
        read: accepted OCR text of each content.
        handles: latest handle of each account.
        notes: what was missing or odd.
    """

    contents: tuple[str, ...]
    keyframes: tuple[str, ...]
    owners: Labels
    frames: Vectors
    seconds: Vectors
    means: Vectors
    descriptions: Vectors
    posts: tuple[Post, ...]
    read: tuple[str, ...]
    handles: Mapping[Account, str]
    notes: tuple[str, ...] = ()
    _rows_of_posts: dict[tuple[int, Account | None], list[int]] = field(init=False, repr=False)
    _first_frames: Labels = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Sorts the posts by content and account, and finds where each content's frames start."""
        rows_of_posts: dict[tuple[int, Account | None], list[int]] = {}
        for row, post in enumerate(self.posts):
            rows_of_posts.setdefault((post.content, None), []).append(row)
            if post.account is not None:
                rows_of_posts.setdefault((post.content, post.account), []).append(row)
        object.__setattr__(self, "_rows_of_posts", rows_of_posts)
        starts = np.searchsorted(self.owners, np.arange(len(self.contents) + 1))
        object.__setattr__(self, "_first_frames", starts)

    def frames_of(self, contents: Labels) -> tuple[Labels, Labels]:
        """Rows of `frames` of these contents, and the place of each one's content among them."""
        starts, stops = self._first_frames[contents], self._first_frames[contents + 1]
        counts = stops - starts
        owners = np.repeat(np.arange(len(contents)), counts)
        within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        return starts[owners] + within, owners

    def hashtags(self, contents: Iterable[int], account: Account | None) -> list[list[str]]:
        """Hashtags of the posts of each content, by one account or by all."""
        return [
            [tag for post in self.posts_of(content, account) for tag in post.hashtags]
            for content in contents
        ]

    def posts_of(self, content: int, account: Account | None) -> list[Post]:
        """Posts of a content, by one account or by all."""
        return [self.posts[row] for row in self.rows_of_posts([content], account)]

    def rows_of_posts(self, contents: Iterable[int], account: Account | None) -> list[int]:
        """Rows of `posts` of these contents, by one account or by all."""
        return [
            row for content in contents for row in self._rows_of_posts.get((content, account), ())
        ]

    @property
    def accounts(self) -> dict[Account, list[int]]:
        """Contents of each platform and account, ascending; posts without account are left out."""
        of_account: dict[Account, set[int]] = {}
        for post in self.posts:
            if post.account is not None:
                of_account.setdefault(post.account, set()).add(post.content)
        ordered = sorted(of_account.items(), key=lambda one: (one[0][0] or "", one[0][1]))
        return {account: sorted(contents) for account, contents in ordered}


def end_of_week(week: date) -> date:
    """The first day after the week that begins on a Monday."""
    return week + timedelta(days=7)


def read_corpus(connection: psycopg.Connection, model_no: int, week: date) -> Corpus:
    """Everything ingested before the end of a week.

    Args:
        connection: one in a transaction that sees one moment (repeatable read).
        model_no: number of the model whose vectors are read.
        week: the Monday of the week.
    """
    before = end_of_week(week)
    rows = connection.execute(POSTS, [before]).fetchall()
    vectors = sql.Identifier("vidpipe", f"frame_embeddings_m{model_no}")
    statement = sql.SQL(FRAMES).format(vectors=vectors, clear=clear_frames(vectors))
    owning, keyframes, times, frames = _frames(connection, statement, before)
    contents = tuple(dict.fromkeys(owning))
    number = {content: index for index, content in enumerate(contents)}
    owners = np.array([number[content] for content in owning], np.int64)
    durations = times[np.searchsorted(owners, np.arange(len(contents))), 1]
    posts = tuple(_post(row, number[row[4]]) for row in rows if row[4] in number)
    handles = connection.execute(HANDLES, [before]).fetchall()
    read: dict[str, str] = dict(connection.execute(WORDS_READ, [list(contents)]).fetchall())
    return Corpus(
        contents=contents,
        keyframes=tuple(keyframes),
        owners=owners,
        frames=frames,
        seconds=seconds_shown(times[:, 0], owners, durations),
        means=_means(frames, owners, len(contents)),
        descriptions=_descriptions(connection, model_no, before, number, frames.shape[1]),
        posts=posts,
        read=tuple(read.get(content, "") for content in contents),
        handles={(platform, account_id): handle for platform, account_id, handle in handles},
        notes=tuple(_notes(rows, number)),
    )


def clear_frames(vectors: sql.Composable) -> sql.Composed:
    """The condition on keyframes `k` by which a video's frames count, for a table of vectors."""
    return sql.SQL(CLEAR).format(vectors=vectors)


def inputs_digest(corpus: Corpus, model_id: str, settings: dict[str, Any]) -> str:
    """Digest (hex) of what a run depends on: the same inputs and settings give the same topics."""
    digest = hashlib.sha256(json.dumps([model_id, settings], sort_keys=True).encode())
    for post in corpus.posts:
        content = corpus.contents[post.content]
        known = [post.video_id, post.platform, post.account_id, content, *words_of(post)]
        digest.update(json.dumps(known).encode())
    digest.update(json.dumps([corpus.keyframes, corpus.read]).encode())
    return digest.hexdigest()


def words_of(post: Post) -> list[str | None]:
    """What the poster wrote: description, its language and hashtags."""
    return [post.description, post.language, *post.hashtags]


def _post(row: tuple[Any, ...], content: int) -> Post:
    video, platform, account_id, posted_at, _, description, hashtags, language, url = row
    return Post(
        video, platform, account_id, posted_at, content, description, tuple(hashtags), language, url
    )


def _descriptions(
    connection: psycopg.Connection,
    model_no: int,
    before: date,
    number: Mapping[str, int],
    dimensions: int,
) -> Vectors:
    """Mean description vector of each content; zeros where there is none."""
    vectors = np.zeros((len(number), dimensions), np.float32)
    table = sql.Identifier("vidpipe", f"text_embeddings_m{model_no}")
    with connection.cursor(name="topic_descriptions", binary=True) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(sql.SQL(DESCRIPTIONS).format(vectors=table), [before])
        for content, vector in cursor:
            if content in number:
                vectors[number[content]] = vector.to_numpy()
    return vectors


def _frames(
    connection: psycopg.Connection, statement: sql.Composed, before: date
) -> tuple[list[str], list[str], Vectors, Vectors]:
    """Content, digest, times (its own and the duration, in seconds) and vector of each keyframe."""
    owning: list[str] = []
    keyframes: list[str] = []
    times: list[tuple[float, float]] = []
    blocks: list[NDArray[np.float16]] = []
    with connection.cursor(name="topic_frames", binary=True) as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(statement, [before])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            owning += [row[0] for row in rows]
            keyframes += [row[1] for row in rows]
            times += [(row[2], row[3] or 0.0) for row in rows]
            blocks.append(np.array([row[4].to_numpy() for row in rows], np.float16))
    if not blocks:
        return [], [], np.zeros((0, 2), np.float32), np.zeros((0, 1), np.float32)
    vectors = np.concatenate(blocks, dtype=np.float32)
    return owning, keyframes, np.array(times, np.float32), vectors


def _means(frames: Vectors, owners: Labels, contents: int) -> Vectors:
    counts = np.bincount(owners, minlength=contents)
    firsts = np.cumsum(counts) - counts
    sums = np.zeros((contents, frames.shape[1]), np.float64)
    for place in range(counts.max(initial=0)):
        has_frame = counts > place
        sums[has_frame] += frames[firsts[has_frame] + place]
    means: Vectors = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
    return means


def _notes(rows: list[tuple[Any, ...]], number: dict[str, int]) -> Iterator[str]:
    without = sorted({row[0] for row in rows if row[4] not in number})
    if without:
        yield f"{len(without)} posts have no keyframe vector and are left out: {_first(without)}"
    nameless = [row[0] for row in rows if row[2] is None and row[4] in number]
    if nameless:
        yield f"{len(nameless)} posts have no account and count globally only: {_first(nameless)}"
    undated = [row[0] for row in rows if row[3] is None and row[4] in number]
    if undated:
        yield f"{len(undated)} posts have no date and are on no timeline: {_first(undated)}"


def _first(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
