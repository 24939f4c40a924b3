"""Gathering what the report of the current topic run shows, from tables, vectors and pictures.

Belongs here: the queries of each part, the places on the map, small pictures.
Does not: what the parts are (contents.py), the page (document.py), writing it (writing.py).
"""

import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from urllib.parse import quote

import numpy as np
import psycopg
from psycopg.rows import dict_row
from threadpoolctl import threadpool_limits

from vidpipe.errors import StoreError
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.corpus import Corpus
from vidpipe.topics.report.browser_data import CORPUS, Scope
from vidpipe.topics.report.contents import (
    AccountPage,
    DatedEvent,
    LineageStep,
    MappedVideo,
    Report,
    TopicCard,
)
from vidpipe.topics.space import Vectors

MOST_MAPPED = 7_500  # contents, by their digest as good as at random
MOST_ACCOUNTS = 500  # that have a page, those with most contents
PICTURES_AT_ONCE = 8  # a bucket answers many requests at a time
# Twice as many pixels as the page shows them with, for screens that have two a point.
THUMBNAIL_PX, PICTURE_PX = 208, 280
MANY = 1_000  # contents on the map, above which their thumbnails are smaller
SMALL_THUMBNAIL_PX = 64
QUALITY = 50
FEWEST_NEIGHBOURS = 16  # contents; below, the map is a plain projection
SEED = 11

Row = dict[str, Any]


def gather_report(
    connection: psycopg.Connection, media: MediaStore, corpus: Corpus, positions: Vectors
) -> Report:
    """The report of the current run.

    Args:
        connection: one in a transaction that sees one moment (repeatable read).
        media: the store of keyframes.
        corpus: the corpus that the run has read.
        positions: vectors of its contents, shape (contents, axes).
    """
    (run,) = _rows(connection, "select * from vidpipe.topic_runs where is_current")
    mapped = min(len(corpus.contents), MOST_MAPPED)
    notes = list(run["notes"])
    if mapped < len(corpus.contents):
        notes.append(f"the map shows {mapped} of {len(corpus.contents)} different videos")
    pages = list(_accounts(connection))
    if len(pages) > MOST_ACCOUNTS:
        notes.append(f"the {MOST_ACCOUNTS} largest of {len(pages)} accounts have a page")
        del pages[MOST_ACCOUNTS:]
    accounts = {(page.platform, page.account_id) for page in pages}
    return Report(
        title="Topics",
        week=run["week"],
        made_at=run["made_at"],
        model=run["model_id"],
        notes=tuple(notes),
        videos=tuple(_videos(connection, media, corpus, places(positions[:mapped]), accounts)),
        topics=tuple(_cards(connection, media, accounts)),
        lineage=tuple(_lineage(connection, run["run_no"])),
        events=tuple(
            DatedEvent(**row)
            for row in _rows(
                connection,
                "select date, label, platform, account from vidpipe.events order by 1, 2",
            )
        ),
        accounts=tuple(pages),
    )


def places(positions: Vectors) -> Vectors:
    """Places on a map, shape (contents, 2), near where vectors are near; always the same."""
    with threadpool_limits(1):
        if len(positions) < FEWEST_NEIGHBOURS:
            centred = positions - positions.mean(axis=0) if len(positions) else positions
            _, _, axes = np.linalg.svd(centred, full_matrices=False)
            flat = centred @ axes[:2].T
            return np.pad(flat, ((0, 0), (0, 2 - flat.shape[1]))).astype(np.float32)
        from umap import UMAP

        mapper = UMAP(metric="cosine", random_state=SEED, n_jobs=1)
        return np.asarray(mapper.fit_transform(positions), np.float32)


def _videos(
    connection: psycopg.Connection,
    media: MediaStore,
    corpus: Corpus,
    mapped: Vectors,
    accounts: Collection[Scope],
) -> Iterable[MappedVideo]:
    """The first contents, at these places, with their topics in the corpus and these accounts."""
    topics: dict[str, dict[Scope, int]] = defaultdict(dict)
    for row in _rows(
        connection,
        "select m.video_id, m.topic_id, t.platform, t.account_id from vidpipe.video_topics as m"
        " inner join vidpipe.current_topics as t on m.run_no = t.run_no and m.topic_id = t.topic_id"
        " where m.is_main and not m.is_provisional",
    ):
        topics[row["video_id"]][row["platform"], row["account_id"]] = row["topic_id"]
    firsts = np.searchsorted(corpus.owners, np.arange(len(mapped)))
    keyframes = [corpus.keyframes[first] for first in firsts]
    uris = _uris(connection, keyframes)
    side_px = THUMBNAIL_PX if len(mapped) <= MANY else SMALL_THUMBNAIL_PX
    thumbnails = _small(media, [uris.get(keyframe) for keyframe in keyframes], side_px)
    for content, ((x, y), thumbnail) in enumerate(zip(mapped.tolist(), thumbnails, strict=True)):
        post = min(corpus.posts_of(content, None), key=lambda one: one.place_in_time)
        own, scope = topics[post.video_id], (post.platform, post.account_id)
        yield MappedVideo(
            video_id=post.video_id,
            platform=post.platform,
            account=corpus.handles[post.account] if post.account else None,
            account_id=post.account_id,
            posted_at=post.posted_at,
            description=post.description,
            topic_id=own.get(CORPUS),
            account_topic_id=own.get(scope) if scope in accounts else None,
            is_provisional=False,
            x=x,
            y=y,
            thumbnail=thumbnail,
            url=post.url,
            frame=_beside_report(media, uris.get(keyframes[content])),
        )


