"""Videos whose ids change: the old id still answers, and what people noted under it moves along.

Belongs here: finding the videos that a publication gives another id, `vidpipe.former_video_ids`,
and the owned tables that name videos.
Does not: which id a video has (vidpipe.uploads.video_resolution), answering by a former id
(`sql/functions/video_ids.sql`).

An id changes when a second account claims it, when its metadata are read anew, or when a clip gets
a number. Judgements, hits and topics that stayed with the old id would be lost, and a watched query
would tell the same post a second time.
"""

from collections.abc import Sequence
from typing import LiteralString

import psycopg
from psycopg import sql

# Owned tables with a column `video_id` in their keys.
NAMING: tuple[LiteralString, ...] = (
    "vidpipe.watch_hits",
    "vidpipe.footage_watch_hits",
    "vidpipe.video_topics",
    "vidpipe_ops.seen_videos",
)
# Whether nothing is called by the former id of a renamed video `r` any more.
IS_GONE = "not exists (select from vidpipe.videos as v where v.video_id = r.former_id)"


def note_renamed_videos(connection: psycopg.Connection) -> None:
    """Notes which videos get another id with what arrives, before anything is merged.

    The upload that a video shows is the video: where its bytes are the same and its id is not, the
    video was renamed. Other bytes under the same path are another post.
    """
    connection.execute(
        "insert into renamed_videos select o.video_id, a.video_id from arriving_versions as a"
        " inner join vidpipe.video_versions as o on a.upload_id = o.upload_id"
        " where o.is_current and o.content_sha256 = a.content_sha256 and o.video_id <> a.video_id"
    )


def follow_renamed_videos(connection: psycopg.Connection) -> None:
    """Lets what names renamed videos name them as they are called now, after all was merged."""
    connection.execute(
        "delete from vidpipe.former_video_ids as f"
        " using arriving_videos as a where f.former_id = a.video_id"
    )
    if connection.execute("select from renamed_videos limit 1").fetchone() is None:
        return
    connection.execute(
        "update vidpipe.former_video_ids as f set video_id = r.video_id from renamed_videos as r"
        f" where f.video_id = r.former_id and f.former_id <> r.video_id and {IS_GONE}"
    )
    connection.execute(
        "insert into vidpipe.former_video_ids (former_id, video_id) select r.former_id, r.video_id"
        f" from renamed_videos as r where {IS_GONE}"
        " on conflict (former_id) do update set video_id = excluded.video_id, changed_at = now()"
    )
    for table in NAMING:
        _move_rows(connection, table)
    connection.execute(
        "update vidpipe.relevance_judgements as t set video_id = r.video_id"
        " from renamed_videos as r where t.video_id = r.former_id"
    )
    connection.execute(
        "update vidpipe.topics as t set medoid_video_id = r.video_id from renamed_videos as r"
        " where t.medoid_video_id = r.former_id"
    )
    _rewrite_terms(connection)


def forget(connection: psycopg.Connection, videos: Sequence[str]) -> None:
    """Erases the ids that videos had before."""
    connection.execute(
        "delete from vidpipe.former_video_ids where video_id = any(%(ids)s)"
        " or former_id = any(%(ids)s)",
        {"ids": list(videos)},
    )


def _move_rows(connection: psycopg.Connection, table: LiteralString) -> None:
    """Moves rows to the new ids at once, as two videos may swap theirs; rows that exist stay."""
    parts = {
        "table": sql.SQL(table),
        "moved": sql.Identifier("pg_temp", f"moved_{table.rpartition('.')[2]}"),
    }
    for statement in (
        "create temp table {moved} on commit drop as select t.* from {table} as t"
        " inner join renamed_videos as r on t.video_id = r.former_id",
        "delete from {table} as t using renamed_videos as r where t.video_id = r.former_id",
        "update {moved} as t set video_id = r.video_id from renamed_videos as r"
        " where t.video_id = r.former_id",
        "insert into {table} select * from {moved} on conflict do nothing",
    ):
        connection.execute(sql.SQL(statement).format(**parts))


def _rewrite_terms(connection: psycopg.Connection) -> None:
    """Rewrites saved queries by renamed videos; their vectors stay, as the videos are the same."""
    connection.execute(
        "create temp table renamed_terms on commit drop as"
        " select s.name, s.embedding, s.model_id, s.embedded_at, s.embedding_error, s.updated_at,"
        " jsonb_agg(case when r.video_id is null then t.term"
        " else jsonb_set(t.term, '{video}', to_jsonb(r.video_id)) end order by t.place) as terms"
        " from vidpipe.saved_queries as s"
        " cross join lateral jsonb_array_elements(s.terms) with ordinality as t (term, place)"
        " left join renamed_videos as r on t.term ->> 'video' = r.former_id"
        " where vidpipe.problem_of_terms(s.terms) is null"  # others have no vector, and stay
        " group by s.name having count(r.video_id) > 0"
    )
    connection.execute(
        "update vidpipe.saved_queries as s set terms = r.terms from renamed_terms as r"
        " where s.name = r.name"
    )
    connection.execute(  # a trigger has cleared it with the terms
        "update vidpipe.saved_queries as s set (embedding, model_id, embedded_at, embedding_error,"
        " updated_at) = (r.embedding, r.model_id, r.embedded_at, r.embedding_error, r.updated_at)"
        " from renamed_terms as r where s.name = r.name"
    )
