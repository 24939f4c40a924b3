"""Saved queries: what their terms may say, saving them, and making their vectors.

Belongs here: `vidpipe.saved_queries` as vidpipe writes it. Analysts write it in SQL; the sensor
`query_embeddings` and `vidpipe query save` fill the vectors. Does not: searching by them
(sql/functions), how vectors add up (term_algebra.py).

    [{"text": "tank"}, {"video": "tiktok:12", "weight": 0.5}, {"text": "car", "weight": -1}]

A term is a text, a post (the mean of its keyframes), another saved query, or a picture of the media
store (`image`, put there by `vidpipe query save --image`).
"""

import hashlib
import json
import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from pgvector import HalfVector

from vidpipe.errors import DecodeError, ModelUnavailable, SettingsError, UnknownName
from vidpipe.pipeline.engine import Engine, cpu_threads
from vidpipe.pipeline.workers.clip_embeddings import ClipWorker
from vidpipe.search.question import read_picture
from vidpipe.search.term_algebra import QueryError, Term, combine, gap_corrected
from vidpipe.search.typical_text import typical_text
from vidpipe.settings import Settings
from vidpipe.stores.database import said
from vidpipe.stores.media_store import MediaStore
from vidpipe.stores.model_registry import find_model

SOURCES = ("text", "video", "saved", "image")
PICTURES = "queries"  # their folder in the media store
LONGEST_TEXT = 10_000
EMBED_TIMEOUT_S = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SavedTerm:
    """One part of a saved query.

    Attributes:
        source: one of `SOURCES`.
        value: the text, video id, name or picture URI.
        weight: finite and not zero; negative takes away.
    """

    source: str
    value: str
    weight: float = 1.0

    def as_json(self) -> dict[str, Any]:
        """The term as it stands in the table."""
        written: dict[str, Any] = {self.source: self.value}
        return written if self.weight == 1 else {**written, "weight": self.weight}


@dataclass(frozen=True)
class WaitingQuery:
    """A saved query without a vector of the active model."""

    name: str
    terms: Any

    @property
    def digest(self) -> str:
        """A digest that changes with the name and the terms."""
        return hashlib.sha256(json.dumps([self.name, self.terms]).encode()).hexdigest()


def parse_terms(terms: Any) -> tuple[SavedTerm, ...]:
    """The terms of a saved query, checked.

    Raises:
        QueryError: they are not a list of terms; the message says which is wrong and why.
    """
    if not isinstance(terms, list) or not terms:
        raise QueryError('terms must be a list such as [{"text": "destroyed tank"}]')
    return tuple(_parsed(number, term) for number, term in enumerate(terms, start=1))


def _parsed(number: int, term: Any) -> SavedTerm:
    if not isinstance(term, Mapping):
        raise QueryError(f'term {number} must be an object such as {{"text": "destroyed tank"}}')
    unknown = set(term) - {*SOURCES, "weight"}
    given = [source for source in SOURCES if source in term]
    if unknown or len(given) != 1:
        raise QueryError(
            f"term {number} must have one of {', '.join(SOURCES)}, and may have a weight; "
            f"it has {', '.join(sorted(map(str, term))) or 'nothing'}"
        )
    value, weight = term[given[0]], term.get("weight", 1)
    if not isinstance(value, str) or not value.strip():
        raise QueryError(f"term {number}: {given[0]} must be a text that is not empty")
    if len(value) > LONGEST_TEXT:
        raise QueryError(f"term {number} has {len(value)} characters, more than {LONGEST_TEXT}")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight):
        raise QueryError(f"term {number}: weight must be a number")
    if weight == 0:
        raise QueryError(f"term {number}: a weight of 0 leaves nothing of it; leave it out")
    return SavedTerm(given[0], value, float(weight))


