"""Cut-offs measured on stills that the demo models really relate to words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pgvector import HalfVector

from vidpipe.cli.search import Search, answer
from vidpipe.demo.compositions import Composition, compositions
from vidpipe.demo.gallery import draw_compositions, render_stills
from vidpipe.demo.language import PARTS, describe, phrasings
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair
from vidpipe.models.clip_weights import model_identity
from vidpipe.publication.publish import publish
from vidpipe.search.cutoffs import FEWEST_QUERIES, KEPT, calibrate, keep
from vidpipe.search.evaluation import Corpus
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch
from vidpipe.search.searcher import Searcher, open_searcher
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import DAY, Post, date_rows, digest

SHOWN = draw_compositions("seen", 60, seed=5)
POSTS = [Post(f"a:{number}", f"c{number}") for number in range(len(SHOWN))]


def said(composition: Composition) -> str:
    return describe(composition, "en", phrasings("en")[0], parts=PARTS, variant=0)


@pytest.fixture(scope="module")
def searcher(
    module_database_settings: Settings,
) -> Iterator[Searcher]:
    """An index of one frame a post, by the demo models."""
    image, text = demo_pair()
    models = {"clip_image_model": str(image), "clip_text_model": str(text)}
    settings = module_database_settings.model_copy(update=models)
    model = model_identity(settings)
    vectors = ClipPair.from_settings(settings).images.embed(render_stills(SHOWN, seed=11))
    with connect(settings, autocommit=True) as connection:
        rows = date_rows(POSTS, model=model, frames_per_content=1)
        publish(connection, rows, ingest_date=DAY, model=model)
        for post, vector in zip(POSTS, vectors, strict=True):
            for table, key, value in (
                ("frame_embeddings_m1", "keyframe_sha256", digest(post.content, 0)),
                ("content_embeddings_m1", "content_sha256", digest(post.content)),
            ):
                connection.execute(
                    f"update vidpipe.{table} set embedding = %s where {key} = %s",
                    [HalfVector(vector), value],
                )
    with open_searcher(settings) as opened:
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
    assert answer(searcher, Search(text=queries[-1].text)).results, "nothing is cut off yet"

    query_set = tmp_path / "queries.yaml"
    query_set.write_text("any")
    keep(searcher, [cutoff], query_set)
    keep(searcher, [cutoff], query_set)
    [(kind, deviations)] = searcher.connection.execute(
        "select kind, deviations from vidpipe.score_cutoffs"
    ).fetchall()
    assert (kind, deviations) == ("text", pytest.approx(cutoff.deviations, abs=1e-5))

    emptied = [answer(searcher, Search(text=query.text)) for query in queries[len(SHOWN) :]]
    empty = [one for one in emptied if not one.results]
    assert len(empty) == round(cutoff.emptied * cutoff.absent_queries)
    for one in empty:
        assert one.nearest is not None
        assert one.cutoff is not None
        assert one.nearest < one.cutoff
    everything = answer(searcher, Search(text=queries[-1].text, cutoff="none"))
    assert len(everything.results) == 10
    assert not answer(searcher, Search(text=queries[0].text, cutoff=0.999)).results


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


def test_a_reason_names_the_frame_and_what_each_term_contributes(searcher: Searcher) -> None:
    """The contributions add up to the score."""
    asked = Search(text="a tank", add=("a street*0.5",), subtract=("night",), cutoff="none")
    for row in answer(searcher, asked).results:
        frame, told = row["reason"].split(": ")
        assert frame == "frame at 0.0 s"
        shares = dict(reversed(part.split(" ", 1)) for part in told.split(", "))
        assert set(shares) == {"a tank", "a street", "night"}
        assert sum(map(float, shares.values())) == pytest.approx(row["score"], abs=3e-3)


def test_an_example_and_words_are_reasons_of_their_own(searcher: Searcher) -> None:
    (first, *_) = answer(searcher, Search(video="a:3")).results
    assert first["reason"] == "frame at 0.0 s looks like the example's at 0.0 s"
    (first, *_) = answer(searcher, Search(text="video", use_words=True)).results
    looks, words = first["reason"].split("; ")
    assert looks == f"place {first['looks_rank']} by looks, frame at 0.0 s"
    assert words == f"place {first['words_rank']} by words, in description"


def test_a_post_can_be_the_start_of_a_navigation(searcher: Searcher) -> None:
    """With a weight that hardly counts, the post itself is nearest."""
    found = answer(searcher, Search(video="a:3", add=("night*0.001",), cutoff="none")).results
    assert found[0]["video_id"] == "a:3"
    assert "video:a:3" in found[0]["reason"]
