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

from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    Post,
    date_rows,
    digest,
    unit_vectors,
)

COUNT = 1_700  # more frames than are compared exactly
POSTS = [
    *(Post(f"tiktok:{n}", f"c{n}", account=f"account{n % 50}") for n in range(COUNT)),
    Post("x:repost", "c7", account="rare", platform="x"),
    Post("tiktok:words", "w", description="Don't stop: tank/truck, ТАНК", hashtags=("War2026",)),
    Post("tiktok:zh", "zh", description="坦克在街上", ocr=("燃烧的坦克", "BURNING TANK")),
    Post("tiktok:hi", "hi", description="सड़क पर टैंक"),
    Post("tiktok:th", "th", description="รถถังบนถนน"),
]
WAYS = ("inside", "inflected", "folded", "exact")
GONE = frozenset({"tiktok:3", "tiktok:4"})


@pytest.fixture(scope="module")
def connection(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as opened:
        publish_rows(opened, date_rows(POSTS, removed=GONE), ingest_date=DAY, model=MODEL)
        yield opened


def frame_vectors(post: Post) -> np.ndarray:
    keys = [digest(post.content, segment) for segment in range(3)]
    return np.array(unit_vectors(keys, MODEL.dimensions).to_list())


@pytest.fixture(scope="module")
def best_scores() -> dict[str, np.ndarray]:
    return {post.video_id: frame_vectors(post) for post in POSTS}


def is_hidden(post: Post, filters: dict[str, object]) -> bool:
    """Whether an earlier post of the same bytes is shown in its place."""
    return post.video_id == "x:repost" and "platform" not in filters


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
        ({"hashtag": "war2026"}, lambda post: "War2026" in post.hashtags),
        ({"hashtag": "#WAR2026"}, lambda post: "War2026" in post.hashtags),
        ({"hashtag": "war"}, lambda post: post is None),
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
            if keep(post) and post.video_id not in GONE and not is_hidden(post, filters)
        ),
    )[:10]
    found = search(connection, query * 3, 10, **filters)  # its length does not matter
    assert len(found) == len(expected)
    assert len({video for video, _ in found} & {video for _, video in expected}) >= min(
        9, len(expected)
    )
    for (_, score), (minus_score, _) in zip(found, expected, strict=True):
        assert score == pytest.approx(-minus_score, abs=0.02)


def test_equal_bytes_are_found_once_with_their_posts_counted_or_all_of_them(
    connection: psycopg.Connection,
) -> None:
    asked = {"v": HalfVector(frame_vectors(POSTS[7])[0]), "m": MODEL.model_id}
    query = "select video_id, posts from vidpipe.search_videos_by_vector(%(v)s, %(m)s, 2"
    first = connection.execute(query + ") where score > 0.99", asked).fetchall()
    assert first == [("tiktok:7", 2)]
    every = connection.execute(query + ", all_posts => true) where score > 0.99", asked).fetchall()
    assert every == [("tiktok:7", 2), ("x:repost", 2)]
    only_x = connection.execute(query + ", platform => 'x')", asked).fetchall()
    assert only_x == [("x:repost", 1)]


def test_what_is_below_the_least_score_is_not_found(connection: psycopg.Connection) -> None:
    vector = frame_vectors(POSTS[20])[1]
    scores = [score for _, score in search(connection, vector, 5)]
    between = (scores[2] + scores[3]) / 2
    assert [score for _, score in search(connection, vector, 5, min_score=between)] == scores[:3]
    assert search(connection, vector, 5, min_score=1.1) == []


def scans(connection: psycopg.Connection) -> dict[str, int]:
    """How often this transaction has walked each index, and read each table from end to end."""
    rows = connection.execute(
        "select relname, pg_stat_get_xact_numscans(oid) from pg_class"
        " where relnamespace = 'vidpipe'::regnamespace"
    ).fetchall()
    return {str(name): int(count) for name, count in rows if count}


@pytest.mark.parametrize(
    ("filters", "walked", "unread"),
    [
        ("", "frame_embeddings_m1_hnsw", "videos_account_id"),
        (", platform => 'tiktok'", "frame_embeddings_m1_hnsw", "videos_account_id"),
        (", account => 'rare'", "videos_account_id", "frame_embeddings_m1_hnsw"),
    ],
)
def test_a_search_walks_the_index_of_its_vectors_or_that_of_a_narrow_filter(
    connection: psycopg.Connection, filters: str, walked: str, unread: str
) -> None:
    with connection.transaction():
        before = scans(connection)
        connection.execute(
            f"select * from vidpipe.search_videos_by_vector(%s, %s, 10{filters})",
            [HalfVector(frame_vectors(POSTS[0])[0]), MODEL.model_id],
        )
        done = {name: count - before.get(name, 0) for name, count in scans(connection).items()}
    assert done.get(walked), done
    assert not done.get(unread), done
    assert not done.get("frame_embeddings_m1"), done


def plan(connection: psycopg.Connection, filters: str, query: str) -> str:
    """The plan of a query over `f.filter`, as the custom plan of a function makes it."""
    row = connection.execute(
        f"select vidpipe.filter_of({filters})::text::vidpipe.video_filter::text"
    ).fetchone()
    assert row is not None
    known = query.replace("f.filter", f"'{row[0]}'::vidpipe.video_filter")
    return "\n".join(line for (line,) in connection.execute(f"explain {known}".encode()))


NO_FILTER = "null, null, null, null, null, null, null, false, false"
VERSIONS = "null, null, null, null, null, null, null, false, true"


