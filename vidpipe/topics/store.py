"""Topic runs in PostgreSQL: writing one with ids that survive, reading the one before.

Belongs here: rows and their order. Does not: finding topics (fit.py), matching them (lineage.py),
erasing posts (forgetting.py).
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

import numpy as np
import psycopg
from pgvector import HalfVector

from vidpipe.groups.lineage import Step
from vidpipe.stores import locks
from vidpipe.topics.corpus import Account, Corpus
from vidpipe.topics.fit import Found, FoundTopic, TopicSettings
from vidpipe.topics.lineage import Known, lineage
from vidpipe.topics.naming import label_of
from vidpipe.topics.provisional import pack

Scope = Account | None  # None: the whole corpus


@dataclass(frozen=True)
class Previous:
    """Topics of the run that was current before.

    Attributes:
        run_no: number of the run; None if there is none before.
        topics: topics by scope and topic_id.
        accounts: account in whose topics each post was.
        handles: handle of each account then.
    """

    run_no: int | None
    topics: Mapping[Scope, Mapping[int, Known]]
    accounts: Mapping[str, Account]
    handles: Mapping[Account, str]


@dataclass(frozen=True)
class Origin:
    """What a run was made of.

    Attributes:
        week: the Monday of its week.
        read_at: when the corpus was read: posts seen later are not in the run.
        model_id: the model that made the vectors.
        inputs_digest: digest of the corpus and settings.
        settings: the settings that were used.
        dagster_run_id: the Dagster run that made it.
    """

    week: date
    read_at: datetime
    model_id: str
    inputs_digest: str
    settings: TopicSettings
    dagster_run_id: str | None = None


@dataclass(frozen=True)
class WrittenRun:
    """A run as it was stored.

    Attributes:
        run_no: number of the run.
        is_current: whether views show it; not if the current one is of a later week.
        steps: lineage since the run before; none in the first.
        notes: notes on the corpus, and accounts that were renamed.
    """

    run_no: int
    is_current: bool
    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def one_at_a_time(connection: psycopg.Connection) -> AbstractContextManager[None]:
    """Waits until nobody else makes a topic run or erases posts from them, and keeps others out.

    Args:
        connection: autocommit.
    """
    return locks.TOPIC_MAKING.held(connection)


@dataclass(frozen=True)
class StoredRun:
    """A run that is there already."""

    run_no: int
    inputs_digest: str
    report_uri: str | None
    is_current: bool


def last_run(connection: psycopg.Connection, week: date) -> StoredRun | None:
    """The current run, or if that is of a later week, the last one of this week."""
    row = connection.execute(
        "select run_no, inputs_digest, report_uri, is_current from vidpipe.topic_runs"
        " where week = %(week)s or is_current and week < %(week)s"
        " order by is_current desc, run_no desc limit 1",
        {"week": week},
    ).fetchone()
    return None if row is None else StoredRun(*row)


def write_run(
    connection: psycopg.Connection, corpus: Corpus, found: Found, origin: Origin
) -> WrittenRun:
    """Stores a run and makes it current unless that is of a later week, in one transaction.

    Args:
        connection: autocommit.
        corpus: what was clustered.
        found: the topics.
        origin: what it was made of.
    """
    with connection.transaction():
        locks.TOPIC_RUNS.take(connection)
        previous = read_previous(connection)
        topics, renamed = _renamed(corpus, previous)
        steps = _steps(corpus, found, topics)
        ids = _ids(connection, found, steps)
        notes = (*corpus.notes, *renamed)
        run_no = _insert_run(connection, corpus, found, origin, notes)
        _insert_topics(connection, run_no, ids, corpus, found)
        _insert_members(connection, run_no, ids, corpus, found)
        if previous.run_no is not None:
            _insert_lineage(connection, run_no, previous.run_no, ids, steps)
        if found.fitted is not None:
            packed = pack(found.fitted, ids[: len(found.global_topics)])
            connection.execute(
                "insert into vidpipe_ops.topic_spaces (run_no, fitted) values (%s, %s)",
                [run_no, packed],
            )
        promoted = connection.execute(
            "select vidpipe.promote_topic_run(%s) where not exists ("
            " select from vidpipe.topic_runs where is_current and week > %s)",
            [run_no, origin.week],
        )
    is_current = promoted.rowcount == 1
    return WrittenRun(
        run_no, is_current, tuple(steps) if previous.run_no is not None else (), notes
    )


def read_previous(connection: psycopg.Connection) -> Previous:
    """The current run's topics, before another one is written."""
    run = connection.execute("select run_no from vidpipe.topic_runs where is_current").fetchone()
    if run is None:
        return Previous(None, {}, {}, {})
    rows = connection.execute(
        "select t.topic_id, t.platform, coalesce(t.account_id, t.account), t.account, t.embedding,"
        " array_remove(array_agg(distinct v.content_sha256), null),"
        " array_remove(array_agg(v.video_id), null)"
        " from vidpipe.topics as t"
        " left join vidpipe.video_topics as m on t.run_no = m.run_no and t.topic_id = m.topic_id"
        " and m.is_main and not m.is_provisional"
        " left join vidpipe.videos as v on m.video_id = v.video_id"
        " where t.run_no = %s group by t.run_no, t.topic_id",
        run,
    ).fetchall()
    topics: dict[Scope, dict[int, Known]] = {}
    accounts: dict[str, Account] = {}
    handles: dict[Account, str] = {}
    for topic_id, platform, account_id, handle, embedding, contents, videos in rows:
        scope = None if account_id is None else (platform, account_id)
        centre = embedding.to_numpy().astype(np.float32)
        topics.setdefault(scope, {})[topic_id] = Known(frozenset(contents), centre)
        if scope is not None:
            accounts |= dict.fromkeys(videos, scope)
            handles[scope] = handle
    return Previous(run[0], topics, accounts, handles)


