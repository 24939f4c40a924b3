"""Word search on 100,000 posts, against the one of before with PostgreSQL's own parser.

    python -m benchmarks.word_search [--posts 100000] [--questions 12]

Both searches have words of the same made-up posts in one database of a scratch server: 12 words of
description, two hashtags and three OCR lines of four words each, of 60,000 words that are as
frequent as words of languages are (Zipf), one post a content. Each question is asked of both in
turns, and counts with the fastest of its turns.

* `p95_ratio`: 95th percentile of the latency of `search_words` ÷ that of before, over all kinds of
  questions; `hybrid_p95_ratio`: the same of `search_hybrid`.
* `cut_s`, `cut_before_s`: seconds to cut the words of all posts.
"""

import argparse
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from pgvector import HalfVector

from benchmarks.load import fresh_database
from vidpipe.stores import stored_words
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import create_index, ensure_model

BEFORE = Path(__file__).with_name("word_search_before.sql")
STEMS = 20_000
ENDINGS = ("", "s", "ing")
DIMENSIONS = 16
MODEL = ModelIdentity("benchmark", DIMENSIONS)
TURNS = 2


def run(posts: int = 100_000, questions: int = 12) -> dict[str, Any]:
    """All figures; so many questions of each kind."""
    source = random.Random(0)
    vocabulary = made_up_words(source)
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        server = embedded_server.start(home)
        try:
            with (
                fresh_database(server, home) as settings,
                connect(settings, autocommit=True) as connection,
            ):
                fill(connection, vocabulary, posts)
                seconds = cut(connection)
                return {
                    "posts": posts,
                    **seconds,
                    **measured(connection, asked(source, vocabulary, questions)),
                }
        finally:
            embedded_server.stop(home)


def made_up_words(source: random.Random) -> list[str]:
    """Words of two to four syllables with endings, the most frequent first."""
    syllables = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]
    stems: dict[str, None] = {}
    while len(stems) < STEMS:
        stems["".join(source.choices(syllables, k=source.choice((2, 2, 3, 3, 4)))) + "n"] = None
    words = [stem + ending for stem in stems for ending in ENDINGS]
    source.shuffle(words)
    return words


