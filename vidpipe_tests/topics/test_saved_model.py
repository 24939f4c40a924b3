"""BERTopic models that runs save: opened as in a notebook, true to the tables, erased."""

from pathlib import Path

import psycopg
import pytest
from bertopic import BERTopic

from vidpipe.settings import Settings
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.forgetting import forget
from vidpipe.topics.run import make_run
from vidpipe_tests.topics.corpora import WEEK, corpus_of_accounts, ingest, posts


def test_a_saved_model_opens_in_a_notebook_and_agrees_with_the_tables(
    settings: Settings, connection: psycopg.Connection
) -> None:
    stray = posts("boat", 1, account="stray")
    ingest(connection, [*corpus_of_accounts(), *stray])
    run = make_run(settings, WEEK)
    assert run.model_uri == f"{settings.media}/topics/run-{run.run_no}"
    model = BERTopic.load(run.model_uri)
    tables = connection.execute(
        "select topic_id || ': ' || label, contents, words from vidpipe.current_topics"
        " where scope = 'global'"
    ).fetchall()
    info = model.get_topic_info()
    info = info[info["Topic"] >= 0]
    loaded = zip(info["CustomName"], info["Count"], info["Representation"], strict=True)
    assert sorted(loaded) == sorted(tables)
    assert info["Topic"].tolist() == list(range(run.topics))
    assert sorted(info["Count"], reverse=True) == info["Count"].tolist()
    assert len(model.topics_) == run.contents
    assert model.topic_embeddings_.shape == (len(model.get_topics()), 16)
    assert model.get_representative_docs() == {}


def test_the_plots_of_a_loaded_model_show_its_words_and_topics(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    model_uri = make_run(settings, WEEK).model_uri
    assert model_uri is not None
    model = BERTopic.load(model_uri)
    bars = model.visualize_barchart(custom_labels=True)
    assert any("tank" in word for bar in bars.data for word in bar.y)
    labels = [title.text for title in bars.layout.annotations]
    assert labels == model.custom_labels_
    (points,) = model.visualize_topics(custom_labels=True).data
    assert sorted(points.marker.size) == sorted(model.topic_sizes_.values())
    assert model.visualize_heatmap(use_ctfidf=True).data[0].z.shape == (4, 4)
    assert model.visualize_hierarchy(use_ctfidf=True).data


@pytest.mark.parametrize("words", ["", "tank"])
def test_a_corpus_without_topics_and_hardly_words_has_a_model_all_the_same(
    settings: Settings, connection: psycopg.Connection, words: str
) -> None:
    ingest(connection, [*posts("tank", 1, account="a"), *posts("cat", 1, account="b")])
    connection.execute("update vidpipe.videos set description = %s, hashtags = '{}'", [words])
    connection.execute("delete from vidpipe.ocr_lines")
    run = make_run(settings, WEEK)
    assert (run.topics, run.outlier_share) == (0, 1)
    assert run.model_uri is not None
    assert BERTopic.load(run.model_uri).get_topic_info()["CustomName"].tolist() == ["in no topic"]


def test_forgetting_a_post_takes_the_models_that_know_its_words(
    settings: Settings, connection: psycopg.Connection
) -> None:
    ingest(connection, corpus_of_accounts())
    connection.execute(
        "update vidpipe.videos set description = 'Quetzalcoatl' where account = 'one'"
    )
    run = make_run(settings, WEEK)
    assert run.model_uri is not None
    saved = [file.read_bytes() for file in Path(run.model_uri).iterdir()]
    assert any(b"quetzalcoatl" in content for content in saved)
    [gone] = [post.video_id for post in corpus_of_accounts() if post.account == "one"]
    assert not any(gone.encode() in content for content in saved)
    forget(connection, MediaStore(settings.media), [gone])
    assert list(Path(settings.media).rglob("topics/**/*.*")) == []
    connection.execute("update vidpipe.videos set removed_at = now() where video_id = %s", [gone])
    again = make_run(settings, WEEK)
    assert again.model_uri is not None
    assert not any(b"quetzalcoatl" in file.read_bytes() for file in Path(again.model_uri).iterdir())
