"""Models and the tables of their vectors: registering, activating, dropping.

Belongs here: what exists per model (`frame_embeddings_m<N>` and its companions, their indexes) and
which model the views show.
Does not: filling the tables (vidpipe.publication), making vectors (vidpipe.models), or what a
model is called (vidpipe.stores.model_identity).

Every model has tables of its own, typed with its dimensions: vectors of two models cannot meet, an
index is built for one space only, and dropping a model drops tables instead of deleting rows.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

from vidpipe.errors import DatabaseError, UnknownName
from vidpipe.stores import locks
from vidpipe.stores.model_identity import ModelIdentity

PLAIN_STORAGE_MAX_DIMENSIONS = 3_000  # two bytes a dimension must fit a page of 8 kB beside the key
ENOUGH_COVERAGE = 0.99  # share of the contents that a model must cover to speak for all
MAX_DIMENSIONS = 4_000  # what an HNSW index on halfvec takes


@dataclass(frozen=True)
class VectorTable:
    """One kind of vectors: the analysts' view of it and the key of its rows."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    grain: str

    @property
    def types(self) -> dict[str, str]:
        """PostgreSQL type of each column."""
        return {**dict.fromkeys(self.columns, "text"), "embedding": "halfvec"}

    def of_model(self, model_no: int) -> str:
        """Name of a model's own table of this kind, without its schema."""
        return f"{self.name}_m{model_no}"


VECTOR_TABLES = (
    VectorTable("frame_embeddings", ("keyframe_sha256",), ("keyframe_sha256",), "keyframe image"),
    VectorTable("content_embeddings", ("content_sha256",), ("content_sha256",), "content"),
    VectorTable(
        "text_embeddings",
        ("video_id", "kind"),
        ("video_id", "kind", "text_sha256"),
        "post and kind of text",
    ),
)


@dataclass(frozen=True)
class RegisteredModel:
    """A model as the database knows it."""

    model_no: int
    model_id: str
    dimensions: int
    is_active: bool


def registered_models(connection: psycopg.Connection) -> list[RegisteredModel]:
    """All models whose vectors are kept, the oldest first."""
    rows = connection.execute(
        "select model_no, model_id, dimensions, is_active from vidpipe.models order by model_no"
    ).fetchall()
    return [RegisteredModel(*row) for row in rows]


def active_model(connection: psycopg.Connection) -> RegisteredModel | None:
    """The model that views and functions show; None before the first."""
    return next((model for model in registered_models(connection) if model.is_active), None)


def find_model(connection: psycopg.Connection, name: str) -> RegisteredModel:
    """The model of that id, or of that number.

    Raises:
        UnknownName: none is registered.
    """
    for model in registered_models(connection):
        if name in (model.model_id, str(model.model_no)):
            return model
    raise _unknown(connection, name)


@dataclass(frozen=True)
class Coverage:
    """How many contents a model has vectors of.

    Attributes:
        contents: number of contents that have keyframes.
        covered: number of these that have a vector.
    """

    contents: int
    covered: int

    @property
    def share(self) -> float:
        """0 to 1; 1 where there is nothing to cover."""
        return self.covered / self.contents if self.contents else 1.0


def coverage(connection: psycopg.Connection, model: RegisteredModel) -> Coverage:
    """How much of what is indexed a model covers."""
    row = connection.execute(
        "select contents, covered from vidpipe.model_coverage(%s)", [model.model_no]
    ).fetchone()
    assert row is not None
    return Coverage(*row)


def ensure_model(connection: psycopg.Connection, model: ModelIdentity) -> RegisteredModel:
    """The registered model; registers it and makes its tables when it is new.

    The very first model becomes active at once; a later one is filled beside the active one until
    `activate` is called.

    Raises:
        DatabaseError: the model is registered with other dimensions, or has too many.
    """
    if not 1 <= model.dimensions <= MAX_DIMENSIONS:
        raise DatabaseError(
            f"model {model.model_id!r} has {model.dimensions} dimensions;"
            f" an index takes 1 to {MAX_DIMENSIONS}"
        )
    with connection.transaction():
        known = _find(connection, model.model_id)
        if known is None:
            locks.MODELS.take(connection)
            known = _find(connection, model.model_id) or _register(connection, model)
    if known.dimensions != model.dimensions:
        raise DatabaseError(
            f"model {model.model_id!r} is registered with {known.dimensions} dimensions and now has"
            f" {model.dimensions}: its id must change when its vectors do"
        )
    return known


def activate(connection: psycopg.Connection, model_id: str) -> RegisteredModel:
    """Make the views and functions show this model's vectors, in one transaction.

    Saved queries wait for vectors of this model from then on.

    Raises:
        UnknownName: no model of that id is registered.
    """
    with connection.transaction():
        locks.MODELS.take(connection)
        model = _find(connection, model_id)
        if model is None:
            raise _unknown(connection, model_id)
        _activate(connection, model)
    return RegisteredModel(model.model_no, model.model_id, model.dimensions, is_active=True)


