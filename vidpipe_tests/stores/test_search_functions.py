"""The search functions, against brute force on the same rows."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pgvector import HalfVector

from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.publish import publish
from vidpipe_tests.stores.published_rows import DAY, MODEL, Post, date_rows, digest, unit_vectors

COUNT = 1_700  # more frames than are compared exactly
POSTS = [
    *(Post(f"tiktok:{n}", f"c{n}", account=f"account{n % 50}") for n in range(COUNT)),
    Post("x:repost", "c7", account="rare", platform="x"),
    Post("tiktok:words", "w", description="Don't stop: tank/truck, ТАНК", hashtags=("War2026",)),
    Post("tiktok:zh", "zh", description="坦克在街上", ocr=("燃烧的坦克", "BURNING TANK")),
    Post("tiktok:hi", "hi", description="सड़क पर टैंक"),
    Post("tiktok:th", "th", description="รถถังบนถนน"),
]
GONE = frozenset({"tiktok:3", "tiktok:4"})


@pytest.fixture(scope="module")
def connection(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as opened:
        publish(opened, date_rows(POSTS, removed=GONE), ingest_date=DAY, model=MODEL)
        yield opened


def frame_vectors(post: Post) -> np.ndarray:
    keys = [digest(post.content, segment) for segment in range(3)]
    return np.array(unit_vectors(keys, MODEL.dimensions).to_list())


@pytest.fixture(scope="module")
def best_scores() -> dict[str, np.ndarray]:
    return {post.video_id: frame_vectors(post) for post in POSTS}


def search(
    connection: psycopg.Connection, vector: np.ndarray, k: int, **filters: object
) -> list[tuple[str, float]]:
    """Video ids and scores, best first."""
    extra = "".join(f", {name} => %({name})s" for name in filters)
    rows = connection.execute(
        "select video_id, score from vidpipe.search_videos_by_vector(%(v)s, %(m)s, %(k)s"
        + extra
        + ") order by rank",
        {"v": HalfVector(vector), "m": MODEL.model_id, "k": k, **filters},
    ).fetchall()
    return [(str(video), float(score)) for video, score in rows]


@pytest.mark.parametrize(
    ("filters", "keep"),
    [
        ({}, lambda post: post is not None),
        ({"account": "account7"}, lambda post: post.account == "account7"),
        ({"platform": "x"}, lambda post: post.platform == "x"),
        ({"platform": "tiktok"}, lambda post: post.platform == "tiktok"),
        ({"ingested_until": "2026-11-02"}, lambda post: post is not None),
        ({"ingested_from": "2026-11-03"}, lambda post: post is None),
        ({"posted_until": "2026-11-02 12:00+00"}, lambda post: post is None),
        ({"account": "' or true --"}, lambda post: post is None),
    ],
)
def test_videos_rank_by_their_best_frame_under_every_filter(
    connection: psycopg.Connection,
    best_scores: dict[str, np.ndarray],
    filters: dict[str, object],
    keep: object,
) -> None:
    assert callable(keep)
    query = unit_vectors(["a query"], MODEL.dimensions)[0].to_numpy()
    expected = sorted(
        (
            (float(-(best_scores[post.video_id] @ query).max()), post.video_id)
            for post in POSTS
            if keep(post) and post.video_id not in GONE
        ),
    )[:10]
    found = search(connection, query * 3, 10, **filters)  # its length does not matter
    assert len(found) == len(expected)
    assert len({video for video, _ in found} & {video for _, video in expected}) >= min(
        9, len(expected)
    )
    for (_, score), (minus_score, _) in zip(found, expected, strict=True):
        assert score == pytest.approx(-minus_score, abs=0.02)


def test_removed_videos_are_found_only_on_request(connection: psycopg.Connection) -> None:
    vector = frame_vectors(POSTS[3])[1]
    assert search(connection, vector, 1)[0][0] != "tiktok:3"
    ((video, score),) = search(connection, vector, 1, include_removed=True)
    assert video == "tiktok:3"
    assert score == pytest.approx(1.0, abs=1e-3)


def test_never_fewer_rows_than_exist(connection: psycopg.Connection) -> None:
    vector = -frame_vectors(POSTS[0])[0]
    assert len(search(connection, vector, 1000)) == 1000
    assert len(search(connection, vector, 1000, account="account7")) == COUNT // 50
    connection.execute("set hnsw.max_scan_tuples = 1")  # an index scan that gives up at once
    try:
        assert len(search(connection, vector, 1000)) == 1000
        assert len(search(connection, vector, 1000, platform="tiktok")) == 1000
    finally:
        connection.execute("reset hnsw.max_scan_tuples")


def test_frames_are_found_once_with_the_number_of_their_posts(
    connection: psycopg.Connection,
) -> None:
    rows = connection.execute(
        "select content_sha256, segment, video_id, posts, score"
        " from vidpipe.search_frames(%s, %s, 4) order by rank",
        [HalfVector(frame_vectors(POSTS[7])[2]), MODEL.model_id],
    ).fetchall()
    assert len(rows) == 4
    assert rows[0][:4] == (digest("c7"), 2, "tiktok:7", 2)
    only_x = connection.execute(
        "select video_id, posts from vidpipe.search_frames(%s, %s, 9, platform => 'x')",
        [HalfVector(frame_vectors(POSTS[7])[2]), MODEL.model_id],
    ).fetchall()
    assert only_x == [("x:repost", 1)] * 3


def test_similar_videos_leave_out_the_same_bytes(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "select video_id, score, own_segment, segment"
        " from vidpipe.similar_videos('tiktok:7', 5) order by rank"
    ).fetchall()
    assert len(rows) == 5
    assert {"tiktok:7", "x:repost"}.isdisjoint(video for video, *_ in rows)
    own, others = frame_vectors(POSTS[7]), {post.video_id: frame_vectors(post) for post in POSTS}
    for video, score, own_segment, segment in rows:
        assert score == pytest.approx(own[own_segment] @ others[video][segment], abs=2e-3)
    with pytest.raises(psycopg.errors.NoDataFound, match='there is no video "nobody"'):
        connection.execute("select * from vidpipe.similar_videos('nobody')")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("坦克", {"tiktok:zh"}),
        ("克在街", {"tiktok:zh"}),
        ("街", {"tiktok:zh"}),
        ("上", {"tiktok:zh"}),
        ("街坦", set()),
        ("坦克 burning", {"tiktok:zh"}),
        ("truck", {"tiktok:words"}),
        ("TRUCK tank", {"tiktok:words"}),
        ("танк", {"tiktok:words"}),
        ("don't", {"tiktok:words"}),
        ("#war2026", {"tiktok:words"}),
        ("टैंक", {"tiktok:hi"}),
        ("ถนน", {"tiktok:th"}),
        ("tank", {"tiktok:words", "tiktok:zh"}),
        ("tank nothing", set()),
        ("", set()),
        (" ?!' | & :* ", set()),
    ],
)
def test_words_are_found_in_any_script(
    connection: psycopg.Connection, words: str, expected: set[str]
) -> None:
    rows = connection.execute("select video_id from vidpipe.search_words(%s, 50)", [words])
    assert {video for (video,) in rows.fetchall()} == expected


def test_a_found_word_says_where_it_stands(connection: psycopg.Connection) -> None:
    row = connection.execute("select matched_in from vidpipe.search_words('坦克')").fetchone()
    assert row == (["description", "ocr"],)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_no_text_breaks_the_word_search(connection: psycopg.Connection, text: str) -> None:
    connection.execute("select count(*) from vidpipe.search_words(%s)", [text])


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(alphabet="坦克在街上燃烧的abรถถัง ,", min_size=1, max_size=12),
    st.text(alphabet="坦克在街上 xyz,", max_size=6),
    st.text(alphabet="坦克在街上 xyz,", max_size=6),
)
def test_a_text_between_separators_is_always_found(
    connection: psycopg.Connection, inner: str, before: str, after: str
) -> None:
    row = connection.execute(
        "select vidpipe.words_of(%s) @@ q, numnode(q) from vidpipe.words_query(%s) as q",
        [f"{before} {inner} {after}", inner],
    ).fetchone()
    assert row is not None
    assert row[0] or row[1] == 0


@pytest.mark.parametrize(
    ("vector", "model", "k", "message"),
    [
        ("[1]", MODEL.model_id, 10, "the vector has 1 dimensions, but model .* makes 16"),
        ("[1]", "foreign@1", 10, 'made by model "foreign@1", but the active model is "clip-image'),
        (None, MODEL.model_id, 10, "the query vector is null"),
        ("[" + ",".join("0" * 16) + "]", MODEL.model_id, 10, "is zero"),
        ("[" + ",".join("1" * 16) + "]", MODEL.model_id, 0, "k is 0; it must be between 1 and"),
        ("[" + ",".join("1" * 16) + "]", MODEL.model_id, 10**6, "k is 1000000"),
    ],
)
@pytest.mark.parametrize("function", ["search_videos_by_vector", "search_frames"])
def test_mistakes_are_named(
    connection: psycopg.Connection,
    function: str,
    vector: str | None,
    model: str,
    k: int,
    message: str,
) -> None:
    with pytest.raises(psycopg.DatabaseError, match=message):
        connection.execute(
            f"select * from vidpipe.{function}(%s::halfvec, %s, %s)", [vector, model, k]
        )


def test_nothing_indexed_yet_says_so(upgraded_database_settings: Settings) -> None:
    with (
        connect(upgraded_database_settings) as connection,
        pytest.raises(psycopg.DatabaseError, match="nothing has been indexed yet"),
    ):
        connection.execute("select * from vidpipe.search_videos_by_vector('[1]'::halfvec, 'any')")


def test_a_black_frame_is_no_evidence_unless_there_is_nothing_else(
    upgraded_database_settings: Settings,
) -> None:
    rows = date_rows([Post("a:1", "a"), Post("b:1", "b"), Post("c:1", "c")])
    black = pl.col("content_sha256") == digest("a")
    keyframes = rows.keyframes.with_columns(is_low_information=black & (pl.col("segment") == 0))
    # the black frames of a and b are alike
    of_b = unit_vectors([digest("b", 0)], MODEL.dimensions)[0].to_list()
    frames = rows.frame_embeddings.with_columns(
        embedding=pl.when(pl.col("keyframe_sha256") == digest("a", 0))
        .then(pl.lit(of_b, pl.List(pl.Float32)))
        .otherwise(pl.col("embedding"))
    )
    query = "select max(score) from vidpipe.similar_videos('a:1')"
    with connect(upgraded_database_settings, autocommit=True) as connection:
        publish(
            connection,
            replace(rows, keyframes=keyframes, frame_embeddings=frames),
            ingest_date=DAY,
            model=MODEL,
        )
        score = connection.execute(query).fetchone()
        assert score is not None
        assert score[0] < 0.99
        connection.execute("update vidpipe.keyframes set is_low_information = true")
        score = connection.execute(query).fetchone()
        assert score is not None
        assert score[0] == pytest.approx(1.0, abs=1e-3)
