"""Clusters of footage in PostgreSQL: made again where copies changed, with ids that survive.

Belongs here: reading the copies around contents, rows of clusters, members and lineage.
Does not: which contents make a cluster (vidpipe.reuse.clusters), matches (vidpipe.reuse.store).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import psycopg

from vidpipe.groups.lineage import Step
from vidpipe.reuse.clusters import Cluster, Copy, Member, cluster_lineage, find_clusters
from vidpipe.reuse.matches import Verdict

MEMBER_COLUMNS = "content_sha256, verdict, coverage, medoid_coverage, start_s, end_s"


@dataclass(frozen=True)
class StoredCluster:
    """A living cluster as it is stored.

    Attributes:
        cluster_id: its number, which survives.
        cluster: the cluster.
    """

    cluster_id: int
    cluster: Cluster


def clusters_of(connection: psycopg.Connection, content: str) -> list[StoredCluster]:
    """The clusters that a content is in, by their numbers."""
    return _stored(
        connection,
        "select cluster_id from vidpipe.cluster_members where content_sha256 = %s",
        [content],
    )


def read_clusters(connection: psycopg.Connection) -> list[StoredCluster]:
    """All living clusters, by their numbers."""
    return _stored(
        connection, "select cluster_id from vidpipe.footage_clusters where ended_at is null", []
    )


def recluster(
    connection: psycopg.Connection, contents: Collection[str], dagster_run_id: str | None = None
) -> list[Step]:
    """Makes clusters again around contents whose matches changed, and wherever a medoid is gone.

    What no copy leads to from these contents, nor a cluster that they are in, is not looked at.

    Args:
        connection: in a transaction; the matches are as they shall be.
        contents: `content_sha256` of the contents.
        dagster_run_id: kept with the lineage.

    Returns:
        What became of clusters that changed their number; those that were kept are not told of.
        A step names ids of clusters.
    """
    reached = _reached(connection, contents)
    before = _stored(
        connection,
        "select c.cluster_id from vidpipe.footage_clusters as c where c.ended_at is null and"
        " (c.medoid_content is null or exists (select from vidpipe.cluster_members as m"
        " where m.cluster_id = c.cluster_id and m.content_sha256 = any(%s)))",
        [reached],
    )
    clusters = find_clusters(_copies(connection, reached))
    previous = {one.cluster_id: one.cluster for one in before}
    steps = cluster_lineage({one: cluster.contents for one, cluster in previous.items()}, clusters)
    ids = _write(connection, previous, clusters, steps)
    told = [
        Step(
            step.event,
            None if step.group is None else ids[step.group],
            step.previous,
            step.overlap,
            step.contents,
        )
        for step in steps
        if step.event != "kept"
    ]
    _end(connection, set(previous) - set(ids), told)
    _write_lineage(connection, told, dagster_run_id)
    return told


def _reached(connection: psycopg.Connection, contents: Collection[str]) -> list[str]:
    """The contents, those of their clusters, and all to which copies lead from any of them."""
    rows = connection.execute(
        "with recursive reached (content) as ("
        " (select unnest(%(contents)s::text[]) union select o.content_sha256"
        "  from vidpipe.cluster_members as m inner join vidpipe.cluster_members as o"
        "  on m.cluster_id = o.cluster_id where m.content_sha256 = any(%(contents)s)"
        "  union select m.content_sha256 from vidpipe.footage_clusters as c"
        "  inner join vidpipe.cluster_members as m on c.cluster_id = m.cluster_id"
        "  where c.ended_at is null and c.medoid_content is null)"
        " union select n.content from reached as r cross join lateral ("
        "  select m.content_b from vidpipe.footage_matches as m"
        "  where m.content_a = r.content and m.is_copy"
        "  union all select m.content_a from vidpipe.footage_matches as m"
        "  where m.content_b = r.content and m.is_copy) as n (content))"
        " select content from reached",
        {"contents": list(contents)},
    ).fetchall()
    return [content for (content,) in rows]


def _copies(connection: psycopg.Connection, contents: Sequence[str]) -> list[Copy]:
    """The copies among contents of which every copy is among them."""
    rows = connection.execute(
        "select m.content_a, m.content_b, m.verdict, m.coverage_a, m.coverage_b,"
        " coalesce(s.a_starts, '{}'), coalesce(s.a_ends, '{}'), coalesce(s.b_starts, '{}'),"
        " coalesce(s.b_ends, '{}') from vidpipe.footage_matches as m"
        " left join (select s.content_a, s.content_b,"
        "  array_agg(s.a_start_s) as a_starts, array_agg(s.a_end_s) as a_ends,"
        "  array_agg(s.b_start_s) as b_starts, array_agg(s.b_end_s) as b_ends"
        "  from vidpipe.footage_segments as s"
        "  where s.content_a = any(%(contents)s) and not s.is_common"
        "  group by s.content_a, s.content_b) as s"
        " on m.content_a = s.content_a and m.content_b = s.content_b"
        " where m.content_a = any(%(contents)s) and m.is_copy",
        {"contents": list(contents)},
    ).fetchall()
    return [
        Copy(
            a,
            b,
            Verdict(verdict),
            a_coverage,
            b_coverage,
            tuple(zip(a_starts, a_ends, strict=True)),
            tuple(zip(b_starts, b_ends, strict=True)),
        )
        for a, b, verdict, a_coverage, b_coverage, a_starts, a_ends, b_starts, b_ends in rows
    ]


def _stored(
    connection: psycopg.Connection, ids: str, parameters: Sequence[object]
) -> list[StoredCluster]:
    """The clusters whose numbers a query finds; the medoid of one is empty if it was erased."""
    found = [one for (one,) in connection.execute(ids.encode(), parameters).fetchall()]
    members: dict[int, list[Member]] = {}
    for cluster_id, content, verdict, *figures in connection.execute(
        f"select cluster_id, {MEMBER_COLUMNS} from vidpipe.cluster_members"
        " where cluster_id = any(%s) order by cluster_id, content_sha256",
        [found],
    ).fetchall():
        members.setdefault(cluster_id, []).append(Member(content, Verdict(verdict), *figures))
    rows = connection.execute(
        "select cluster_id, coalesce(medoid_content, ''), common_start_s, common_end_s"
        " from vidpipe.footage_clusters where cluster_id = any(%s) order by cluster_id",
        [found],
    ).fetchall()
    return [
        StoredCluster(number, Cluster(medoid, start, end, tuple(members.get(number, ()))))
        for number, medoid, start, end in rows
    ]


def _write(
    connection: psycopg.Connection,
    previous: Mapping[int, Cluster],
    clusters: Sequence[Cluster],
    steps: Sequence[Step],
) -> list[int]:
    """Writes clusters that are new or changed, and returns the numbers of all of them."""
    kept = {step.group: step.previous for step in steps if step.event == "kept"}
    ids = []
    changed = []
    for number, cluster in enumerate(clusters):
        figures = [cluster.medoid, len(cluster.members), cluster.start_s, cluster.end_s]
        cluster_id = kept.get(number)
        if cluster_id is None:
            row = connection.execute(
                "insert into vidpipe.footage_clusters"
                " (medoid_content, contents, common_start_s, common_end_s)"
                " values (%s, %s, %s, %s) returning cluster_id",
                figures,
            ).fetchone()
            assert row is not None
            cluster_id = int(row[0])
            changed.append((cluster_id, cluster))
        elif not _is_same(previous[cluster_id], cluster):
            connection.execute(
                "update vidpipe.footage_clusters set medoid_content = %s, contents = %s,"
                " common_start_s = %s, common_end_s = %s, changed_at = now()"
                " where cluster_id = %s",
                [*figures, cluster_id],
            )
            changed.append((cluster_id, cluster))
        ids.append(cluster_id)
    _write_members(connection, changed)
    return ids


def _is_same(stored: Cluster, cluster: Cluster) -> bool:
    """Whether a stored cluster needs no change; coverages are kept in single precision."""
    return (stored.medoid, stored.start_s, stored.end_s) == (
        cluster.medoid,
        cluster.start_s,
        cluster.end_s,
    ) and [_row(member) for member in stored.members] == [
        _row(member) for member in cluster.members
    ]


def _row(member: Member) -> tuple[object, ...]:
    return (
        member.content,
        member.verdict.value,
        round(member.coverage, 5),
        round(member.medoid_coverage, 5),
        member.start_s,
        member.end_s,
    )


def _write_members(connection: psycopg.Connection, clusters: Sequence[tuple[int, Cluster]]) -> None:
    connection.execute(
        "delete from vidpipe.cluster_members where cluster_id = any(%s)",
        [[cluster_id for cluster_id, _ in clusters]],
    )
    statement = f"copy vidpipe.cluster_members (cluster_id, is_medoid, {MEMBER_COLUMNS}) from stdin"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for cluster_id, cluster in clusters:
            for member in cluster.members:
                is_medoid = member.content == cluster.medoid
                copy.write_row((cluster_id, is_medoid, *_row(member)))


def _end(connection: psycopg.Connection, ended: Collection[int], steps: Sequence[Step]) -> None:
    """Ends clusters; those that went into another one name it, also where that goes on in turn."""
    connection.execute(
        "delete from vidpipe.cluster_members where cluster_id = any(%s)", [list(ended)]
    )
    heirs = {step.previous: step.group for step in steps if step.event == "merged"}
    for cluster_id in sorted(ended):
        connection.execute(
            "update vidpipe.footage_clusters set ended_at = now(), changed_at = now(),"
            " medoid_content = null, contents = 0, common_start_s = null, common_end_s = null,"
            " merged_into = %s where cluster_id = %s",
            [heirs.get(cluster_id), cluster_id],
        )
        if heirs.get(cluster_id) is not None:
            connection.execute(
                "update vidpipe.footage_clusters set merged_into = %s where merged_into = %s",
                [heirs[cluster_id], cluster_id],
            )


def _write_lineage(
    connection: psycopg.Connection, steps: Sequence[Step], dagster_run_id: str | None
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into vidpipe.footage_lineage (event, cluster_id, previous_cluster_id, overlap,"
            " contents, dagster_run_id) values (%s, %s, %s, %s, %s, %s)",
            [
                (
                    step.event,
                    step.group,
                    step.previous,
                    step.overlap,
                    step.contents,
                    dagster_run_id,
                )
                for step in steps
            ],
        )