def _cards(
    connection: psycopg.Connection, media: MediaStore, accounts: Collection[Scope]
) -> Iterable[TopicCard]:
    """The cards of topics of the whole corpus and of these accounts."""
    days: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for row in _rows(
        connection, "select topic_id, day, videos from vidpipe.topic_timeline order by day"
    ):
        days[row["topic_id"]].append((row["day"], row["videos"]))
    rows = _rows(
        connection,
        "select t.topic_id, t.platform, t.account, t.account_id, t.label, t.words, t.contents,"
        " t.videos, n.accounts, t.medoid_video_id, t.keyframes from vidpipe.current_topics as t"
        " inner join vidpipe.topic_trends as n on t.topic_id = n.topic_id"
        " order by t.contents desc, t.topic_id",
    )
    shown = {CORPUS, *accounts}
    rows = [row for row in rows if (row["platform"], row["account_id"]) in shown]
    keyframes = [keyframe for row in rows for keyframe in row["keyframes"]]
    uris = _uris(connection, keyframes)
    pictures = iter(_small(media, [uris.get(keyframe) for keyframe in keyframes], PICTURE_PX))
    for row in rows:
        own = tuple(next(pictures) for _ in row.pop("keyframes"))
        row["words"] = tuple(row["words"])
        yield TopicCard(**row, pictures=own, days=tuple(days[row["topic_id"]]))


def _lineage(connection: psycopg.Connection, run_no: int) -> Iterable[LineageStep]:
    rows = _rows(
        connection,
        "select l.event, l.topic_id, l.previous_topic_id, coalesce(t.label, p.label) as label,"
        " l.overlap, coalesce(t.videos, p.videos) as videos from vidpipe.topic_lineage as l"
        " left join vidpipe.topics as t on l.run_no = t.run_no and l.topic_id = t.topic_id"
        " left join vidpipe.topics as p on l.previous_run_no = p.run_no"
        " and l.previous_topic_id = p.topic_id"
        " where l.run_no = %s and coalesce(t.scope, p.scope) = 'global'"
        " order by l.event, l.topic_id, l.previous_topic_id",
        run_no,
    )
    return [LineageStep(**row) for row in rows]


def _accounts(connection: psycopg.Connection) -> Iterable[AccountPage]:
    for row in _rows(
        connection,
        "select f.platform, f.account, f.account_id, f.videos, f.contents,"
        " array(select e ->> key from jsonb_array_elements(n.names) as e"
        " cross join unnest(array['account', 'account_name']) as key"
        " where e ->> key is not null) as names, f.topic_id as focus_topic_id,"
        " f.share as focus_share, f.share_low as focus_low, f.share_high as focus_high, f.entropy,"
        " f.insufficient_data, a.first_posted_at, a.last_posted_at, a.longest_gap_days,"
        " a.posts_by_weekday_and_hour as hours from vidpipe.account_focus as f"
        " left join vidpipe.account_activity as a"
        " on f.platform is not distinct from a.platform and f.account_id = a.account_id"
        " left join vidpipe.accounts as n"
        " on f.platform is not distinct from n.platform and f.account_id = n.account_id"
        " order by f.contents desc, f.platform, f.account, f.account_id",
    ):
        hours = row.pop("hours") or [0] * 168
        by_day = tuple(tuple(hours[start : start + 24]) for start in range(0, 168, 24))
        names = frozenset(row.pop("names"))
        yield AccountPage(**row, names=names, posts_by_hour=by_day)


def _uris(connection: psycopg.Connection, keyframes: Sequence[str]) -> dict[str, str]:
    return dict(
        connection.execute(
            "select keyframe_sha256, min(image_uri) from vidpipe.keyframes"
            " where keyframe_sha256 = any(%s) group by 1",
            [list(keyframes)],
        ).fetchall()
    )


def _beside_report(media: MediaStore, uri: str | None) -> str | None:
    """The address of a keyframe relative to the report, which lies in the same store."""
    folder = media.uri("")
    if uri is None or not uri.startswith(folder):
        return None
    return "../" + quote(uri.removeprefix(folder).lstrip("/"))


def _small(media: MediaStore, uris: Sequence[str | None], side_px: int) -> Sequence[bytes]:
    """A small WebP of each keyframe; empty where it is gone or cannot be read."""
    with ThreadPoolExecutor(PICTURES_AT_ONCE) as pool:
        return list(pool.map(lambda uri: _smaller(media, uri, side_px), uris))


def _smaller(media: MediaStore, uri: str | None, side_px: int) -> bytes:
    from PIL import Image

    if uri is None:
        return b""
    encoded = io.BytesIO()
    try:
        with Image.open(io.BytesIO(media.get(uri))) as picture:
            picture.draft("RGB", (2 * side_px, 2 * side_px))
            picture.thumbnail((side_px, side_px))
            picture.convert("RGB").save(encoded, "WEBP", quality=QUALITY)
    except (StoreError, OSError, ValueError):
        return b""
    return encoded.getvalue()


def _rows(connection: psycopg.Connection, statement: str, *given: Any) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement.encode(), given).fetchall()
