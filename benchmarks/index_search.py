"""The search by vector on 100,000 frames: what it misses and how long it takes, by filter.

    python -m benchmarks.index_search [--stills 4000] [--queries 120] [--folder FOLDER]

Asks `vidpipe.search_videos_by_vector` on the project's own tables, in a scratch server with the
settings that vidpipe gives its own: five frames a content, one post a content. Filters pass a half,
a tenth, a hundredth and a thousandth of the posts, whatever these look like; two more pass only
posts that look unlike the query: a hashtag (another subject) and an account (things of another
kind).

* `recall_at_10`: share of the ten best contents of an exact ranking (by numpy) that are found, text
  and image queries apart. A content that scores as high as the tenth is as right as the tenth.
* `rows_missing`: queries that got fewer rows than the exact ranking has.
* `p95_ratio`: 95th percentile of the latency ÷ that of the better of two queries that somebody
  might write by hand for this filter: one walks the index, one compares all that passes; both
  return the same columns. Asked in turns; each query counts with the fastest of its turns.
* `unfiltered_to_comparing`: the same percentile without a filter ÷ that of comparing all frames.
"""

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import polars as pl
import psycopg
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import sql

from benchmarks.demo_vectors import DIMENSIONS, VIEWS, DemoVectors, Vectors, demo_vectors
from benchmarks.load import FRAMES_PER_CONTENT, fill, fresh_database, made_up_date
from vidpipe.demo.compositions import SUBJECT_STATES
from vidpipe.models.clip import unit
from vidpipe.publication.tables import DateRows
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import VECTOR_TABLES, create_index

DATES = 100
FIRST_DAY = date(2026, 1, 1)
K = 10
SAME_SCORE = 1e-6
TURNS = 3
MODEL = ModelIdentity("benchmark", DIMENSIONS)

# A filter in a hand-written query; to the function it is an argument of the same name.
CONDITIONS = {
    "platform": "v.platform = %(platform)s",
    "hashtag": "lower(v.hashtags::text)::text[] @> array[%(hashtag)s]",
    "ingested_from": "v.ingest_date >= %(ingested_from)s",
    "account": "v.account = %(account)s",
}

# One row a content with its best frame and its earliest post. That many frames belong to ten
# contents at least, because no content has more than five.
BY_HAND = """
with near as (
    select
        k.content_sha256, k.segment, k.timestamp_s, k.keyframe_sha256, k.image_uri,
        f.embedding <#> l2_normalize(%(query)s) as distance
    from vidpipe.frame_embeddings as f
    inner join vidpipe.keyframes as k using (keyframe_sha256)
    where exists (
        select from vidpipe.videos as v where v.content_sha256 = k.content_sha256 and {conditions}
    )
    order by {order}
    limit {frames}
),
best as (
    select distinct on (content_sha256) * from near order by content_sha256, distance, segment
)
select
    row_number() over (order by b.distance, b.content_sha256) as rank, p.video_id,
    -b.distance as score, p.platform, p.account, p.posted_at, p.ingest_date, p.description,
    b.content_sha256, b.segment, b.timestamp_s, b.keyframe_sha256, b.image_uri, p.posts
from (select * from best order by distance, content_sha256 limit {k}) as b
cross join lateral (
    select v.*, count(*) over () as posts from vidpipe.videos as v
    where v.content_sha256 = b.content_sha256 and {conditions}
    order by v.posted_at nulls last, v.video_id
    limit 1
) as p
order by rank
"""
BY_INDEX = "f.embedding <#> l2_normalize(%(query)s)"
BY_COMPARING = "(f.embedding <#> l2_normalize(%(query)s)) + 0"  # no index has this order
EF_SEARCH = 100  # of the hand-written query: by pgvector's default of 40 it would miss too much

TESTS: dict[str, Callable[[Any], pl.Expr]] = {  # the same once more, for the exact ranking
    "platform": lambda value: pl.col("platform") == value,
    "hashtag": pl.col("hashtags").list.contains,
    "ingested_from": lambda value: pl.col("ingest_date") >= value,
    "account": lambda value: pl.col("account") == value,
}

Filter = dict[str, Any]
Scores = NDArray[np.float32]
CONTENT_COLUMN = 8  # of what the function and the queries by hand return


@dataclass(frozen=True, eq=False)
class Question:
    """A query under a filter, and the exact ranking.

    Attributes:
        kind: text or image.
        vector: what is asked.
        filter: arguments of the function.
        row_of: every content's row in `scores`.
        scores: of the contents by their best frames; minus infinity where the filter leaves it out.
    """

    kind: str
    vector: HalfVector
    filter: Filter
    row_of: dict[str, int]
    scores: Scores

    @property
    def exact(self) -> Scores:
        """Scores of the exact ranking, best first: at most ten."""
        best: Scores = -np.sort(-self.scores)[:K]
        finite: Scores = best[np.isfinite(best)]
        return finite

    def recall(self, found: Sequence[str]) -> float:
        """Share of the exact ranking that was found, 1 if that is empty; a content counts once."""
        exact = self.exact
        if not len(exact):
            return 1.0
        scores = self.scores[[self.row_of[key] for key in set(found)]]
        return float((scores >= exact[-1] - SAME_SCORE).sum() / len(exact))


