"""What the texts of an index have in common, and that saved queries are searched without it."""

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest

from vidpipe.publication.transaction import publish_rows
from vidpipe.search.typical_text import FEW, typical_text
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import find_model
from vidpipe_tests.publication.published_rows import DAY, Post, date_rows

MODEL = ModelIdentity("typical", 8)
POSTS = 5


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(upgraded_database_settings, autocommit=True) as opened:
        posts = [Post(f"a:{n}", f"c{n}", description=f"text {n}") for n in range(POSTS)]
        publish_rows(opened, date_rows(posts, model=MODEL), ingest_date=DAY, model=MODEL)
        yield opened


def test_it_is_the_mean_and_counts_less_where_there_are_few(
    connection: psycopg.Connection,
) -> None:
    rows = connection.execute("select embedding from vidpipe.text_embeddings").fetchall()
    mean = np.mean([vector.to_numpy() for (vector,) in rows], axis=0)
    typical = typical_text(connection, find_model(connection, "typical"))
    assert typical is not None
    assert len(rows) == POSTS
    assert np.allclose(typical, mean * POSTS / (POSTS + FEW), atol=1e-3)


def test_an_index_without_texts_has_none(connection: psycopg.Connection) -> None:
    connection.execute("delete from vidpipe.text_embeddings_m1")
    assert typical_text(connection, find_model(connection, "typical")) is None
