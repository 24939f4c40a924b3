"""One topic run: reads a week's corpus, finds its topics, stores them, their model and a report.

Belongs here: the order of a run, and when there is none to make.
Does not: finding topics (fit.py), storing them (store.py, saved_model.py), the report (report/),
Dagster (vidpipe.assets.account_topics).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import sql

from vidpipe.errors import StoreError, VidpipeError
from vidpipe.settings import Settings
from vidpipe.stores.database import ONE_MOMENT, connect
from vidpipe.stores.media_store import MediaStore
from vidpipe.stores.model_registry import ENOUGH_COVERAGE, RegisteredModel, active_model
from vidpipe.topics.concepts import name_by_looks
from vidpipe.topics.corpus import Corpus, end_of_week, inputs_digest, read_corpus
from vidpipe.topics.fit import Found, TopicSettings, find_topics
from vidpipe.topics.report.writing import write_report
from vidpipe.topics.saved_model import save_model
from vidpipe.topics.store import Origin, WrittenRun, last_run, one_at_a_time, write_run

ALGORITHM = 2  # raise it when the same inputs would give other topics


@dataclass(frozen=True)
class TopicRun:
    """What became of a run.

    Attributes:
        status: made, unchanged (the inputs are those of the last run) or empty (nothing to read).
        run_no: number of the run, or of the last one; None where there is none.
        is_current: whether views show that run.
        videos: posts that were read.
        contents: files that were clustered.
        topics: number of topics of the whole corpus.
        account_topics: number of topics within accounts.
        outlier_share: share of the contents in no topic, 0 to 1.
        lineage: number of steps of each kind.
        notes: what was missing or odd.
        report_uri: URI of the HTML report, if one was written now.
        model_uri: URI of the folder with the BERTopic model, if one was written now.
    """

    status: str
    run_no: int | None = None
    is_current: bool = False
    videos: int = 0
    contents: int = 0
    topics: int = 0
    account_topics: int = 0
    outlier_share: float = 0.0
    lineage: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    report_uri: str | None = None
    model_uri: str | None = None


def topic_settings(settings: Settings) -> TopicSettings:
    """The settings of topic runs among all settings."""
    return TopicSettings(
        settings.topic_words_weight, settings.topic_least_videos, settings.topic_threshold
    )


def make_run(settings: Settings, week: date, *, dagster_run_id: str | None = None) -> TopicRun:
    """Clusters everything that was ingested before the end of a week.

    Runs follow each other: a second one waits, and finds the first one's result. A run of a week
    before that of the current one is kept, but does not become current and has no report.

    Args:
        settings: the settings of the installation.
        week: the Monday of the week.
        dagster_run_id: the Dagster run, which is kept with the topic run.

    Raises:
        VidpipeError: the active model lacks vectors of too many contents.
    """
    chosen = topic_settings(settings)
    with connect(settings, autocommit=True) as connection, one_at_a_time(connection):
        with connection.transaction():
            connection.execute(ONE_MOMENT)
            model = active_model(connection)
            if model is None:
                return TopicRun("empty", notes=("nothing is indexed yet",))
            _refuse_gaps(connection, model, week)
            read_at = _now(connection)
            corpus = read_corpus(connection, model.model_no, week)
        if not corpus.contents:
            return TopicRun("empty", notes=(f"nothing was ingested before {end_of_week(week)}",))
        digest = inputs_digest(corpus, model.model_id, {"algorithm": ALGORITHM, **asdict(chosen)})
        last = last_run(connection, week)
        same = last if last is not None and last.inputs_digest == digest else None
        if same is not None and (same.report_uri or not same.is_current):
            return TopicRun("unchanged", same.run_no, same.is_current, notes=corpus.notes)
        found, nameless = name_by_looks(
            corpus, find_topics(corpus, chosen), settings, model.model_id
        )
        corpus = replace(corpus, notes=(*corpus.notes, *nameless))
        if same is not None:  # it lacks its report
            run_no, run = (
                same.run_no,
                TopicRun("unchanged", same.run_no, same.is_current, notes=corpus.notes),
            )
        else:
            origin = Origin(week, read_at, model.model_id, digest, chosen, dagster_run_id)
            written = write_run(connection, corpus, found, origin)
            run_no, run = written.run_no, _made(corpus, found, written)
        media = MediaStore(settings.media)
        try:  # the report last: a run that lacks it is completed by the next one
            run = replace(run, model_uri=save_model(connection, media, found, run_no))
            report_uri = write_report(connection, media, corpus, found.positions, run_no)
        except StoreError as error:  # the topics are there all the same
            return replace(run, notes=(*run.notes, f"there is no report: {error}"))
    return replace(run, report_uri=report_uri)


@dataclass(frozen=True)
class TopicWorker:
    """Makes runs in a worker process: items `{week, dagster_run_id}`, one row each."""

    settings: Settings

    def open(self) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
        """The function that makes the runs; nothing is held open between them."""

        def make(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [
                asdict(
                    make_run(
                        self.settings,
                        date.fromisoformat(item["week"]),
                        dagster_run_id=item["dagster_run_id"],
                    )
                )
                for item in items
            ]

        return make


def _made(corpus: Corpus, found: Found, written: WrittenRun) -> TopicRun:
    return TopicRun(
        "made",
        run_no=written.run_no,
        is_current=written.is_current,
        videos=len(corpus.posts),
        contents=len(corpus.contents),
        topics=len(found.global_topics),
        account_topics=len(found.topics) - len(found.global_topics),
        outlier_share=found.clustering.outlier_share,
        lineage=dict(Counter(step.event for step in written.steps)),
        notes=written.notes,
    )


def covered_contents(
    connection: psycopg.Connection, model: RegisteredModel, week: date
) -> tuple[int, int]:
    """Contents ingested before the end of a week, and how many the model has vectors of."""
    table = sql.Identifier("vidpipe", f"content_embeddings_m{model.model_no}")
    row = connection.execute(
        sql.SQL(
            "select count(*), count(e.content_sha256) from ("
            " select distinct v.content_sha256 from vidpipe.videos as v"
            " inner join vidpipe.keyframes as k on v.content_sha256 = k.content_sha256"
            " where v.removed_at is null and v.ingest_date < %s) as c"
            " left join {} as e on c.content_sha256 = e.content_sha256"
        ).format(table),
        [end_of_week(week)],
    ).fetchone()
    assert row is not None
    contents, covered = row
    return contents, covered


def _refuse_gaps(connection: psycopg.Connection, model: RegisteredModel, week: date) -> None:
    contents, covered = covered_contents(connection, model, week)
    if contents and covered < ENOUGH_COVERAGE * contents:
        raise VidpipeError(
            f"{model.model_id} has vectors of {covered} of {contents} contents, less than"
            f" {ENOUGH_COVERAGE:.0%}: topics would leave out the others. vidpipe refresh with"
            " its models makes the missing ones"
        )


def _now(connection: psycopg.Connection) -> datetime:
    row = connection.execute("select now()").fetchone()
    assert row is not None
    now: datetime = row[0]
    return now
