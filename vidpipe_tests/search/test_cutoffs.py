"""Cut-offs measured on stills that the demo models really relate to words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from vidpipe.demo.compositions import Composition, compositions
from vidpipe.demo.language import PARTS, describe, phrasings
from vidpipe.search.answers import Search, answer
from vidpipe.search.cutoffs import FEWEST_QUERIES, KEPT, calibrate, keep
from vidpipe.search.evaluation import Corpus
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch
from vidpipe.search.question import Question
from vidpipe.search.searcher import Searcher
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import digest
from vidpipe_tests.search.indexed_stills import POSTS, SHOWN, index_of_stills


def said(composition: Composition) -> str:
    return describe(composition, "en", phrasings("en")[0], parts=PARTS, variant=0)


@pytest.fixture(scope="module")
def searcher(module_database_settings: Settings) -> Iterator[Searcher]:
    with index_of_stills(module_database_settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def queries() -> list[LabelledQuery]:
    """The text of every post, and as many of what no post shows."""
    shown = {(one.subject, one.state) for one in SHOWN}
    others = [one for one in compositions("seen") if (one.subject, one.state) not in shown]
    return [
        *(
            LabelledQuery(
                post.video_id, "text", (RelevantStretch(post.video_id, 0, 1),), text=said(one)
            )
            for post, one in zip(POSTS, SHOWN, strict=True)
        ),
        *(
            LabelledQuery(f"absent-{number}", "text", (), text=said(one))
            for number, one in enumerate(others[:: len(others) // 40])
        ),
    ]


def test_a_cut_off_keeps_right_answers_and_empties_absent_questions(
    searcher: Searcher, queries: list[LabelledQuery], tmp_path: Path
) -> None:
    (cutoff,) = calibrate(searcher, Corpus.read(searcher.connection), queries, Path())
    assert cutoff.kind == "text"
    assert cutoff.kept >= KEPT
    assert cutoff.queries >= 50
    assert cutoff.absent_queries >= 40
    assert cutoff.emptied is not None
    assert cutoff.emptied >= 0.5
    absent = [Question(query.text) for query in queries[len(SHOWN) :]]
    assert answer(searcher, Search(absent[-1])).results, "nothing is cut off yet"

    query_set = tmp_path / "queries.yaml"
    query_set.write_text("any")
    keep(searcher, [cutoff], query_set)
    keep(searcher, [cutoff], query_set)
    [(kind, deviations)] = searcher.connection.execute(
        "select kind, deviations from vidpipe.score_cutoffs"
    ).fetchall()
    assert (kind, deviations) == ("text", pytest.approx(cutoff.deviations, abs=1e-5))

    found = [answer(searcher, Search(question)) for question in absent]
    doubted = [one for one in found if not one.certain]
    assert len(doubted) == round(cutoff.emptied * cutoff.absent_queries)
    for one in doubted:
        assert one.cutoff is not None
        assert one.results[0]["score"] < one.cutoff
        assert len(one.results) == 10, "the nearest are shown"
        assert not any(row["certain"] for row in one.results)
    sure = answer(searcher, Search(Question(queries[0].text)))
    assert sure.cutoff is not None
    assert all(row["certain"] and row["score"] >= sure.cutoff for row in sure.results)
    everything = answer(searcher, Search(absent[-1], cutoff="none"))
    assert len(everything.results) == 10
    assert not answer(searcher, Search(Question(queries[0].text), cutoff=0.999)).results


def test_too_few_queries_set_no_cut_off(searcher: Searcher, queries: list[LabelledQuery]) -> None:
    few = queries[: FEWEST_QUERIES - 1]
    assert calibrate(searcher, Corpus.read(searcher.connection), few, Path()) == []


def test_a_query_that_a_fifth_of_the_corpus_answers_keeps_its_answers(
    searcher: Searcher, module_database_settings: Settings
) -> None:
    """They would raise a mean and a standard deviation above themselves."""
    model_id = searcher.model.model_id
    with (
        connect(module_database_settings, autocommit=True) as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute(
            "update vidpipe.frame_embeddings_m1 set embedding = ("
            " select embedding from vidpipe.frame_embeddings_m1 where keyframe_sha256 = %s)"
            " where keyframe_sha256 = any(%s)",
            [digest("c0", 0), [digest(f"c{number}", 0) for number in range(len(POSTS) // 5)]],
        )
        connection.execute(
            "insert into vidpipe.score_cutoffs"
            " (model_id, kind, deviations, kept, queries, absent_queries, query_set_sha256)"
            " values (%s, 'image', 3.3, 0.95, 30, 0, 'x')",
            [model_id],
        )
        [(cutoff,)] = connection.execute(
            "select vidpipe.calibrated_cutoff(embedding, %s, 'image')"
            " from vidpipe.frame_embeddings_m1 where keyframe_sha256 = %s",
            [model_id, digest("c0", 0)],
        ).fetchall()
    assert 0.3 < cutoff < 0.95, "the answers themselves score 1"
