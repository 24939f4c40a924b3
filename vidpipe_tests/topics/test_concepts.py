"""What topics are called that no words name."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import psycopg
import pytest

from vidpipe.errors import SettingsError
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip_weights import model_identity
from vidpipe.settings import Settings
from vidpipe.topics.concepts import Concepts, load_concepts, nearest_concepts, read_concepts
from vidpipe.topics.naming import label_of
from vidpipe.topics.run import make_run
from vidpipe_tests.topics.corpora import WEEK, ingest, posts


def test_the_nearest_concepts_are_named_and_the_label_says_they_are_seen() -> None:
    concepts = Concepts(("tank", "cat", "boat"), np.eye(3, dtype=np.float32))
    assert nearest_concepts(concepts, np.array([1, 0.1, 0], np.float32)) == ("tank",)
    assert nearest_concepts(concepts, np.array([1, 1, 0], np.float32)) == ("tank", "cat")
    assert nearest_concepts(concepts, np.array([1, 1, 1], np.float32)) == ()
    assert label_of((), 7, ("tank", "cat")) == "seen: tank · cat"
    assert label_of(("word",), 7, ("tank",)) == "word"


def test_the_list_is_a_setting_and_mistakes_in_it_are_explained(tmp_path: Path) -> None:
    own = tmp_path / "concepts.txt"
    own.write_text("# mine\n\ntank \n tank\nroad  block\n", "utf-8")
    assert read_concepts(own) == ("tank", "road block")
    assert len(read_concepts(None)) > 200
    own.write_text("# nothing\n", "utf-8")
    with pytest.raises(SettingsError, match="names no concept"):
        read_concepts(own)
    with pytest.raises(SettingsError, match="a concept on each line"):
        read_concepts(tmp_path / "missing.txt")


def test_concepts_are_placed_by_the_pair_that_made_the_vectors(settings: Settings) -> None:
    image, text = (str(folder) for folder in demo_pair())
    own = settings.model_copy(update={"clip_image_model": image, "clip_text_model": text})
    concepts = load_concepts(own, model_identity(own).model_id)
    assert len(concepts.names) == len(concepts.vectors)
    assert np.allclose(np.linalg.norm(concepts.vectors, axis=1), 1, atol=1e-4)
    with pytest.raises(SettingsError, match="made by another"):
        load_concepts(own, "another")


def test_a_run_without_its_text_model_is_made_and_says_what_is_missing(
    settings: Settings, connection: psycopg.Connection
) -> None:
    image, text = (str(folder) for folder in demo_pair())
    own = settings.model_copy(update={"clip_image_model": image, "clip_text_model": text})
    bare = [replace(post, description="", hashtags=()) for post in posts("tank", 6, account="a")]
    ingest(connection, bare)
    connection.execute("delete from vidpipe.ocr_lines")
    run = make_run(own, WEEK)
    assert (run.status, run.topics) == ("made", 1)
    assert "topics without words have no name: the vectors were made by topical" in run.notes[-1]
