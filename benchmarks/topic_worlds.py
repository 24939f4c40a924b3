"""Videos of demo worlds as topics see them, and larger corpora that are sampled from them.

Belongs here: reading indexed worlds, sampling, filling the tables of a scratch database.
Does not: what is measured with them (benchmarks.topics, benchmarks.topic_speed).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl

from benchmarks.load import FRAMES_PER_CONTENT, fill, made_up_date
from vidpipe.models.clip import unit
from vidpipe.publication.tables import OCR_LINES, DateRows
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.binary_copy import copy_rows
from vidpipe.stores.database import connect
from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import VECTOR_TABLES, active_model
from vidpipe.topics.corpus import Corpus, read_corpus
from vidpipe.topics.space import Vectors

MODEL = ModelIdentity("benchmark", 512)
WEEK = date(2026, 11, 2)  # a Monday
NOISE = 0.02  # standard deviation of what is added to each component of a sampled frame


@dataclass(frozen=True, eq=False)
class KnownVideo:
    """One content of a demo world, with its first post.

    Attributes:
        number: names it in tables.
        account: who posted it.
        posted_at: when; None if unknown.
        description: of the post.
        hashtags: of the post.
        read: accepted OCR text.
        subject: what it is about, by the world's truth.
        frames: its clear frames as unit vectors, shape (frames, dimensions).
        images: path of each frame below the media store.
    """

    number: int
    account: str
    posted_at: datetime | None
    description: str
    hashtags: tuple[str, ...]
    read: str
    subject: str
    frames: Vectors
    images: tuple[str, ...]


def read_world(home: Path) -> tuple[Corpus, dict[str, Any]]:
    """The corpus of an indexed world, and its `truth.json`."""
    with connect(load_settings(home=home)) as connection:
        model = active_model(connection)
        assert model is not None, f"{home} is not indexed"
        corpus = read_corpus(connection, model.model_no, WEEK)
    return corpus, json.loads((home / "world" / "truth.json").read_text(encoding="utf-8"))


def true_subjects(corpus: Corpus, truth: dict[str, Any]) -> list[str]:
    """What each content of a world is about."""
    subjects = {video["video_id"]: video["topic_subject"] for video in truth["videos"]}
    return [subjects[corpus.posts_of(row, None)[0].video_id] for row in range(len(corpus.contents))]


def known_videos(homes: Sequence[Path]) -> list[KnownVideo]:
    """The contents of indexed worlds together; accounts of different worlds differ."""
    videos: list[KnownVideo] = []
    for home in homes:
        corpus, truth = read_world(home)
        settings = load_settings(home=home)
        with connect(settings) as connection:
            uris: dict[str, str] = dict(
                connection.execute("select keyframe_sha256, image_uri from vidpipe.keyframes")
            )
        for row, subject in enumerate(true_subjects(corpus, truth)):
            post = min(corpus.posts_of(row, None), key=lambda one: one.place_in_time)
            frames, _ = corpus.frames_of(np.array([row]))
            videos.append(
                KnownVideo(
                    number=len(videos),
                    account=f"{post.account}-{truth['seed']}",
                    posted_at=post.posted_at,
                    description=post.description,
                    hashtags=post.hashtags,
                    read=corpus.read[row],
                    subject=subject,
                    frames=corpus.frames[frames],
                    images=tuple(
                        uris[corpus.keyframes[frame]].removeprefix(f"{settings.media}/")
                        for frame in frames
                    ),
                )
            )
    return videos


def sampled(videos: Sequence[KnownVideo], count: int, accounts: int) -> list[KnownVideo]:
    """So many videos: each subject as often, frames of a drawn video of it with noise added."""
    random = np.random.default_rng(count)
    of_subject: dict[str, list[KnownVideo]] = {}
    for video in videos:
        of_subject.setdefault(video.subject, []).append(video)
    subjects = sorted(of_subject)
    drawn = []
    for number in range(count):
        pool = of_subject[subjects[random.integers(len(subjects))]]
        video = pool[random.integers(len(pool))]
        chosen = random.integers(0, len(video.frames), FRAMES_PER_CONTENT)
        noise = random.normal(0, NOISE, (FRAMES_PER_CONTENT, video.frames.shape[1]))
        drawn.append(
            replace(
                video,
                number=number,
                account=f"account{random.integers(accounts)}",
                frames=unit(video.frames[chosen] + noise).astype(np.float16),
                images=tuple(video.images[frame] for frame in chosen),
            )
        )
    return drawn


@contextmanager
def scratch_server() -> Iterator[tuple[embedded_server.EmbeddedServer, Path]]:
    """A database server of its own and its home, for `benchmarks.load.fresh_database`."""
    with TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        try:
            yield embedded_server.start(home), home
        finally:
            embedded_server.stop(home)


def publish_videos(settings: Settings, videos: Sequence[KnownVideo], dates: Sequence[date]) -> None:
    """Fills an empty database, in this order; a video's rows are the same in any order.

    Args:
        settings: of the database, and of the media store where its pictures would lie.
        videos: one post each.
        dates: their ingest dates.
    """
    rows = _rows(videos, dates, settings.media)
    with connect(settings, autocommit=True) as connection:
        fill(connection, rows, MODEL, VECTOR_TABLES[:2])
        read = OCR_LINES
        copy_rows(connection, read.target, rows.ocr_lines, read.server_types)
        connection.execute(b"analyze vidpipe.ocr_lines")


def video_id(video: KnownVideo) -> str:
    """Of its post."""
    return f"world:{video.number}"


def content_sha256(video: KnownVideo) -> str:
    """Of its file."""
    return hashlib.sha256(str(video.number).encode()).hexdigest()


def _rows(videos: Sequence[KnownVideo], dates: Sequence[date], media: str) -> DateRows:
    rows = made_up_date(len(videos) * FRAMES_PER_CONTENT, dimensions=1)
    contents = [content_sha256(video) for video in videos]
    # fewer frames than five are taken again in turn
    taken = [np.arange(FRAMES_PER_CONTENT) % len(video.frames) for video in videos]
    keyframes = [
        hashlib.sha256(f"{video.number}/{segment}".encode()).hexdigest()
        for video in videos
        for segment in range(FRAMES_PER_CONTENT)
    ]
    frames = np.concatenate(
        [video.frames[own] for video, own in zip(videos, taken, strict=True)], dtype=np.float32
    )
    means = unit(frames.reshape(len(videos), FRAMES_PER_CONTENT, -1).mean(axis=1))
    accounts = pl.Series([video.account for video in videos])
    shown = rows.videos.with_columns(
        video_id=pl.Series([video_id(video) for video in videos]),
        account=accounts,
        account_id=accounts,
        posted_at=pl.Series(
            [video.posted_at for video in videos], dtype=rows.videos.schema["posted_at"]
        ),
        description=pl.Series([video.description for video in videos]),
        hashtags=pl.Series([list(video.hashtags) for video in videos]),
        ingest_date=pl.Series(list(dates)),
        content_sha256=pl.Series(contents),
    )
    versions = rows.video_versions
    return replace(
        rows,
        videos=shown,
        video_versions=versions.with_columns(
            shown[name] for name in versions.columns if name in shown.columns
        ),
        contents=rows.contents.with_columns(content_sha256=pl.Series(contents)),
        keyframes=rows.keyframes.with_columns(
            content_sha256=pl.Series(np.repeat(contents, FRAMES_PER_CONTENT)),
            keyframe_sha256=pl.Series(keyframes),
            image_uri=pl.Series(
                [
                    f"{media}/{video.images[frame]}"
                    for video, own in zip(videos, taken, strict=True)
                    for frame in own
                ]
            ),
        ),
        ocr_lines=rows.ocr_lines.gather_every(2 * FRAMES_PER_CONTENT)
        .with_columns(
            keyframe_sha256=pl.Series(keyframes[::FRAMES_PER_CONTENT]),
            text=pl.Series([video.read for video in videos]),
        )
        .filter(pl.col("text") != ""),
        frame_embeddings=_vectors({"keyframe_sha256": keyframes}, frames),
        content_embeddings=_vectors({"content_sha256": contents}, means),
    )


def _vectors(keys: dict[str, list[str]], vectors: Vectors) -> pl.DataFrame:
    return pl.DataFrame(keys).with_columns(embedding=pl.Series(vectors).arr.to_list())
