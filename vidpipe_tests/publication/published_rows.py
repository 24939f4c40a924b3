"""Small made-up dates to publish: rows of every table, with vectors of a seeded generator."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from vidpipe.publication.tables import DateRows
from vidpipe.stores.model_identity import ModelIdentity

MODEL = ModelIdentity("clip-image@1 + clip-text@1", 16)
DAY = date(2026, 11, 2)
NEXT_DAY = DAY + timedelta(days=1)


def digest(*parts: object) -> str:
    """SHA-256 (hex) of the parts."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def unit_vectors(keys: Sequence[str], dimensions: int) -> pl.Series:
    """One unit vector per key; the same key always has the same one."""
    vectors = []
    for key in keys:
        vector = np.random.default_rng(int(digest(key)[:12], 16)).normal(size=dimensions)
        vectors.append((vector / np.linalg.norm(vector)).astype(np.float32).tolist())
    return pl.Series("embedding", vectors, dtype=pl.List(pl.Float32))


@dataclass(frozen=True)
class Post:
    """One post to make up rows for; `content` names its bytes."""

    video_id: str
    content: str
    account: str = "alice"
    description: str = "a video"
    hashtags: tuple[str, ...] = ()
    ocr: tuple[str, ...] = ()
    platform: str = "tiktok"


POSTS = [
    Post("tiktok:1", "a", description="a tank", hashtags=("war",), ocr=("FIRE", "NOW")),
    Post("tiktok:2", "b", account="bob", description="坦克在街上"),
    Post("tiktok:3", "a", account="bob", description="the same tank again"),
]


def many_posts(count: int, prefix: str = "v") -> list[Post]:
    """Posts that show different things; another prefix makes other posts."""
    return [Post(f"tiktok:{prefix}{n}", f"{prefix}{n}") for n in range(count)]


def date_rows(
    posts: Sequence[Post],
    *,
    ingest_date: date = DAY,
    model: ModelIdentity = MODEL,
    frames_per_content: int = 3,
    removed: frozenset[str] = frozenset(),
) -> DateRows:
    """Everything that a date with these posts publishes."""
    posted_at = datetime(ingest_date.year, ingest_date.month, ingest_date.day, 12, tzinfo=UTC)
    contents = list(dict.fromkeys(post.content for post in posts))
    empty = DateRows.empty()
    videos = [
        {
            "video_id": post.video_id,
            "platform": post.platform,
            "account": post.account,
            "posted_at": posted_at + timedelta(minutes=number),
            "ingest_date": ingest_date,
            "description": post.description,
            "hashtags": list(post.hashtags),
            "url": None,
            "content_sha256": digest(post.content),
            "upload_id": f"{ingest_date}/{post.video_id.replace(':', '/')}.mp4",
            "is_damaged": False,
            "removed_at": posted_at if post.video_id in removed else None,
            "metadata_source": "native",
            "post_id": post.video_id,
            "clip_number": 1,
            "account_id": post.account,
            "account_source": "handle",
            "posted_at_precision": "second",
            "mentions": [],
        }
        for number, post in enumerate(posts)
    ]
    keyframes = [
        {
            "content_sha256": digest(content),
            "segment": segment,
            "frame_index": segment * 10,
            "timestamp_s": segment * 0.5,
            "keyframe_sha256": digest(content, segment),
            "sharpness": 100.0,
            "brightness": 120.0,
            "entropy": 6.5,
            "colour_variance": 40.0,
            "colour_distance": None if segment == 0 else 12.5,
            "is_low_information": False,
            "image_uri": f"media/{digest(content, segment)}.jpg",
        }
        for content in contents
        for segment in range(frames_per_content)
    ]
    lines = {
        (digest(post.content, 0), number): text
        for post in posts
        for number, text in enumerate(post.ocr)
    }
    frame_keys = [str(row["keyframe_sha256"]) for row in keyframes]
    content_keys = [digest(content) for content in contents]
    texts = [digest(post.description) for post in posts]
    return replace(
        empty,
        videos=pl.DataFrame(videos, schema=empty.videos.schema),
        video_versions=pl.DataFrame(
            [
                {name: row.get(name) for name in empty.video_versions.columns}
                | {"version": 1, "is_current": True, "first_seen_at": posted_at}
                for row in videos
            ],
            schema=empty.video_versions.schema,
        ),
        contents=pl.DataFrame(
            {
                "content_sha256": content_keys,
                "duration_s": [1.5] * len(contents),
                "fps": [30.0] * len(contents),
                "width_px": [640] * len(contents),
                "height_px": [360] * len(contents),
                "codec": ["h264"] * len(contents),
                "size_bytes": [1000] * len(contents),
                "ingest_date": [ingest_date] * len(contents),
            },
            schema=empty.contents.schema,
        ),
        keyframes=pl.DataFrame(keyframes, schema=empty.keyframes.schema),
        ocr_lines=pl.DataFrame(
            [
                {
                    "keyframe_sha256": keyframe,
                    "line_no": number,
                    "text": text,
                    "confidence": 0.9,
                    "accepted": True,
                    "box": [0.0, 0.0, 9.0, 0.0, 9.0, 4.0, 0.0, 4.0],
                }
                for (keyframe, number), text in lines.items()
            ],
            schema=empty.ocr_lines.schema,
        ),
        frame_embeddings=pl.DataFrame(
            {
                "keyframe_sha256": frame_keys,
                "embedding": unit_vectors(frame_keys, model.dimensions),
            },
            schema=empty.frame_embeddings.schema,
        ),
        content_embeddings=pl.DataFrame(
            {
                "content_sha256": content_keys,
                "embedding": unit_vectors(content_keys, model.dimensions),
            },
            schema=empty.content_embeddings.schema,
        ),
        text_embeddings=pl.DataFrame(
            {
                "video_id": [post.video_id for post in posts],
                "kind": ["description"] * len(posts),
                "text_sha256": texts,
                "embedding": unit_vectors(texts, model.dimensions),
            },
            schema=empty.text_embeddings.schema,
        ),
    )


def failures(*rows: dict[str, object]) -> pl.DataFrame:
    """Failure rows, with what is not given left empty."""
    schema = DateRows.empty().failures.schema
    usual = {
        "status": "failed",
        "error_class": "UploadRejected",
        "error_message": "it broke",
        "occurred_at": datetime(2026, 11, 2, 13, tzinfo=UTC),
    }
    return pl.DataFrame([{**dict.fromkeys(schema), **usual, **row} for row in rows], schema=schema)
