"""Saved queries as SQL analysts use them: search, navigation and shares by name alone."""

import json
from collections.abc import Iterator

import numpy as np
import psycopg
import pytest
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

POSTS = [
    *(Post(f"tiktok:{n}", f"c{n}", account=f"account{n % 4}") for n in range(40)),
    Post("tiktok:repost", "c8", account="account0"),
    Post("x:8", "c8", account="account0", platform="x"),
]


@pytest.fixture(scope="module")
def connection(module_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(module_database_settings, autocommit=True) as opened:
        publish_rows(opened, date_rows(POSTS), ingest_date=DAY, model=MODEL)
        for name, content in (("eight", "c8"), ("nine", "c9")):
            save(opened, name, frame(content, 0))
        opened.execute(
            "insert into vidpipe.saved_queries (name, terms) values ('new', '[{\"text\": \"x\"}]')"
        )
        yield opened


def frame(content: str, segment: int) -> np.ndarray:
    vector: np.ndarray = unit_vectors([digest(content, segment)], MODEL.dimensions)[0].to_numpy()
    return vector


def mean_of(content: str) -> np.ndarray:
    vector: np.ndarray = unit_vectors([digest(content)], MODEL.dimensions)[0].to_numpy()
    return vector


def save(connection: psycopg.Connection, name: str, vector: np.ndarray) -> None:
    connection.execute(
        "insert into vidpipe.saved_queries (name, terms, embedding, model_id, embedded_at)"
        ' values (%s, \'[{"text": "any"}]\', %s, %s, now())',
        [name, HalfVector(vector), MODEL.model_id],
    )


def test_a_saved_query_is_searched_by_its_name(connection: psycopg.Connection) -> None:
    by_name = connection.execute("select * from vidpipe.search_videos('eight', 5)").fetchall()
    by_vector = connection.execute(
        "select * from vidpipe.search_videos_by_vector(%s, %s, 5)",
        [HalfVector(frame("c8", 0)), MODEL.model_id],
    ).fetchall()
    assert by_name == by_vector
    assert by_name[0][1] == "tiktok:8"
    only = connection.execute(
        "select video_id from vidpipe.search_videos('eight', 5, account => 'account1')"
    ).fetchall()
    assert len(only) == 5
    assert all(int(video.removeprefix("tiktok:")) % 4 == 1 for (video,) in only)


def test_its_cut_off_decides_what_is_found_unless_another_is_given(
    connection: psycopg.Connection,
) -> None:
    query = "select video_id from vidpipe.search_videos('nine', 9"
    assert len(connection.execute(query + ")").fetchall()) == 9
    connection.execute("update vidpipe.saved_queries set cutoff = 0.95 where name = 'nine'")
    assert connection.execute(query + ")").fetchall() == [("tiktok:9",)]
    assert len(connection.execute(query + ", min_score => -1)").fetchall()) == 9
    assert connection.execute(query + ", min_score => 1.5)").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "select * from vidpipe.search_videos({})",
        "select * from vidpipe.navigate(array[{}])",
        "select * from vidpipe.concept_share('account0', {})",
    ],
)
def test_a_name_that_does_not_answer_says_why(
    connection: psycopg.Connection, statement: str
) -> None:
    with pytest.raises(psycopg.errors.NoDataFound, match='there is no saved query "nobody"'):
        connection.execute(statement.format("'nobody'"))
    with pytest.raises(psycopg.DatabaseError, match='saved query "new" is not embedded yet'):
        connection.execute(statement.format("'new'"))


def test_a_vector_of_another_model_is_refused(connection: psycopg.Connection) -> None:
    connection.execute("insert into vidpipe.models (model_id, dimensions) values ('old@1', 16)")
    save(connection, "old", frame("c1", 0))
    connection.execute("update vidpipe.saved_queries set model_id = 'old@1' where name = 'old'")
    try:
        for function in ("search_videos('old')", "navigate(array['old'])"):
            with pytest.raises(
                psycopg.DatabaseError, match='made by model "old@1", but the active'
            ):
                connection.execute(f"select * from vidpipe.{function}")
    finally:
        connection.execute("delete from vidpipe.saved_queries where name = 'old'")
        connection.execute("delete from vidpipe.models where model_id = 'old@1'")


def test_navigation_adds_and_subtracts_terms_of_length_one(
    connection: psycopg.Connection,
) -> None:
    total = mean_of("c3") + 0.5 * frame("c8", 0) - 2 * frame("c9", 0)
    found = connection.execute(
        "select video_id, score from vidpipe.navigate("
        "array['video:tiktok:3'], add => array['eight'], subtract => array['nine'],"
        " weights => array[1, 0.5, 2], k => 7)"
    ).fetchall()
    expected = connection.execute(
        "select video_id, score from vidpipe.search_videos_by_vector(%s, %s, 7)",
        [HalfVector(total), MODEL.model_id],
    ).fetchall()
    assert [video for video, _ in found] == [video for video, _ in expected]
    assert [score for _, score in found] == pytest.approx([s for _, s in expected], abs=2e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("array[]::text[]", "nothing to search by"),
        ("array['eight'], weights => array[1, 2]::real[]", "2 weights for 1 terms"),
        ("array['video:nobody']", 'there is no video "nobody" with a vector'),
        ("array['eight'], subtract => array['eight']", "is zero: it points nowhere"),
    ],
)
def test_navigation_that_leads_nowhere_is_refused(
    connection: psycopg.Connection, arguments: str, message: str
) -> None:
    with pytest.raises(psycopg.DatabaseError, match=message):
        connection.execute(f"select * from vidpipe.navigate({arguments})")