def fill(connection: psycopg.Connection, vocabulary: Sequence[str], posts: int) -> None:
    """Makes posts, each with a content, a keyframe with three lines, and a vector."""
    numbers = np.random.default_rng(0)
    names = [f"{n:064x}" for n in range(posts)]
    table = f"vidpipe.frame_embeddings_m{ensure_model(connection, MODEL).model_no}"
    connection.execute(f"drop index {table}_hnsw".encode())
    vectors = numbers.normal(size=(posts, DIMENSIONS)).round(3).tolist()
    described = made_up_texts(numbers, vocabulary, posts, 12)
    tagged = made_up_texts(numbers, vocabulary, posts, 2)
    lines = made_up_texts(numbers, vocabulary, 3 * posts, 4)
    day = "2026-11-02"
    columns: dict[str, Iterable[tuple[Any, ...]]] = {
        "vidpipe.contents (content_sha256, duration_s, fps, width_px, height_px, codec, size_bytes,"
        " ingest_date)": ((name, 60, 30, 640, 360, "h264", 1, day) for name in names),
        "vidpipe.videos (video_id, post_id, clip_number, platform, account, account_id, posted_at,"
        " ingest_date, description, hashtags, mentions, content_sha256, upload_id, is_damaged,"
        " metadata_source)": (
            (
                *(f"x:{n}", f"x:{n}", 1, "x", f"a{n % 97}", f"a{n % 97}", day, day, described[n]),
                *(tagged[n].split(), [], name, f"{n}.mp4", False, "native"),
            )
            for n, name in enumerate(names)
        ),
        "vidpipe.keyframes (content_sha256, segment, frame_index, timestamp_s, keyframe_sha256,"
        " sharpness, brightness, entropy, colour_variance, is_low_information, image_uri)": (
            (name, 0, 0, 0, name, 1, 1, 1, 1, False, "media") for name in names
        ),
        "vidpipe.ocr_lines (keyframe_sha256, line_no, text, confidence, accepted, box)": (
            (names[n // 3], n % 3, line.upper(), 0.9, True, [0, 0, 9, 0, 9, 4, 0, 4])
            for n, line in enumerate(lines)
        ),
        f"{table} (keyframe_sha256, embedding)": (
            (name, str(vector)) for name, vector in zip(names, vectors, strict=True)
        ),
    }
    for target, rows in columns.items():
        with connection.cursor().copy(f"copy {target} from stdin".encode()) as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(f"analyze {target.partition(' ')[0]}".encode())
    create_index(connection, table.removeprefix("vidpipe."))


def made_up_texts(
    numbers: np.random.Generator, vocabulary: Sequence[str], count: int, words: int
) -> list[str]:
    """Texts whose words are the rarer the later they stand in the vocabulary, by Zipf's law."""
    ranks = np.exp(numbers.random((count, words)) * np.log(len(vocabulary))).astype(int) - 1
    return [" ".join(vocabulary[rank] for rank in row) for row in ranks.tolist()]


def cut(connection: psycopg.Connection) -> dict[str, float]:
    """Cuts the words of all posts, now and as before; seconds."""
    connection.execute(BEFORE.read_bytes())
    started = time.perf_counter()
    connection.execute(
        "insert into plain.video_words select * from plain.words_of_posts("
        "array(select video_id from vidpipe.videos))"
    )
    connection.execute("analyze plain.video_words")
    before = time.perf_counter()
    connection.execute(
        "insert into vidpipe.video_words (video_id, words)"
        " select video_id, words from plain.video_words"
    )
    begun = time.perf_counter()
    stored_words.cut_again(connection)
    return {
        "cut_before_s": round(before - started, 1),
        "cut_s": round(time.perf_counter() - begun, 1),
    }


def asked(source: random.Random, vocabulary: Sequence[str], count: int) -> dict[str, list[str]]:
    """Questions by kind."""

    def word(first: int, last: int) -> str:
        return vocabulary[source.randrange(first, last)]

    return {
        "very common": [vocabulary[n % 5] for n in range(count)],
        "common": [word(5, 100) for _ in range(count)],
        "seldom": [word(100, 5_000) for _ in range(count)],
        "rare": [word(5_000, len(vocabulary)) for _ in range(count)],
        "two": [f"{word(0, 200)} {word(0, 2_000)}" for _ in range(count)],
        "three": [f"{word(0, 50)} {word(0, 50)} {word(0, 500)}" for _ in range(count)],
        "nowhere": [f"{word(0, 500)}qu" for _ in range(count)],
    }


def measured(connection: psycopg.Connection, questions: dict[str, list[str]]) -> dict[str, Any]:
    """Latencies of both searches by kind of question, and their ratios."""
    vectors = np.random.default_rng(0).normal(size=(50, DIMENSIONS))
    latencies: dict[tuple[str, str], list[float]] = defaultdict(list)
    for kind, texts in questions.items():
        for number, text in enumerate(texts):
            vector = HalfVector(vectors[number % len(vectors)])
            ways: dict[str, tuple[str, list[Any]]] = {
                "now": ("select * from vidpipe.search_words(%s)", [text]),
                "before": ("select * from plain.search_words(%s)", [text]),
                "hybrid now": (
                    "select * from vidpipe.search_hybrid(%s, %s, %s)",
                    [text, vector, MODEL.model_id],
                ),
                "hybrid before": (
                    "select * from plain.search_hybrid(%s, %s, %s)",
                    [text, vector, MODEL.model_id],
                ),
            }
            for name, (statement, arguments) in ways.items():
                turns = []
                for _ in range(TURNS):
                    started = time.perf_counter()
                    connection.execute(statement.encode(), arguments).fetchall()
                    turns.append(1e3 * (time.perf_counter() - started))
                latencies[name, kind].append(min(turns))

    def p95(name: str) -> float:
        every = [ms for (way, _), each in latencies.items() if way == name for ms in each]
        return float(np.percentile(every, 95))

    return {
        "p95_ratio": round(p95("now") / p95("before"), 3),
        "hybrid_p95_ratio": round(p95("hybrid now") / p95("hybrid before"), 3),
        "p95_ms": {name: round(p95(name), 1) for name in ways},
        "median_ms": {
            kind: {name: round(float(np.median(latencies[name, kind])), 1) for name in ways}
            for kind in questions
        },
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=12)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.posts, arguments.questions), indent=1))
