"""Evaluations over time: kept as rows, and a fall below the interval is told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from vidpipe.search.quality_history import Drop, drops, record
from vidpipe.settings import Settings
from vidpipe.stores.database import connect


@pytest.fixture
def connection(upgraded_database_settings: Settings) -> Iterator[psycopg.Connection]:
    with connect(upgraded_database_settings, autocommit=True) as opened:
        yield opened


@pytest.fixture
def query_set(tmp_path: Path) -> Path:
    path = tmp_path / "queries.yaml"
    path.write_text("one set")
    return path


def figures(mrr: float, image_mrr: float = 0.9) -> dict[str, Any]:
    def means(value: float) -> dict[str, Any]:
        return {
            "queries": 40,
            "mrr@5": value,
            "mrr@5_95": [value - 0.05, value + 0.05],
            "map@5": 0.8,
            "map@5_95": [0.7, 0.9],
            "recall@5": 0.7,
        }

    return {
        "overall": means(mrr),
        "by_kind": {"image": means(image_mrr)},
        "by_language": {},
        "share_of_stretches_shown": 0.9,
    }


def test_a_run_is_kept_with_all_its_figures(
    connection: psycopg.Connection, query_set: Path
) -> None:
    assert record(connection, figures(0.95), query_set=query_set, model_id="m@1") == 1
    row = connection.execute(
        "select queries, mrr_at_5, map_at_5, recall_at_5, figures from vidpipe.search_quality_runs"
    ).fetchone()
    assert row is not None
    assert row[:4] == (40, pytest.approx(0.95), pytest.approx(0.8), pytest.approx(0.7))
    assert row[4] == figures(0.95)


def test_a_run_without_queries_is_kept_too(connection: psycopg.Connection, query_set: Path) -> None:
    empty = {
        "overall": {"queries": 0},
        "by_kind": {},
        "by_language": {},
        "share_of_stretches_shown": None,
    }
    record(connection, empty, query_set=query_set, model_id="m@1")
    record(connection, figures(0.9), query_set=query_set, model_id="m@1")
    assert drops(connection) == []


def test_only_a_fall_below_the_interval_of_the_same_queries_is_told(
    connection: psycopg.Connection, query_set: Path, tmp_path: Path
) -> None:
    record(connection, figures(0.95), query_set=query_set, model_id="m@1")
    assert drops(connection) == [], "there is nothing to compare with"
    record(connection, figures(0.91), query_set=query_set, model_id="m@1")
    assert drops(connection) == [], "within the interval"
    record(connection, figures(0.10), query_set=query_set, model_id="m@2")
    assert drops(connection) == [], "another model is compared, not watched"
    record(connection, figures(0.80, image_mrr=0.95), query_set=query_set, model_id="m@1")
    (drop,) = drops(connection)
    assert replace(drop, low=0) == Drop("overall", "mrr@5", 0.91, 0, 0.80)
    assert drop.low == pytest.approx(0.86)
    other = tmp_path / "other.yaml"
    other.write_text("another set")
    record(connection, figures(0.1), query_set=other, model_id="m@2")
    assert drops(connection) == [], "other queries cannot be compared"