def _renamed(
    corpus: Corpus, previous: Previous
) -> tuple[Mapping[Scope, Mapping[int, Known]], list[str]]:
    """The previous topics under the ids that accounts have now, and who has another one.

    An id changes with the handle where sources know no other, and where they do from now on.
    """
    now = {post.video_id: post.account for post in corpus.posts if post.account}
    known = set(corpus.accounts)
    moved: dict[Account, Counter[Account]] = {}
    for video, account in previous.accounts.items():
        if account not in known and video in now:
            moved.setdefault(account, Counter())[now[video]] += 1
    topics = dict(previous.topics)
    notes = []
    for account, counts in sorted(moved.items(), key=lambda one: str(one[0])):
        (heir, posts) = counts.most_common(1)[0]
        if heir not in topics:
            topics[heir] = topics.pop(account)
            notes.append(
                f"account {previous.handles[account]} is called {corpus.handles[heir]} now:"
                f" {posts} of its posts have moved"
            )
    return topics, notes


def _steps(
    corpus: Corpus, found: Found, previous: Mapping[Scope, Mapping[int, Known]]
) -> list[Step]:
    """Lineage of all scopes; topics by their number in `found`."""
    numbers: dict[Scope, list[int]] = {}
    for number, topic in enumerate(found.topics):
        numbers.setdefault(topic.account, []).append(number)
    steps = []
    for scope in sorted({*numbers, *previous}, key=lambda one: (one is not None, str(one))):
        of_scope = numbers.get(scope, [])
        topics = [_known(corpus, found.topics[number]) for number in of_scope]
        steps += [
            replace(one, group=None if one.group is None else of_scope[one.group])
            for one in lineage(previous.get(scope, {}), topics)
        ]
    return steps


def _known(corpus: Corpus, topic: FoundTopic) -> Known:
    contents = frozenset(corpus.contents[row] for row in topic.contents)
    return Known(contents, topic.embedding)


def _ids(connection: psycopg.Connection, found: Found, steps: Sequence[Step]) -> tuple[int, ...]:
    kept = {one.group: one.previous for one in steps if one.event == "kept"}
    row = connection.execute("select coalesce(max(topic_id), 0) from vidpipe.topics").fetchone()
    last = row[0] if row else 0
    ids = []
    for number in range(len(found.topics)):
        topic_id = kept.get(number)
        if topic_id is None:
            last += 1
            topic_id = last
        ids.append(topic_id)
    return tuple(ids)


def _insert_run(
    connection: psycopg.Connection,
    corpus: Corpus,
    found: Found,
    origin: Origin,
    notes: Sequence[str],
) -> int:
    row = connection.execute(
        "insert into vidpipe.topic_runs (week, made_at, model_id, inputs_digest, videos, contents,"
        " topics, account_topics, outlier_share, settings, candidates, notes, dagster_run_id)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning run_no",
        [
            origin.week,
            origin.read_at,
            origin.model_id,
            origin.inputs_digest,
            len(corpus.posts),
            len(corpus.contents),
            len(found.global_topics),
            len(found.topics) - len(found.global_topics),
            found.clustering.outlier_share,
            json.dumps({**asdict(origin.settings), "threshold": found.clustering.threshold}),
            json.dumps(
                [{**asdict(one), "score": one.score} for one in found.clustering.candidates]
            ),
            list(notes),
            origin.dagster_run_id,
        ],
    ).fetchone()
    assert row is not None
    run_no: int = row[0]
    return run_no


def _insert_topics(
    connection: psycopg.Connection,
    run_no: int,
    ids: Sequence[int],
    corpus: Corpus,
    found: Found,
) -> None:
    rows = []
    for topic_id, topic in zip(ids, found.topics, strict=True):
        platform, account_id = topic.account or (None, None)
        posts = [corpus.posts_of(content, topic.account) for content in topic.contents]
        medoid = corpus.posts_of(topic.medoid, topic.account)
        rows.append(
            (
                run_no,
                topic_id,
                "global" if topic.account is None else "account",
                platform,
                account_id,
                corpus.handles[topic.account] if topic.account else None,
                label_of(topic.words, topic_id, topic.seen),
                list(topic.words),
                len(topic.contents),
                sum(map(len, posts)),
                min(medoid, key=lambda post: post.place_in_time).video_id,
                list(topic.keyframes),
                HalfVector(topic.embedding),
            )
        )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into vidpipe.topics (run_no, topic_id, scope, platform, account_id, account,"
            " label, words, contents, videos, medoid_video_id, keyframes, embedding)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def _insert_members(
    connection: psycopg.Connection,
    run_no: int,
    ids: Sequence[int],
    corpus: Corpus,
    found: Found,
) -> None:
    statement = "copy vidpipe.video_topics (run_no, video_id, topic_id, share, is_main) from stdin"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for topic_id, topic in zip(ids, found.topics, strict=True):
            mains = set(topic.contents)
            for content, share in topic.shares.items():
                for post in corpus.posts_of(content, topic.account):
                    copy.write_row((run_no, post.video_id, topic_id, share, content in mains))


def _insert_lineage(
    connection: psycopg.Connection,
    run_no: int,
    previous_run_no: int,
    ids: Sequence[int],
    steps: Sequence[Step],
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into vidpipe.topic_lineage (run_no, previous_run_no, event, topic_id,"
            " previous_topic_id, overlap, contents) values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    run_no,
                    previous_run_no,
                    one.event,
                    None if one.group is None else ids[one.group],
                    one.previous,
                    one.overlap,
                    one.contents,
                )
                for one in steps
            ],
        )
