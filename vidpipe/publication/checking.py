"""Checks of a date's rows before anything is written: exact types, unique keys, an owner each.

Belongs here: what PostgreSQL would refuse, or would show wrongly, said in words.
Does not: whether published rows equal the lake's (vidpipe.publication.verification).
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date

import polars as pl

from vidpipe.errors import DatabaseError
from vidpipe.publication.tables import PLAIN_TABLES, DateRows, vector_types
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import VECTOR_TABLES

# Rows are shown with their owner or not at all.
OWNERS = (
    ("ocr_lines", "keyframe_sha256", "keyframes"),
    ("frame_embeddings", "keyframe_sha256", "keyframes"),
    ("content_embeddings", "content_sha256", "contents"),
    ("text_embeddings", "video_id", "videos"),
    ("keyframes", "content_sha256", "contents"),
)


def checked_rows(rows: DateRows, ingest_date: date, model: ModelIdentity) -> DateRows:
    """The rows with exact types and unique keys.

    Raises:
        DatabaseError: a column is missing or of a wrong type, a key occurs twice, a video belongs
            to another date, or a vector is not one of the model's.
    """
    failures = rows.failures.with_columns(ingest_date=pl.lit(ingest_date, pl.Date))
    frames = {item.name: getattr(rows, item.name) for item in fields(rows)} | {"failures": failures}
    for table in PLAIN_TABLES:
        frame = _conform(frames[table.name], table.name, table.types, table.key, table.shared)
        frames[table.name] = frame.sort(table.key)  # indexes of the keys grow at their end
    for vectors in VECTOR_TABLES:
        types = vector_types(vectors)
        frame = _conform(frames[vectors.name], vectors.name, types, vectors.key, shared=True)
        frames[vectors.name] = frame
        lengths = frame["embedding"].list.len().unique().to_list()
        if any(length != model.dimensions for length in lengths):
            raise DatabaseError(
                f"{vectors.name} of {ingest_date} have {lengths} dimensions, but model"
                f" {model.model_id!r} makes {model.dimensions}"
            )
    for name, column, owner in reversed(OWNERS):
        has_owner = frames[name][column].is_in(frames[owner][column].unique().implode())
        if not has_owner.all():
            frames[name] = frames[name].filter(has_owner)
    strangers = frames["videos"].filter(pl.col("ingest_date") != ingest_date)
    if not strangers.is_empty():
        raise DatabaseError(
            f"video {strangers['video_id'][0]!r} belongs to {strangers['ingest_date'][0]} and"
            f" cannot be published under {ingest_date}"
        )
    return DateRows(**frames)


def _conform(
    frame: pl.DataFrame,
    name: str,
    types: Mapping[str, pl.DataType],
    key: Sequence[str],
    shared: bool,
) -> pl.DataFrame:
    missing = [column for column in types if column not in frame.columns]
    surplus = [column for column in frame.columns if column not in types]
    if missing or surplus:
        raise DatabaseError(
            f"rows of {name}: missing columns {missing or 'none'}, unknown columns"
            f" {surplus or 'none'}"
        )
    try:
        typed = _without_nul(frame.select(list(types)).cast(pl.Schema(types)))
    except pl.exceptions.PolarsError as error:
        raise DatabaseError(f"rows of {name} have a wrong type: {error}") from error
    if typed.select(list(key)).n_unique() == len(typed):
        return typed
    if not shared:
        twice = typed.filter(typed.select(list(key)).is_duplicated()).row(0, named=True)
        raise DatabaseError(f"rows of {name} hold {[twice[part] for part in key]} twice")
    return typed.unique(subset=list(key), keep="first", maintain_order=True)


def _without_nul(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with NUL characters taken out of its texts.

    The door of vidpipe removes them already; PostgreSQL refuses them, and one that slipped in
    through an error message must not keep a whole date from being published.
    """
    nul = "\x00"
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    lists = [name for name, kind in frame.schema.items() if kind == pl.List(pl.String)]
    has_nul = [name for name in texts if frame[name].str.contains(nul, literal=True).any()]
    element = pl.element().str.replace_all(nul, "", literal=True)
    return frame.with_columns(
        *(pl.col(name).str.replace_all(nul, "", literal=True) for name in has_nul),
        *(pl.col(name).list.eval(element) for name in lists),
    )
