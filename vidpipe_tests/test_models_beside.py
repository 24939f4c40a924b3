"""A second pair, of another dimension, beside the active one: embedded, compared, made active.

The tests share one installation and run in order: each goes on from what the one before it left.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from benchmarks.real_size_pair import write_real_size_pair
from vidpipe.errors import SettingsError, VidpipeError
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip_weights import model_identity
from vidpipe.models.pair_layout import PairSize, TransformerSize
from vidpipe.search.evaluation import Corpus, ask_exactly, judge
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch
from vidpipe.search.question import Question
from vidpipe.search.saved_queries import SavedTerm, embed_waiting, save_query
from vidpipe.search.searcher import open_searcher
from vidpipe.settings import Settings
from vidpipe.stores.model_registry import active_model
from vidpipe_tests.cli.command_line import call
from vidpipe_tests.installation import Installation, computed
from vidpipe_tests.short_videos import write_short_videos

SMALL = PairSize(
    vision=TransformerSize(32, 2, 1, 64),
    caption=TransformerSize(32, 2, 1, 64, 49408, 77),
    multilingual=TransformerSize(32, 2, 1, 64, 119547, 512),
    dimensions=64,
)
CLIPS = 3


@pytest.fixture(scope="module")
def first(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Three clips indexed by the demo pair."""
    folder = tmp_path_factory.mktemp("installation")
    with DagsterInstance.ephemeral() as instance:
        installation = Installation.make(module_database_settings, folder, instance)
        installation.uploads.rmdir()
        write_short_videos(installation.uploads, CLIPS)
        installation.run()
        yield installation


@pytest.fixture(scope="module")
def second(first: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The same with a pair of 64 dimensions and random weights."""
    image, text = write_real_size_pair(tmp_path_factory.mktemp("pair"), SMALL)
    own = {"clip_image_model": str(image), "clip_text_model": str(text)}
    return Installation(first.settings.model_copy(update=own), first.uploads, first.instance)


def listed(installation: Installation) -> list[tuple[int, bool, int, int]]:
    rows = json.loads(call(installation.settings, "model", "list", "--json").stdout)
    names = ("dimensions", "is_active", "covered", "contents")
    return [tuple(row[name] for name in names) for row in rows]


def test_a_run_with_another_pair_embeds_beside_the_active_one(
    first: Installation, second: Installation
) -> None:
    assert [row[:2] for row in listed(first)] == [(512, True)]
    assert second.pending() == [], "another model embeds nothing anew by itself"
    run = second.materialize(second.outdated().dates, {"clip_embeddings": {"refresh": True}})
    assert run.success
    assert computed(run, "keyframes")["new"] == computed(run, "ocr_text")["new"] == 0
    assert computed(run, "clip_embeddings")["new"] > 0
    contents = len(first.query("select from vidpipe.contents"))
    assert listed(first) == [(512, True, contents, contents), (64, False, contents, contents)]
    dimensions = "select distinct vector_dims(embedding) from vidpipe.frame_embeddings"
    assert first.query(dimensions) == [(512,)]


def test_models_are_compared_by_the_same_queries(first: Installation, second: Installation) -> None:
    """Each of its own vectors finds its own frame."""
    with first.connect() as connection:
        corpus = Corpus.read(connection)
    video = next(iter(corpus.contents))
    asked = [LabelledQuery("q", "text", (RelevantStretch(video, 0, 99),), text="a tank")]
    for installation in (first, second):
        model_id = model_identity(installation.settings).model_id
        with open_searcher(installation.settings, model_id) as searcher:
            ask = lambda query, one=searcher: ask_exactly(one, query, Path())  # noqa: E731
            (judged,), _ = judge(corpus, asked, ask)
            assert set(judged.found) == set(corpus.contents.values())
            if installation is first:
                by_index = searcher.find(Question("a tank"), k=10)
                assert [row["content_sha256"] for row in by_index] == list(judged.found)
            else:
                with pytest.raises(VidpipeError, match="but the active model is"):
                    searcher.find(Question("a tank"), k=10)


def test_a_model_that_covers_too_little_is_refused(first: Installation) -> None:
    with first.connect() as connection:
        (kept,) = connection.execute(
            "delete from vidpipe.content_embeddings_m2 where content_sha256 ="
            " (select min(content_sha256) from vidpipe.contents) returning content_embeddings_m2"
        ).fetchall()
        refused = call(first.settings, "model", "activate", "2")
        assert "--incomplete activates it now" in refused.stderr
        assert [row[1] for row in listed(first)] == [True, False]
        connection.execute(
            "insert into vidpipe.content_embeddings_m2"
            " select (%s::vidpipe.content_embeddings_m2).*",
            list(kept),
        )
    assert "there is no model '7'" in call(first.settings, "model", "activate", "7").stderr


def test_activating_shows_its_vectors_and_embeds_saved_queries_anew(
    first: Installation, second: Installation
) -> None:
    with first.connect() as connection:
        save_query(connection, "tanks", [SavedTerm("text", "a tank")], cutoff=0.2)
        of_first, of_second = (model_identity(one.settings).model_id for one in (first, second))
        embed_waiting(connection, first.settings, first.pipeline.engine, of_first)
        assert "is active" in call(first.settings, "model", "drop", "1", "--yes").stderr
        told = call(first.settings, "model", "activate", of_second).stdout
        assert "1 saved queries get new vectors" in told
        assert "1 have a cut-off that was chosen for another model" in told
        active = active_model(connection)
        assert active is not None
        assert (active.model_id, active.dimensions) == (of_second, 64)
        told_of = embed_waiting(connection, second.settings, second.pipeline.engine, of_second)
        assert told_of == {"tanks": None}
    with open_searcher(second.settings) as searcher:
        contents = len(first.query("select from vidpipe.contents"))
        assert len(searcher.find_saved("tanks", k=10, min_score=-1)) == contents
        assert len(searcher.find(Question("a tank"), k=10)) == contents
    other = first.settings.model_copy(update={"clip_image_model": str(demo_pair()[0])})
    with (
        open_searcher(other) as searcher,
        pytest.raises(SettingsError, match="were made by random-clip"),
    ):
        searcher.find(Question("a tank"), k=10)


def test_a_dropped_model_is_gone_and_can_be_filled_again(first: Installation) -> None:
    asked = call(first.settings, "model", "drop", "1", stdin="n\n").stdout
    assert asked.startswith("drop the vectors of demo-clip"), asked
    assert len(listed(first)) == 2
    call(first.settings, "model", "drop", "1", "--yes")
    assert [row[:2] for row in listed(first)] == [(64, True)]
    run = first.materialize(first.outdated().dates)
    assert run.success
    assert computed(run, "clip_embeddings")["new"] == 0, "the lake kept its vectors"
    assert [row[:2] for row in listed(first)] == [(64, True), (512, False)]