def save_query(
    connection: psycopg.Connection,
    name: str,
    terms: Sequence[SavedTerm],
    *,
    cutoff: float | None = None,
    watch_threshold: float | None = None,
    note: str | None = None,
    replace: bool = False,
) -> None:
    """Writes a query without its vector.

    Args:
        connection: autocommit.
        name: 1 to 200 characters.
        terms: what it adds and subtracts.
        cutoff: score from which a video counts, -1 to 1.
        watch_threshold: score from which new posts are told, -1 to 1; None does not watch.
        note: free text.
        replace: overwrite the query of that name.

    Raises:
        SettingsError: the name is taken and `replace` is false, others use the query of that name,
            or a value is out of range.
    """
    written = json.dumps([term.as_json() for term in terms])
    if replace:
        _refuse_if_used(connection, name, written, watch_threshold)
    on_conflict = (
        "do update set terms = excluded.terms, cutoff = excluded.cutoff, note = excluded.note,"
        " watch_threshold = excluded.watch_threshold"
        if replace
        else "do nothing"
    )
    try:
        saved = connection.execute(
            "insert into vidpipe.saved_queries (name, terms, cutoff, watch_threshold, note)"
            f" values (%s, %s, %s, %s, %s) on conflict (name) {on_conflict}",
            [
                name,
                written,
                cutoff,
                watch_threshold,
                note,
            ],
        )
    except psycopg.errors.InsufficientPrivilege as error:
        raise SettingsError(f"query {name!r} cannot be replaced: {said(error)}") from error
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name is None:
            raise SettingsError(said(error)) from error
        raise SettingsError(
            f"query {name!r} cannot be saved: a name has 1 to 200 characters, a cut-off is from -1 "
            "to 1, and so is a watch threshold"
        ) from error
    if not saved.rowcount:
        raise SettingsError(f"there is a saved query {name!r} already: --replace overwrites it")


def _refuse_if_used(
    connection: psycopg.Connection, name: str, terms: str, watch_threshold: float | None
) -> None:
    """Leaves a query that others use as it is, unless it still asks and watches the same."""
    row = connection.execute(
        "select vidpipe.uses_by_others(name) from vidpipe.saved_queries where name = %s"
        " and (terms <> %s::jsonb or watch_threshold is distinct from %s::real)",
        [name, terms, watch_threshold],
    ).fetchone()
    if row is not None and row[0]:
        raise SettingsError(
            f"saved query {name!r} is used by others: {'; '.join(row[0])}; save this one under"
            " another name"
        )


def remove_query(connection: psycopg.Connection, name: str) -> None:
    """Deletes a saved query that nobody else uses.

    Raises:
        UnknownName: there is no such query.
        SettingsError: others use it, or somebody else saved it; the message says who.
    """
    try:
        deleted = connection.execute("delete from vidpipe.saved_queries where name = %s", [name])
    except (
        psycopg.errors.DependentObjectsStillExist,
        psycopg.errors.InsufficientPrivilege,
    ) as error:
        raise SettingsError(
            f"{said(error)}; whoever runs vidpipe can remove it all the same, with what they made"
            " of it: --although-used"
        ) from error
    if not deleted.rowcount:
        raise UnknownName(f"there is no saved query {name!r}; vidpipe query list shows them")


def remove_used_query(connection: psycopg.Connection, name: str) -> None:
    """Deletes a saved query with all judgements and hits of it, whoever made them.

    Only the owner of the tables can.

    Raises:
        UnknownName: there is no such query.
        SettingsError: this login does not own the tables.
    """
    switch = "alter table vidpipe.saved_queries {} trigger refuse_if_used"
    try:
        with connection.transaction():
            connection.execute(switch.format("disable").encode())
            remove_query(connection, name)
            connection.execute(switch.format("enable").encode())
    except psycopg.errors.InsufficientPrivilege as error:
        raise SettingsError(
            f"query {name!r} stays: only whoever runs vidpipe removes what others use"
        ) from error


def keep_picture(media: MediaStore, path: Path) -> str:
    """Puts a picture into the media store, for other models to embed it, too.

    Returns:
        Its name there: everybody reads the terms, and the store's address is nobody's business.

    Raises:
        UnknownName: the file cannot be read.
        DecodeError: it is no picture.
    """
    data = read_picture(path)
    name = f"{PICTURES}/{hashlib.sha256(data).hexdigest()}{path.suffix.lower()}"
    media.put(name, data)
    return name


def waiting_queries(connection: psycopg.Connection) -> list[WaitingQuery]:
    """Saved queries without a vector of the active model, the oldest first."""
    rows = connection.execute(
        "select s.name, s.terms from vidpipe.saved_queries as s"
        " where s.embedding_error is null and (s.embedding is null or s.model_id is distinct from"
        " (select m.model_id from vidpipe.models as m where m.is_active))"
        " and exists (select from vidpipe.models as m where m.is_active)"
        " order by s.updated_at, s.name"
    ).fetchall()
    return [WaitingQuery(name, terms) for name, terms in rows]


