"""Topics of posts that came after the last run: the nearest one whose radius they lie in.

Belongs here: keeping a run's space, and placing later posts in it. Does not: finding topics.
"""

import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import psycopg
from psycopg import sql

from vidpipe.topics.clustering import OUTLIER, Groups
from vidpipe.topics.corpus import clear_frames
from vidpipe.topics.descriptions import Described
from vidpipe.topics.fit import Fitted
from vidpipe.topics.hashtags import HashtagSpace
from vidpipe.topics.space import Labels, Space, Vectors, blend, unit_rows

# Posts that the current run has not read, with the mean vector of their clear frames by its model.
LATER_POSTS = """
select v.video_id, v.ingest_date, v.hashtags, c.embedding, d.embedding
from vidpipe.videos as v
inner join vidpipe.topic_runs as r on r.is_current
inner join lateral (
    select avg(e.embedding::vector) as embedding
    from vidpipe.keyframes as k
    inner join {vectors} as e on k.keyframe_sha256 = e.keyframe_sha256
    where k.content_sha256 = v.content_sha256 and {clear}
) as c on c.embedding is not null
left join {texts} as d on v.video_id = d.video_id and d.kind = 'description'
left join vidpipe_ops.seen_videos as s on v.video_id = s.video_id
where v.removed_at is null and (v.ingest_date >= r.week + 7 or s.seen_at > r.made_at)
    and (%(days)s::date[] is null or v.ingest_date = any(%(days)s))
    and not exists (
        select from vidpipe.video_topics as t
        where t.run_no = r.run_no and t.video_id = v.video_id and not t.is_provisional
    )
order by v.video_id
"""


def pack(fitted: Fitted, topic_ids: Sequence[int]) -> bytes:
    """A run's space as a numpy archive."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        mean=fitted.looks.mean,
        axes=fitted.looks.axes,
        typical=fitted.described.typical,
        trust=fitted.described.trust,
        centroids=fitted.groups.centroids,
        radii=fitted.groups.radii,
        topic_ids=np.asarray(topic_ids, np.int64),
        words_weight=fitted.words_weight,
        unknown=fitted.hashtags.unknown,
        rarity=np.frombuffer(json.dumps(dict(fitted.hashtags.rarity)).encode(), np.uint8),
    )
    return file.getvalue()


def unpack(packed: bytes) -> tuple[Fitted, Labels]:
    """The space and the topic ids that `pack` was given.

    Runs of before descriptions counted are read as runs in which they do not.
    """
    with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
        hashtags = HashtagSpace(
            json.loads(kept["rarity"].tobytes().decode()), float(kept["unknown"])
        )
        fitted = Fitted(
            Space(kept["mean"], kept["axes"]),
            Described(kept["typical"], float(kept["trust"]))
            if "typical" in kept
            else Described(np.zeros_like(kept["mean"]), 0.0),
            hashtags,
            Groups(kept["centroids"], kept["radii"]),
            float(kept["words_weight"]),
        )
        return fitted, kept["topic_ids"]


def nearest_topics(
    fitted: Fitted, vectors: Vectors, descriptions: Vectors, hashtags: Sequence[Sequence[str]]
) -> Labels:
    """Number of the nearest topic within its radius, or `OUTLIER`.

    Args:
        fitted: a run's space.
        vectors: mean vectors of contents, float32, shape (videos, dimensions).
        descriptions: vectors of their descriptions, zeros where there is none, of the same shape.
        hashtags: hashtags of each; a video without any is taken to have those of the topic that it
            looks most like.
    """
    looks = fitted.described.mix(fitted.looks, fitted.looks.place(vectors), descriptions)
    words = fitted.hashtags.place(hashtags)
    centroids = fitted.groups.centroids
    without = ~words.any(axis=1)
    if without.any() and len(centroids):
        axes = looks.shape[1]
        alike = (looks[without] @ unit_rows(centroids[:, :axes]).T).argmax(axis=1)
        words[without] = unit_rows(centroids[alike, axes:])
    return fitted.groups.nearest(blend(looks, words, fitted.words_weight))


def give_topics(
    connection: psycopg.Connection, days: Sequence[date] | None = None
) -> Counter[date]:
    """Gives posts that the current run has not read a provisional topic, where they lie in one.

    Args:
        connection: autocommit.
        days: ingest dates to look at; all when omitted.

    Returns:
        How many posts of each ingest date were given one.
    """
    current = connection.execute(
        "select r.run_no, m.model_no, s.fitted from vidpipe.topic_runs as r"
        " inner join vidpipe_ops.topic_spaces as s on r.run_no = s.run_no"
        " inner join vidpipe.models as m on r.model_id = m.model_id where r.is_current"
    ).fetchone()
    if current is None:
        return Counter()
    run_no, model_no, packed = current
    vectors_of = sql.Identifier("vidpipe", f"frame_embeddings_m{model_no}")
    statement = sql.SQL(LATER_POSTS).format(
        vectors=vectors_of,
        texts=sql.Identifier("vidpipe", f"text_embeddings_m{model_no}"),
        clear=clear_frames(vectors_of),
    )
    posts = connection.execute(statement, {"days": None if days is None else list(days)}).fetchall()
    if not posts:
        return Counter()
    fitted, topic_ids = unpack(packed)
    vectors = np.array([vector.to_numpy() for *_, vector, _ in posts], np.float32)
    descriptions = np.zeros_like(vectors)
    for row, (*_, description) in enumerate(posts):
        if description is not None:
            descriptions[row] = description.to_numpy()
    topics = nearest_topics(fitted, vectors, descriptions, [tags for _, _, tags, _, _ in posts])
    given = [
        (run_no, video, int(topic_ids[topic]), day)
        for (video, day, *_), topic in zip(posts, topics.tolist(), strict=True)
        if topic != OUTLIER
    ]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            "delete from vidpipe.video_topics where run_no = %s and is_provisional"
            " and video_id = any(%s)",
            [run_no, [video for video, *_ in posts]],
        )
        cursor.executemany(
            "insert into vidpipe.video_topics"
            " (run_no, video_id, topic_id, share, is_main, is_provisional)"
            " values (%s, %s, %s, 1, true, true)",
            [row[:3] for row in given],
        )
    return Counter(day for *_, day in given)
