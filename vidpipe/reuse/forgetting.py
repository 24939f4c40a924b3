"""Erasing contents and posts from comparisons, clusters and watch-lists of footage.

Belongs here: everything about reused footage that shows a content or names a post.
Does not: other stores (vidpipe.erasure), writing comparisons (store.py).
"""

from collections.abc import Sequence

import psycopg

from vidpipe.reuse import watching
from vidpipe.reuse.cluster_store import recluster


def forget(connection: psycopg.Connection, videos: Sequence[str], contents: Sequence[str]) -> None:
    """Erases contents and posts, in one transaction.

    Clusters whose medoid goes get another one, or end where no two copies are left.

    Args:
        connection: autocommit, held by `store.one_at_a_time`.
        videos: ids of the posts.
        contents: `content_sha256` of contents that no other post shows.
    """
    gone = {"contents": list(contents)}
    with connection.transaction():
        watching.forget(connection, videos, contents)
        neighbours = connection.execute(
            "select distinct o.content_sha256 from vidpipe.cluster_members as m"
            " inner join vidpipe.cluster_members as o on m.cluster_id = o.cluster_id"
            " where m.content_sha256 = any(%(contents)s)"
            " and o.content_sha256 <> all(%(contents)s)",
            gone,
        ).fetchall()
        connection.execute(
            "delete from vidpipe.footage_contents where content_sha256 = any(%(contents)s)", gone
        )
        recluster(connection, [content for (content,) in neighbours])
