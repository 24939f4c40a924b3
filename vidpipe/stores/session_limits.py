"""Ending what readers and analysts let run for too long, whatever timeouts they set.

Belongs here: which sessions are over the limits of their kind of login, and ending them.
Does not: the limits (vidpipe.stores.roles), looking regularly (vidpipe.automation.reader_sessions).

PostgreSQL lets every login set its own `statement_timeout`, and take it away. The timeouts of a
login are a courtesy that ends honest mistakes at once; this is what holds. A statement over its
limit is cancelled first, and its session ended if it goes on, as a block that catches the
cancellation does. Nobody looks while vidpipe's daemon does not run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from vidpipe.stores.roles import ANALYST, READER

# Timeouts of the login itself are left to act first.
GRACE_S = 15.0
# An analyst can lock tables that they may write: runs wait for it no longer than this.
LOCK_LIMIT_S = 30.0

OVER_LIMIT = """
with kinds as (
    select * from unnest(%(groups)s::text[], %(statements)s::interval[], %(idle)s::interval[],
        %(transactions)s::interval[]) as k (group_name, statement_limit, idle_limit, whole_limit)
    where to_regrole(quote_ident(k.group_name)) is not null
),
people as (  -- who is in both groups may do what the larger limits allow
    select r.oid, max(k.statement_limit) as statement_limit, max(k.idle_limit) as idle_limit,
        max(k.whole_limit) as whole_limit
    from pg_roles as r inner join kinds as k on pg_has_role(r.oid, k.group_name, 'member')
    where not r.rolsuper and r.rolname <> current_user
        and not pg_has_role(r.oid, (
            select nspowner from pg_namespace where nspname = 'vidpipe'), 'member')
    group by r.oid
)
select a.pid, a.usename::text, over.sentence, over.by_cancelling
from pg_stat_activity as a
inner join people as p on a.usesysid = p.oid
cross join lateral (
    select 1 as place, 'a statement' as sentence, p.statement_limit as allowed,
        clock_timestamp() - a.query_start as taken,
        clock_timestamp() - a.query_start < p.statement_limit + 2 * %(grace)s::interval
            as by_cancelling
    where a.state in ('active', 'fastpath function call')
    union all
    select 2, 'an idle transaction', p.idle_limit, clock_timestamp() - a.state_change, false
    where a.state like 'idle in transaction%%'
    union all
    select 3, 'a transaction', p.whole_limit, clock_timestamp() - a.xact_start, false
    where a.xact_start is not null
    union all
    select 4, 'a lock that others wait for', %(lock)s::interval,
        max(clock_timestamp() - l.waitstart), false
    from pg_locks as l
    where not l.granted and a.pid = any(pg_blocking_pids(l.pid))
        and (l.locktype <> 'relation' or exists (  -- who only reads may go on
            select from pg_locks as g
            where g.pid = a.pid and g.granted and g.mode <> 'AccessShareLock'
                and (g.locktype, g.database, g.relation) = (l.locktype, l.database, l.relation)
        ))
) as over
where a.datname = current_database() and over.taken > over.allowed + %(grace)s::interval
order by a.pid, over.by_cancelling, over.place
"""


@dataclass(frozen=True)
class Ended:
    """A session that was over a limit.

    Attributes:
        login: whose session it was.
        what: what took too long.
        by_cancelling: whether only the statement was cancelled; else the session was ended.
    """

    login: str
    what: str
    by_cancelling: bool


def end_overlong_sessions(connection: Connection[Any]) -> list[Ended]:
    """Cancels or ends what members of vidpipe's groups let run for longer than they may.

    A login without the rights that `vidpipe db check` asks for sees nothing of others' sessions,
    and so ends none.

    Args:
        connection: autocommit, to vidpipe's database.
    """
    return list(_ended(connection))


def _ended(connection: Connection[Any]) -> Iterator[Ended]:
    kinds = (READER, ANALYST)
    limits = [dict(kind.settings) for kind in kinds]
    rows = connection.execute(
        OVER_LIMIT,
        {
            "groups": [kind.group for kind in kinds],
            "statements": [one["statement_timeout"] for one in limits],
            "idle": [one["idle_in_transaction_session_timeout"] for one in limits],
            "transactions": [kind.transaction_limit for kind in kinds],
            "grace": f"{GRACE_S} s",
            "lock": f"{LOCK_LIMIT_S} s",
        },
    ).fetchall()
    seen: set[int] = set()
    for pid, login, what, by_cancelling in rows:
        if pid not in seen:
            seen.add(pid)
            signal = "pg_cancel_backend" if by_cancelling else "pg_terminate_backend"
            row = connection.execute(f"select {signal}(%s)".encode(), [pid]).fetchone()
            if row is not None and row[0]:
                yield Ended(login, what, by_cancelling)