def embed_waiting(
    connection: psycopg.Connection, settings: Settings, engine: Engine, model_id: str
) -> dict[str, str | None]:
    """Makes the vector of every saved query that waits for one, in a worker process.

    A query that cannot be embedded keeps the reason in `embedding_error`; one whose terms changed
    meanwhile is left for the next time.

    Args:
        connection: autocommit.
        settings: the settings that name the pair which made the index.
        engine: where the models run.
        model_id: id of the active model.

    Returns:
        By name, None or why there is no vector.

    Raises:
        ModelUnavailable: the models cannot be loaded; nothing is marked.
    """
    waiting = waiting_queries(connection)
    parsed: dict[str, tuple[SavedTerm, ...]] = {}
    told: dict[str, str | None] = {}
    for query in waiting:
        try:
            parsed[query.name] = parse_terms(query.terms)
        except QueryError as error:
            told[query.name] = str(error)
    made = _embedded(settings, engine, {term for terms in parsed.values() for term in terms})
    typical = typical_text(connection, find_model(connection, model_id)) if made else None
    for query in waiting:
        vector, reason = None, told.get(query.name)
        if query.name in parsed:
            try:
                terms = [_term(connection, one, made, model_id) for one in parsed[query.name]]
                vector = HalfVector(combine(gap_corrected(terms, typical)))
            except QueryError as error:
                reason = str(error)
        told[query.name] = reason
        connection.execute(
            "update vidpipe.saved_queries set embedding = %s, model_id = %s, embedded_at = %s,"
            " embedding_error = %s where name = %s and terms = %s",
            [
                vector,
                model_id if vector else None,
                datetime.now(UTC) if vector else None,
                reason,
                query.name,
                json.dumps(query.terms),
            ],
        )
    return told


def _term(
    connection: psycopg.Connection,
    term: SavedTerm,
    made: Mapping[SavedTerm, Any],
    model_id: str,
) -> Term:
    if term.source in ("text", "image"):
        found = made[term]
        if isinstance(found, str):
            raise QueryError(found)
        return Term(found, term.weight, name=term.value, modality=term.source)
    named = f"video:{term.value}" if term.source == "video" else term.value
    try:
        with connection.transaction():  # what fails here must not end the caller's transaction
            row = connection.execute(
                "select vidpipe.term_vector(%s, %s)", [named, model_id]
            ).fetchone()
    except psycopg.DatabaseError as error:
        raise QueryError(error.diag.message_primary) from error
    return Term(row[0].to_numpy() if row else [], term.weight, name=term.value)


def _embedded(
    settings: Settings, engine: Engine, terms: Iterable[SavedTerm]
) -> dict[SavedTerm, Any]:
    """Vectors of texts and pictures, or what was wrong with each."""
    wanted = sorted(
        (one for one in terms if one.source in ("text", "image")),
        key=lambda one: (one.source, one.value, one.weight),
    )
    if not wanted:
        return {}
    items = [
        {
            "kind": term.source,
            "input_sha256": str(number),
            "text": term.value,
            "image_uri": term.value,
        }
        for number, term in enumerate(wanted)
    ]
    worker = ClipWorker.from_settings(settings, threads=cpu_threads(1))
    (outcome,) = engine.run(worker, [items], workers=1, timeout_s=EMBED_TIMEOUT_S)
    if outcome.rows is None:
        raise ModelUnavailable(f"saved queries could not be embedded: {outcome.error}")
    made: dict[SavedTerm, Any] = {}
    for row in outcome.rows:
        term = wanted[int(row["input_sha256"])]
        made[term] = row["vector"] if row["status"] == "ok" else _reason(term, row)
    return made


def _reason(term: SavedTerm, row: Mapping[str, Any]) -> str:
    """Why a text or picture has no vector, in words that name no folder of this host."""
    log.warning("%s %r: %s", term.source, term.value, row["error_message"])
    if term.source == "text":
        return f"text {term.value!r} cannot be embedded"
    picture = f"picture {PurePosixPath(term.value).name!r}"
    if row["error_class"] == DecodeError.__name__:
        return f"{picture} cannot be decoded"
    return (
        f"{picture} cannot be read from the media store; vidpipe query save --image puts it there"
    )