def test_the_share_of_an_account_that_shows_a_concept(connection: psycopg.Connection) -> None:
    query = "select * from vidpipe.concept_share('account0', 'eight'"
    with pytest.raises(psycopg.DatabaseError, match='saved query "eight" has no cut-off'):
        connection.execute(query + ")")
    assert connection.execute(query + ", cutoff => 0.99)").fetchone() == (12, 3, 0.25)
    assert connection.execute(query + ", 'x', 0.99)").fetchone() == (1, 1, 1.0)
    assert connection.execute(query + ", 'nowhere', 0.99)").fetchone() == (0, 0, None)


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ([{"text": "a"}, {"text": "b", "weight": 0.5}], "text"),
        ([{"image": "queries/a.jpg"}, {"video": "tiktok:1"}], "image"),
        ([{"image": "queries/a.jpg"}, {"text": "b"}], "text_image"),
        ([{"image": "queries/a.jpg"}, {"text": "b", "weight": -1}], "navigation"),
        ([{"text": "a"}, {"text": "b", "weight": -0.1}], "navigation"),
    ],
)
def test_the_kind_of_a_saved_query_is_told_by_its_terms(
    connection: psycopg.Connection, terms: list[dict[str, object]], kind: str
) -> None:
    assert connection.execute("select vidpipe.query_kind(%s)", [json.dumps(terms)]).fetchone() == (
        kind,
    )


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ('[{"saved": "eight"}]', "text"),
        ('[{"saved": "eight"}, {"text": "b"}]', "text"),
        ('[{"saved": "eight"}, {"video": "tiktok:1"}]', "text_image"),
        ('[{"saved": "of-video"}]', "image"),
        ('[{"saved": "of-video"}, {"text": "b"}]', "text_image"),
        ('[{"saved": "of-video", "weight": -1}]', "navigation"),
        ('[{"saved": "of-subtraction"}]', "navigation"),
        ('[{"saved": "circle"}]', "text"),
    ],
)
def test_the_kind_of_a_saved_query_that_is_made_of_others_is_told_by_theirs(
    connection: psycopg.Connection, terms: str, kind: str
) -> None:
    with connection.transaction(force_rollback=True):
        for name, saved in (
            ("of-video", '[{"video": "tiktok:1"}]'),
            ("of-subtraction", '[{"text": "a"}, {"text": "b", "weight": -0.5}]'),
            ("circle", '[{"saved": "other-side"}]'),
            ("other-side", '[{"saved": "circle"}, {"text": "a"}]'),
        ):
            connection.execute(
                "insert into vidpipe.saved_queries (name, terms) values (%s, %s)", [name, saved]
            )
        found = connection.execute("select vidpipe.query_kind(%s)", [terms]).fetchone()
    assert found == (kind,)


def test_the_share_of_one_account_leaves_out_those_that_are_only_called_so(
    connection: psycopg.Connection,
) -> None:
    """Another account's handle may be the id of this one, here and on other platforms."""
    share = "select videos from vidpipe.concept_share(%s, 'eight', %s, 0.5)"
    with connection.transaction(force_rollback=True):
        for table in ("videos", "video_versions"):
            connection.execute(
                f"update vidpipe.{table} set account = 'account0'"
                " where video_id in ('tiktok:1', 'tiktok:2')"
            )
            connection.execute(
                f"update vidpipe.{table} set platform = null where video_id = 'tiktok:repost'"
            )
        of_id = [
            connection.execute(share, ["account0", where]).fetchone()
            for where in ("tiktok", "x", "", None)
        ]
    assert of_id == [(10,), (1,), (1,), (12,)]


@pytest.fixture
def calibrated(connection: psycopg.Connection) -> Iterator[float]:
    """Cut-offs three deviations above the median score; the score of 'eight' that this is."""
    connection.execute(
        "insert into vidpipe.score_cutoffs (model_id, kind, deviations, kept, queries,"
        " absent_queries, query_set_sha256)"
        " select %s, unnest(array['text', 'navigation']), 3, 0.95, 30, 0, 'x'",
        [MODEL.model_id],
    )
    scores = np.array([frame(f"c{n}", s) @ frame("c8", 0) for n in range(40) for s in range(3)])
    yield np.median(scores) + 3 * 1.4826 * np.median(abs(scores - np.median(scores)))
    connection.execute("delete from vidpipe.score_cutoffs")


def test_the_calibrated_cut_off_leaves_out_what_does_not_stand_out(
    connection: psycopg.Connection, calibrated: float
) -> None:
    at = "select vidpipe.cutoff_of(vidpipe.saved_query('eight'))"
    assert connection.execute(at).fetchone() == (pytest.approx(calibrated, abs=1e-3),)
    found = connection.execute("select video_id, score from vidpipe.search_videos('eight', 9)")
    assert [score >= calibrated for _, score in found.fetchall()] == [True]
    everything = "select video_id from vidpipe.{}"
    for function, share in (
        ("search_videos('eight', 9", 9),
        ("navigate(array['eight'], k => 9", 9),
    ):
        every = connection.execute(everything.format(f"{function}, min_score => -1)")).fetchall()
        assert len(every) == share
        assert len(connection.execute(everything.format(f"{function})")).fetchall()) == 1
    matching = "select matching from vidpipe.concept_share('account0', 'eight')"
    assert connection.execute(matching).fetchone() == (3,)
    connection.execute("update vidpipe.saved_queries set cutoff = -1 where name = 'eight'")
    try:
        assert connection.execute(at).fetchone() == (-1,)
    finally:
        connection.execute("update vidpipe.saved_queries set cutoff = null where name = 'eight'")


def test_nothing_is_cut_off_before_it_was_calibrated(connection: psycopg.Connection) -> None:
    assert connection.execute(
        "select vidpipe.cutoff_of(vidpipe.saved_query('eight'))"
    ).fetchone() == (None,)