def test_the_planner_sees_only_the_conditions_that_are_asked_for(
    connection: psycopg.Connection,
) -> None:
    told = plan(
        connection,
        "null, 'rare', null, null, null, null, null, false, false",
        "select * from vidpipe.videos as v where vidpipe.passes(v, f.filter)",
    )
    assert "Index Cond: (account_id = ANY ('{rare}'::text[]))" in told
    assert "removed_at IS NULL" in told
    assert "hashtag" not in told


@pytest.mark.parametrize(
    "query",
    [
        "select p.content_sha256 from vidpipe.passing_contents(f.filter) as p limit 1001",
        "select from vidpipe.keyframes as k cross join lateral (select from"
        " vidpipe.passing_contents(f.filter) as p where p.content_sha256 = k.content_sha256"
        " limit 1) as passing_post",
        "select * from vidpipe.keyframes as k cross join lateral"
        " vidpipe.posts_of(k.content_sha256, f.filter, false) as p",
        "select * from vidpipe.posts_with_words('tank', null, f.filter, false)",
    ],
)
def test_earlier_versions_are_in_no_plan_unless_they_are_asked_for(
    connection: psycopg.Connection, query: str
) -> None:
    without = plan(connection, NO_FILTER, query)
    assert "video_versions" not in without
    assert "Append" not in without
    if "lateral" in query:
        assert "Index Scan using videos_content_sha256" in without
    assert "video_versions" in plan(connection, VERSIONS, query)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.text(alphabet="aÄ坦 ,\"\\\\{}'#", max_size=5) | st.sampled_from(["NULL", "null", "İ"]),
        max_size=4,
    )
)
def test_folding_hashtags_keeps_them_apart(connection: psycopg.Connection, tags: list[str]) -> None:
    row = connection.execute(
        "select vidpipe.folded_hashtags(%(tags)s::text[]),"
        " array(select lower(tag) from unnest(%(tags)s::text[]) with ordinality as t (tag, n)"
        " order by n)",
        {"tags": tags},
    ).fetchone()
    assert row is not None
    assert row[0] == row[1]


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
    assert len(search(connection, vector, 1000, hashtag="war2026")) == 1
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
        ("¯", set()),
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


def test_posts_of_equal_bytes_are_one_row_of_words_unless_all_are_asked_for(
    upgraded_database_settings: Settings,
) -> None:
    posts = [
        Post("a:1", "same", description="nothing", ocr=("burning tank",)),
        Post("a:2", "same", description="a tank, a tank"),
        Post("a:3", "other", description="tank"),
    ]
    with connect(upgraded_database_settings, autocommit=True) as connection:
        publish_rows(connection, date_rows(posts), ingest_date=DAY, model=MODEL)
        query = "select video_id, posts from vidpipe.search_words('tank'"
        once = connection.execute(query + ")").fetchall()
        assert sorted(once) == [("a:2", 2), ("a:3", 1)]
        every = connection.execute(query + ", all_posts => true)").fetchall()
        assert sorted(every) == [("a:1", 2), ("a:2", 2), ("a:3", 1)]


def test_a_hybrid_search_finds_what_looks_right_and_what_says_it(
    connection: psycopg.Connection,
) -> None:
    rows = connection.execute(
        "select video_id, score, looks_rank, words_rank, matched_in, segment"
        " from vidpipe.search_hybrid('坦克', %s, %s, 3)",
        [HalfVector(frame_vectors(POSTS[30])[1]), MODEL.model_id],
    ).fetchall()
    found = {video: rest for video, *rest in rows}
    assert list(found)[:2] == ["tiktok:zh", "tiktok:30"], "words are heavier"
    assert found["tiktok:30"][1:] == [1, None, None, 1]
    score, looks_rank, words_rank, matched_in, _ = found["tiktok:zh"]
    assert (words_rank, matched_in) == (1, ["description", "ocr"])
    assert score == pytest.approx(2 / 61 + (1 / (60 + looks_rank) if looks_rank else 0))


def test_a_hybrid_search_without_words_is_a_search_by_looks(
    connection: psycopg.Connection,
) -> None:
    vector = frame_vectors(POSTS[31])[0]
    rows = connection.execute(
        "select video_id, looks_score from vidpipe.search_hybrid('?!', %s, %s, 5)",
        [HalfVector(vector), MODEL.model_id],
    ).fetchall()
    assert rows == search(connection, vector, 5)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
    | st.lists(
        st.sampled_from(["坦", "克", "街", "tank", "truck", " ", ",", "'", "&", ":*"]), max_size=6
    ).map("".join)
)
def test_any_text_is_answered_by_posts_that_hold_its_words_or_a_mistake_is_named(
    connection: psycopg.Connection, text: str
) -> None:
    try:
        found = connection.execute(
            "select floor(vidpipe.match_score(w.words, vidpipe.words_wanted(%s))), s.matched_as"
            " from vidpipe.search_words(%s) as s"
            " inner join vidpipe.video_words as w on s.video_id = w.video_id",
            [text, text],
        ).fetchall()
    except psycopg.errors.InvalidParameterValue:
        assert set(text) & set('"*-＂＊－')
    else:
        assert all(WAYS[int(kind) - 1] == told for kind, told in found)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(alphabet="坦克在街上燃烧的abรถถัง ,", max_size=12).filter(
        lambda text: any(letter.isalpha() for letter in text)
    ),
    st.text(alphabet="坦克在街上 xyz,", max_size=6),
    st.text(alphabet="坦克在街上 xyz,", max_size=6),
)
def test_a_text_between_separators_is_always_found(
    connection: psycopg.Connection, inner: str, before: str, after: str
) -> None:
    [(is_found,)] = connection.execute(
        "select vidpipe.words_of(%s) @@ vidpipe.words_query(%s)",
        [f"{before} {inner} {after}", inner],
    ).fetchall()
    assert is_found


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
        publish_rows(
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
