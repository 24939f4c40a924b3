"""Posts with planted subjects, published to PostgreSQL."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import psycopg

from vidpipe.publication.transaction import publish_rows
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.topics.space import unit_rows
from vidpipe_tests.publication.published_rows import DAY, Post, date_rows

MODEL = ModelIdentity("topical", 16)
WEEK = DAY - timedelta(days=DAY.weekday())
SUBJECTS = ("tank", "cat", "boat", "house")


def posts(subject: str, count: int, *, account: str, first: int = 0) -> list[Post]:
    return [
        Post(
            f"t:{account}-{subject}-{n}",
            f"{subject} {account} {n}",
            account=account,
            description=f"a {subject} दिन 坦克",
            hashtags=(subject,),
        )
        for n in range(first, first + count)
    ]


def ingest(connection: psycopg.Connection, given: Sequence[Post], day: date = DAY) -> None:
    """Publishes posts whose frames show the subject that their content is named after."""
    rows = date_rows(given, ingest_date=day, model=MODEL)
    named = {post.content: post.content.split(" ")[0] for post in given}
    digests = dict(zip(rows.contents["content_sha256"], named.values(), strict=True))
    subject = {
        row["keyframe_sha256"]: digests[row["content_sha256"]]
        for row in rows.keyframes.iter_rows(named=True)
    }
    rng = np.random.default_rng(len(given))
    frames, contents = rows.frame_embeddings, rows.content_embeddings
    axes = np.eye(16)[[SUBJECTS.index(subject[key]) for key in frames["keyframe_sha256"]]]
    near = unit_rows(axes + rng.normal(0, 0.1, axes.shape))
    vector = dict(zip(frames["keyframe_sha256"], near, strict=True))
    shown: dict[str, list[np.ndarray]] = defaultdict(list)
    for row in rows.keyframes.iter_rows(named=True):
        shown[row["content_sha256"]].append(vector[row["keyframe_sha256"]])
    means = unit_rows(np.array([np.mean(shown[key], axis=0) for key in contents["content_sha256"]]))
    rows = replace(
        rows,
        frame_embeddings=frames.with_columns(
            pl.Series("embedding", near.tolist()).cast(frames.schema["embedding"])
        ),
        content_embeddings=contents.with_columns(
            pl.Series("embedding", means.tolist()).cast(contents.schema["embedding"])
        ),
    )
    publish_rows(connection, rows, ingest_date=day, model=MODEL)


def corpus_of_accounts() -> list[Post]:
    """A large account on tanks, one of 15 videos, and accounts of 1, 2 and 5."""
    return [
        *posts("tank", 18, account="pusher"),
        *posts("cat", 2, account="pusher"),
        *posts("cat", 8, account="fifteen"),
        *posts("boat", 7, account="fifteen"),
        *posts("house", 1, account="one"),
        *posts("boat", 2, account="two"),
        *posts("house", 5, account="five"),
    ]
