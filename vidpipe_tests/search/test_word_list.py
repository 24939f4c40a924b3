"""Words of many scripts are found as people write them, and what was not asked for is not."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import psycopg
import pytest

from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import DAY, MODEL, Post, date_rows

WORD_LIST = Path(__file__).with_name("word_list.toml")
LEAST_FOUND = 0.95
MOST_FALSE = 0.02


@dataclass(frozen=True)
class Listed:
    """A post of the list, with questions that must find it and questions that must not."""

    script: str
    finds: list[str]
    misses: list[str]
    description: str = ""
    ocr: list[str] = field(default_factory=list)
    language: str | None = None


def read_list() -> dict[str, Listed]:
    """The posts of the list by their ids."""
    posts = tomllib.loads(WORD_LIST.read_text("utf-8"))["posts"]
    return {f"list:{number}": Listed(**post) for number, post in enumerate(posts)}


LISTED = read_list()


def publish_list(connection: psycopg.Connection) -> None:
    """Publishes the posts of the list, each with its language."""
    posts = [
        Post(video_id, video_id, description=one.description, ocr=tuple(one.ocr))
        for video_id, one in LISTED.items()
    ]
    rows = date_rows(posts)
    languages = [one.language for one in LISTED.values()]
    videos = rows.videos.with_columns(language=pl.Series(languages, dtype=pl.String))
    publish_rows(connection, replace(rows, videos=videos), ingest_date=DAY, model=MODEL)


@pytest.fixture(scope="module")
def found(module_database_settings: Settings) -> Iterator[dict[str, set[str]]]:
    """The posts that each question of the list finds."""
    questions = {asked for one in LISTED.values() for asked in (*one.finds, *one.misses)}
    with connect(module_database_settings, autocommit=True) as connection:
        publish_list(connection)
        yield {asked: posts_found(connection, asked) for asked in questions}


def posts_found(connection: psycopg.Connection, asked: str) -> set[str]:
    """The posts that hold these words, as search_words says."""
    rows = connection.execute("select video_id from vidpipe.search_words(%s, 100)", [asked])
    return {str(video_id) for (video_id,) in rows.fetchall()}


def test_the_list_has_twelve_scripts_and_more() -> None:
    assert len({one.script for one in LISTED.values()}) >= 12


def test_words_are_found_in_every_script(found: dict[str, set[str]]) -> None:
    by_script: dict[str, list[bool]] = defaultdict(list)
    lost = []
    for video_id, one in LISTED.items():
        for asked in one.finds:
            by_script[one.script].append(video_id in found[asked])
            lost += [(one.script, asked)] if video_id not in found[asked] else []
    every = [is_found for script in by_script.values() for is_found in script]
    assert sum(every) / len(every) >= LEAST_FOUND, lost
    for script, answers in by_script.items():
        assert sum(answers) / len(answers) >= 0.85, (script, lost)


def test_what_was_not_asked_for_is_not_found(found: dict[str, set[str]]) -> None:
    """Neither by questions that are near, nor by those of another script."""
    wrong, asked_of_posts = [], 0
    for video_id, one in LISTED.items():
        asked_of_posts += len(one.misses)
        wrong += [(one.script, asked) for asked in one.misses if video_id in found[asked]]
    for one in LISTED.values():
        for asked in one.finds:
            others = {key for key, other in LISTED.items() if other.script != one.script}
            strange = {key for key in found[asked] & others if asked not in LISTED[key].finds}
            asked_of_posts += len(others)
            wrong += [(key, asked) for key in strange]
    near = [pair for pair in wrong if not pair[0].startswith("list:")]
    assert len(near) / sum(len(one.misses) for one in LISTED.values()) <= MOST_FALSE, near
    assert len(wrong) / asked_of_posts <= MOST_FALSE, wrong