def drop_model(connection: psycopg.Connection, model_id: str) -> None:
    """Forget a model and its vectors; takes as long for a million rows as for one.

    Raises:
        UnknownName: no model of that id is registered.
        DatabaseError: it is the active one.
    """
    with connection.transaction():
        locks.MODELS.take(connection)
        model = _find(connection, model_id)
        if model is None:
            raise _unknown(connection, model_id)
        if model.is_active:
            raise DatabaseError(
                f"model {model_id!r} is active: activate another one before dropping it"
            )
        connection.execute(
            "update vidpipe.saved_queries"
            " set embedding = null, embedded_at = null, model_id = null where model_id = %s",
            [model_id],
        )
        for table in VECTOR_TABLES:
            connection.execute(
                sql.SQL("drop table vidpipe.{}").format(
                    sql.Identifier(table.of_model(model.model_no))
                )
            )
        connection.execute("delete from vidpipe.models where model_no = %s", [model.model_no])


def create_vector_table(
    connection: psycopg.Connection, table: VectorTable, model: RegisteredModel, name: str
) -> None:
    """An empty table of one kind for a model, without any index yet."""
    keys = [sql.SQL("{} text not null").format(sql.Identifier(column)) for column in table.columns]
    run = connection.execute
    run(
        sql.SQL("create table vidpipe.{} ({}, embedding halfvec({}) not null)").format(
            sql.Identifier(name), sql.SQL(", ").join(keys), sql.Literal(model.dimensions)
        )
    )
    # the statistics of a vector tell the planner nothing and cost seconds to gather
    run(
        sql.SQL("alter table vidpipe.{} alter column embedding set statistics 0").format(
            sql.Identifier(name)
        )
    )
    if model.dimensions <= PLAIN_STORAGE_MAX_DIMENSIONS:
        run(
            sql.SQL("alter table vidpipe.{} alter column embedding set storage plain").format(
                sql.Identifier(name)
            )
        )
    run(
        sql.SQL("comment on table vidpipe.{} is {}").format(
            sql.Identifier(name),
            sql.Literal(
                f"One row per {table.grain}: its vector by model {model.model_id}."
                f" Read the view vidpipe.{table.name} instead: it follows the active model."
            ),
        )
    )
    described = connection.execute(
        "select attname, col_description(attrelid, attnum) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0",
        [f"vidpipe.{table.name}"],
    ).fetchall()
    for column, text in described:
        run(
            sql.SQL("comment on column vidpipe.{}.{} is {}").format(
                sql.Identifier(name), sql.Identifier(column), sql.Literal(text)
            )
        )


def create_key(connection: psycopg.Connection, table: VectorTable, name: str) -> None:
    """The primary key of a vector table."""
    connection.execute(
        sql.SQL("alter table vidpipe.{} add constraint {} primary key ({})").format(
            sql.Identifier(name),
            sql.Identifier(f"{name}_key"),
            sql.SQL(", ").join(map(sql.Identifier, table.key)),
        )
    )


def create_index(connection: psycopg.Connection, name: str) -> None:
    """The HNSW index of a vector table, for the inner product of unit vectors."""
    connection.execute(
        sql.SQL("create index {} on vidpipe.{} using hnsw (embedding halfvec_ip_ops)").format(
            sql.Identifier(f"{name}_hnsw"), sql.Identifier(name)
        )
    )


def show_in_view(connection: psycopg.Connection, table: VectorTable, name: str) -> None:
    """Let the analysts' view of this kind read the given table.

    The view's column has no dimensions, so that a view of the same type can follow any model and
    views that analysts built on it live on.
    """
    connection.execute(
        sql.SQL(
            "create or replace view vidpipe.{} as"
            " select {}, embedding::halfvec as embedding from vidpipe.{}"
        ).format(
            sql.Identifier(table.name),
            sql.SQL(", ").join(map(sql.Identifier, table.columns)),
            sql.Identifier(name),
        )
    )


def _register(connection: psycopg.Connection, model: ModelIdentity) -> RegisteredModel:
    row = connection.execute(
        "insert into vidpipe.models (model_id, dimensions) values (%s, %s) returning model_no",
        [model.model_id, model.dimensions],
    ).fetchone()
    assert row is not None
    registered = RegisteredModel(row[0], model.model_id, model.dimensions, is_active=False)
    for table in VECTOR_TABLES:
        name = table.of_model(registered.model_no)
        create_vector_table(connection, table, registered, name)
        create_key(connection, table, name)
        create_index(connection, name)
    if active_model(connection) is None:
        _activate(connection, registered)
        return RegisteredModel(row[0], model.model_id, model.dimensions, is_active=True)
    return registered


def _activate(connection: psycopg.Connection, model: RegisteredModel) -> None:
    connection.execute("update vidpipe.models set is_active = false where is_active")
    connection.execute(
        "update vidpipe.models set is_active = true, activated_at = now() where model_no = %s",
        [model.model_no],
    )
    for table in VECTOR_TABLES:
        show_in_view(connection, table, table.of_model(model.model_no))


def _find(connection: psycopg.Connection, model_id: str) -> RegisteredModel | None:
    row = connection.execute(
        "select model_no, model_id, dimensions, is_active from vidpipe.models where model_id = %s",
        [model_id],
    ).fetchone()
    return None if row is None else RegisteredModel(*row)


def _unknown(connection: psycopg.Connection, model_id: str) -> UnknownName:
    known = ", ".join(repr(model.model_id) for model in registered_models(connection)) or "none"
    return UnknownName(f"there is no model {model_id!r}; registered are: {known}")
