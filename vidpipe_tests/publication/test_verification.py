"""Recall of the vector index; other findings are tried in automation/test_checks.py."""

import psycopg

from vidpipe.publication.verification import ann_recall
from vidpipe.stores.model_registry import ensure_model
from vidpipe_tests.publication.poor_index import add_random_frames, spoil_index
from vidpipe_tests.publication.published_rows import MODEL


def test_recall_falls_with_an_index_that_misses_the_nearest(
    connection: psycopg.Connection,
) -> None:
    model = ensure_model(connection, MODEL)
    add_random_frames(connection, model)
    good = ann_recall(connection)
    spoil_index(connection, model)
    poor = ann_recall(connection)
    assert good is not None
    assert good > 0.95
    assert poor is not None
    assert poor < 0.8


def test_recall_is_unknown_for_fewer_vectors_than_are_asked_for(
    connection: psycopg.Connection,
) -> None:
    model = ensure_model(connection, MODEL)
    assert ann_recall(connection) is None
    add_random_frames(connection, model, count=9)
    assert ann_recall(connection) is None