def run(stills: int = 4_000, queries: int = 120, folder: Path | None = None) -> dict[str, Any]:
    """All figures, by filter; a `folder` keeps the vectors, which take many minutes."""
    vectors = demo_vectors(stills, queries, folder)
    rows, frames = made_up_rows(vectors)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        server = embedded_server.start(home)
        try:
            with (
                fresh_database(server, home) as settings,
                connect(settings, autocommit=True) as connection,
                connect(settings, autocommit=True) as by_hand,
            ):
                load(connection, rows)
                figures = measured(connection, by_hand, questions(vectors, rows.videos, frames))
        finally:
            embedded_server.stop(home)
    return {
        "frames": len(rows.frame_embeddings),
        "contents": len(rows.contents),
        "queries_a_kind": queries,
        **figures,
    }


def made_up_rows(vectors: DemoVectors, seed: int = 0) -> tuple[DateRows, Vectors]:
    """Rows of all tables, and the frames of every content: (contents, frames of one, dimensions).

    Only the account and the first hashtag of a post tell what it shows.
    """
    random = np.random.default_rng(seed)
    rows = made_up_date(len(vectors.frames), dimensions=1)
    count = len(rows.videos)
    order = random.permutation(count)
    subjects = [vectors.shown[content * FRAMES_PER_CONTENT // VIEWS].subject for content in order]
    is_rare, is_tenth = (random.permutation(count) < count // part for part in (1_000, 10))
    videos = rows.videos.with_columns(
        platform=pl.Series(random.permutation(count) % 2).replace_strict({0: "tiktok", 1: "x"}),
        account=pl.Series(
            "rare" if rare else account_of(subject)
            for subject, rare in zip(subjects, is_rare, strict=True)
        ),
        hashtags=pl.Series(
            [subject, "tenth"] if tenth else [subject]
            for subject, tenth in zip(subjects, is_tenth, strict=True)
        ),
        ingest_date=pl.Series(FIRST_DAY + timedelta(days=n * DATES // count) for n in range(count)),
    )
    frames = vectors.frames.reshape(count, FRAMES_PER_CONTENT, DIMENSIONS)[order]
    embeddings = pl.DataFrame(
        {
            "keyframe_sha256": rows.keyframes["keyframe_sha256"],
            "embedding": pl.Series(frames.reshape(-1, DIMENSIONS)).arr.to_list(),
        }
    )
    return replace(rows, videos=videos, frame_embeddings=embeddings), frames


def account_of(subject: str) -> str:
    """The account that shows all things of this subject's kind: they have the same states."""
    return "/".join(SUBJECT_STATES[subject])


def load(connection: psycopg.Connection, rows: DateRows) -> None:
    """Fills the tables and builds the index of frames as publishing does."""
    frames = VECTOR_TABLES[0]
    table = frames.of_model(fill(connection, rows, MODEL, [frames]))
    connection.execute(b"set maintenance_work_mem = '512MB'")
    create_index(connection, table)
    connection.execute(sql.SQL("analyze vidpipe.{}").format(sql.Identifier(table)))


def filters_for(subject: str) -> dict[str, Filter]:
    """All filters for a query that asks for this subject, by name."""
    unlike = next(other for other in SUBJECT_STATES if account_of(other) != account_of(subject))
    return {
        "none": {},
        "half": {"platform": "x"},
        "tenth": {"hashtag": "tenth"},
        "hundredth": {"ingested_from": FIRST_DAY + timedelta(days=DATES - 1)},
        "thousandth": {"account": "rare"},
        "far_hashtag": {"hashtag": unlike},
        "far_account": {"account": account_of(unlike)},
    }


def questions(
    vectors: DemoVectors, videos: pl.DataFrame, frames: Vectors
) -> dict[str, list[Question]]:
    """Every query under every filter, by the name of the filter."""
    row_of = {key: row for row, key in enumerate(videos["content_sha256"])}
    asked: dict[str, list[Question]] = defaultdict(list)
    for kind, compositions in vectors.asked.items():
        halves = vectors.queries[kind].astype(np.float16)
        as_searched = unit(halves.astype(np.float32)).astype(np.float16).astype(np.float32)
        best = (frames @ as_searched.T).max(axis=1)
        for composition, half, scores in zip(compositions, halves, best.T, strict=True):
            for name, chosen in filters_for(composition.subject).items():
                own = np.where(passing(videos, chosen), scores, -np.inf)
                asked[name].append(Question(kind, HalfVector(half), chosen, row_of, own))
    return asked


def passing(videos: pl.DataFrame, chosen: Filter) -> NDArray[np.bool_]:
    """Which posts pass a filter."""
    tests = [TESTS[name](value) for name, value in chosen.items()]
    return videos.select(pl.all_horizontal(pl.lit(value=True), *tests)).to_series().to_numpy()


def measured(
    connection: psycopg.Connection, by_hand: psycopg.Connection, asked: dict[str, list[Question]]
) -> dict[str, Any]:
    """All figures."""
    by_hand.execute("set hnsw.iterative_scan = 'relaxed_order'")
    by_hand.execute(f"set hnsw.ef_search = {EF_SEARCH}".encode())
    filters = {name: under_filter(connection, by_hand, each) for name, each in asked.items()}
    return {
        "recall_at_10": {
            kind: min(figures["recall_at_10"][kind] for figures in filters.values())
            for kind in ("text", "image")
        },
        "rows_missing": sum(figures["rows_missing"] for figures in filters.values()),
        "p95_ratio": max(figures["p95_ratio"] for figures in filters.values()),
        "unfiltered_to_comparing": round(
            filters["none"]["p95_ms"]["function"] / filters["none"]["p95_ms"]["comparing"], 3
        ),
        "filters": filters,
    }


def under_filter(
    connection: psycopg.Connection, by_hand: psycopg.Connection, asked: Sequence[Question]
) -> dict[str, Any]:
    """Figures of one filter: the function and both queries by hand, in turns."""
    ways: dict[str, Callable[[Question], list[str]]] = {
        "function": partial(by_function, connection),
        "index": partial(by_hand_written, by_hand, BY_INDEX),
        "comparing": partial(by_hand_written, by_hand, BY_COMPARING),
    }
    names = list(ways)
    recalls: dict[str, list[tuple[str, float]]] = defaultdict(list)
    milliseconds: dict[str, list[float]] = defaultdict(list)
    missing = 0
    for question in asked:
        answers: dict[str, list[str]] = {}
        turns: dict[str, list[float]] = defaultdict(list)
        for turn in range(TURNS):
            # there and back: who follows comparing finds the caches full of other frames
            for way in names[:: -1 if turn % 2 else 1]:
                started = time.perf_counter()
                answers[way] = ways[way](question)
                turns[way].append(1e3 * (time.perf_counter() - started))
        for way, times in turns.items():
            milliseconds[way].append(min(times))
            recalls[way].append((question.kind, question.recall(answers[way])))
        missing += len(answers["function"]) < len(question.exact)
    p95 = {way: float(np.percentile(times, 95)) for way, times in milliseconds.items()}
    return {
        "contents_that_pass": int(np.median([np.isfinite(one.scores).sum() for one in asked])),
        "recall_at_10": _by_kind(recalls["function"]),
        "recall_at_10_by_index": _by_kind(recalls["index"]),
        "rows_missing": missing,
        "p95_ratio": round(p95["function"] / min(p95["index"], p95["comparing"]), 3),
        "p95_ms": {way: round(value, 2) for way, value in p95.items()},
        "median_ms": {way: round(median(times), 2) for way, times in milliseconds.items()},
    }


def _by_kind(recalls: Sequence[tuple[str, float]]) -> dict[str, float]:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for kind, recall in recalls:
        by_kind[kind].append(recall)
    return {kind: round(mean(values), 4) for kind, values in by_kind.items()}


def by_function(connection: psycopg.Connection, question: Question) -> list[str]:
    """Contents that the function finds, best first."""
    named = "".join(f", {name} => %({name})s" for name in question.filter)
    return contents_of(
        connection,
        "select * from vidpipe.search_videos_by_vector("
        f"%(query)s, %(model)s, {K}{named}) order by rank",
        {"query": question.vector, "model": MODEL.model_id, **question.filter},
    )


def by_hand_written(connection: psycopg.Connection, order: str, question: Question) -> list[str]:
    """Contents that a query finds which is written for this very filter."""
    conditions = [CONDITIONS[name] for name in question.filter]
    query = BY_HAND.format(
        conditions=" and ".join(["v.removed_at is null", *conditions]),
        order=order,
        frames=K * FRAMES_PER_CONTENT,
        k=K,
    )
    return contents_of(connection, query, {"query": question.vector, **question.filter})


def contents_of(connection: psycopg.Connection, query: str, arguments: Filter) -> list[str]:
    """The contents that a query returns; planned each time, as queries of analysts are."""
    rows = connection.execute(query.encode(), arguments, prepare=False).fetchall()
    return [row[CONTENT_COLUMN] for row in rows]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stills", type=int, default=4_000, help=f"{VIEWS} frames each")
    parser.add_argument("--queries", type=int, default=120, help="of each kind")
    parser.add_argument("--folder", type=Path, help="keep the vectors here")
    options = parser.parse_args()
    print(json.dumps(run(options.stills, options.queries, options.folder), indent=2))
