"""What the lake holds of given ingest dates, as each stage, check and publication needs it.

Belongs here: joining the registry with the lake's tables, one property a view of the data.
Does not: computing anything that is missing (vidpipe.pipeline.stages).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.errors import NoVideo
from vidpipe.media.texts import description_text, ocr_text, text_sha256
from vidpipe.stores.counting_versions import Counting
from vidpipe.stores.lake import (
    CLIP_EMBEDDINGS,
    KEYFRAMES,
    OCR_TEXT,
    RAW_VIDEOS,
    TABLES,
    Lake,
    LakeTable,
)
from vidpipe.uploads.named_accounts import is_of_accounts
from vidpipe.uploads.registry import registered_uploads
from vidpipe.uploads.registry.tombstones import forgotten

USABLE = pl.col("status") != "failed"
IS_NO_VIDEO = pl.col("error_class").eq_missing(NoVideo.__name__)
PRESENT = pl.col("removed_at").is_null()

TEXT_SCHEMA = {
    "ingest_date": pl.Date,
    "upload_id": pl.String,
    "content_sha256": pl.String,
    "kind": pl.String,
    "text": pl.String,
    "text_sha256": pl.String,
}


@dataclass(frozen=True)
class Snapshot:
    """The data of some ingest dates; each property is read once, when it is first asked for.

    Args:
        lake: where results are.
        counting: tells the stage versions of a table that count.
        connection: to the registry.
        days: ingest dates to look at.
    """

    lake: Lake
    counting: Callable[[LakeTable], Counting]
    connection: Connection[Any]
    days: Sequence[date]
    _outcomes: dict[str, pl.DataFrame] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def registered(self) -> pl.DataFrame:
        """Registered uploads, present or removed, one row an upload."""
        return registered_uploads.uploads(self.connection, self.days)

    @cached_property
    def uploads(self) -> pl.DataFrame:
        """Registered uploads with what `raw_videos` found, one row an upload.

        Those that `raw_videos` has not read yet, or that must be forgotten, are left out.
        """
        found = self._read.join(self.erased_uploads, on="upload_id", how="anti")
        registered = self.registered.drop("uri", "size_bytes", "first_seen_at")
        return registered.join(found.drop("ingest_date"), on=RAW_VIDEOS.key_columns, how="inner")

    @cached_property
    def erased_uploads(self) -> pl.DataFrame:
        """Registered uploads of bytes or accounts that must be forgotten: `upload_id`."""
        erased = forgotten(self.connection)
        has_erased_bytes = pl.col("content_sha256").is_in(list(erased.contents))
        return self._read.filter(
            has_erased_bytes.fill_null(value=False) | is_of_accounts(erased.accounts)
        ).select("upload_id")

    @cached_property
    def _read(self) -> pl.DataFrame:
        return self._results(RAW_VIDEOS, self.registered)

    @cached_property
    def contents(self) -> pl.DataFrame:
        """Contents with the `upload_id` and `fingerprint` of one of their uploads.

        An upload that is still there comes before one that is removed.
        """
        return (
            self.uploads.filter(USABLE)
            .sort(~PRESENT, "ingest_date", "first_seen_at")
            .unique("content_sha256", keep="first", maintain_order=True)
            .select("content_sha256", "upload_id", "fingerprint", "ingest_date", "removed_at")
        )

    @cached_property
    def decodable_contents(self) -> pl.DataFrame:
        """Contents that have keyframes: what cannot be decoded has neither those nor a print."""
        decoded = self.outcomes(KEYFRAMES).filter(USABLE)
        return self.contents.join(decoded, on="content_sha256", how="semi", maintain_order="left")

    @cached_property
    def frames(self) -> pl.DataFrame:
        """Keyframes of the contents, one row a frame, in order of time."""
        found = self._results(KEYFRAMES, self.contents, ["frames"]).filter(USABLE)
        return (
            self.contents.select("content_sha256", "ingest_date")
            .join(
                found.select("content_sha256", "frames"),
                on="content_sha256",
                how="inner",
                maintain_order="left",
            )
            .explode("frames", empty_as_null=False)
            .unnest("frames")
        )

    @cached_property
    def lines(self) -> pl.DataFrame:
        """OCR lines of the keyframes, one row a line, in order of time and line."""
        frames = self.frames.select("content_sha256", "ingest_date", "segment", "keyframe_sha256")
        found = self._results(OCR_TEXT, frames).filter(USABLE)
        return (
            frames.join(
                found.select("keyframe_sha256", "lines"),
                on="keyframe_sha256",
                how="inner",
                maintain_order="left",
            )
            .explode("lines", empty_as_null=False)
            .unnest("lines")
        )

    @cached_property
    def texts(self) -> pl.DataFrame:
        """Texts that are embedded, one row per upload or content and kind.

        `upload_id` names the upload of a `description`, `content_sha256` the content of an `ocr`.
        """
        rows = [*self._descriptions(), *self._read_texts()]
        return pl.DataFrame(rows, schema=TEXT_SCHEMA, orient="row")

    @cached_property
    def embedding_inputs(self) -> pl.DataFrame:
        """What is embedded, one row per `kind` and `input_sha256`, with its image or text."""
        images = self.frames.select(
            pl.lit("image").alias("kind"),
            pl.col("keyframe_sha256").alias("input_sha256"),
            "image_uri",
            pl.lit(None, pl.String).alias("text"),
            "ingest_date",
        )
        texts = self.texts.select(
            pl.lit("text").alias("kind"),
            pl.col("text_sha256").alias("input_sha256"),
            pl.lit(None, pl.String).alias("image_uri"),
            "text",
            "ingest_date",
        )
        return pl.concat([images, texts]).unique(
            CLIP_EMBEDDINGS.key_columns, keep="first", maintain_order=True
        )

    @cached_property
    def vectors(self) -> pl.DataFrame:
        """Vectors of the embedding inputs (`kind`, `input_sha256`, `vector`), failures left out.

        They are all of the model in use.
        """
        found = self._results(CLIP_EMBEDDINGS, self.embedding_inputs, ["vector"]).filter(USABLE)
        return found.select("kind", "input_sha256", "vector")

    def keys(self, table: LakeTable) -> pl.DataFrame:
        """What the stage of a table has to do with: its key columns, what it needs, `ingest_date`.

        What removed uploads left behind is among it, with `removed_at` where that can be told.
        """
        match table.name:
            case "raw_videos":
                return self.registered
            case "keyframes":
                return self.contents
            case "footage_prints":
                return self.decodable_contents
            case "ocr_text":
                return self.frames.select("keyframe_sha256", "image_uri", "ingest_date").unique(
                    "keyframe_sha256", keep="first", maintain_order=True
                )
            case "clip_embeddings":
                return self.embedding_inputs
        raise ValueError(f"there is no stage {table.name}")

    def inputs(self, table: LakeTable) -> pl.DataFrame:
        """What the stage of a table works on: the keys whose upload is still there."""
        keys = self.keys(table)
        return keys.filter(PRESENT) if "removed_at" in keys.columns else keys

    def outcomes(self, table: LakeTable) -> pl.DataFrame:
        """Outcomes of a stage's keys, one row a key that has one.

        A vector of another model is an outcome, too: it stays until somebody asks for more.
        """
        if table.name not in self._outcomes:
            any_version = replace(self.counting(table), others=None)
            self._outcomes[table.name] = self.lake.outcomes(table, any_version, self.keys(table))
        return self._outcomes[table.name]

    @property
    def is_complete(self) -> bool:
        """Whether every input of every stage has an outcome."""
        return all(
            self.inputs(table)
            .join(self.outcomes(table), on=table.key_columns, how="anti")
            .is_empty()
            for table in TABLES
        )

    def outdated(self, table: LakeTable) -> pl.DataFrame:
        """Inputs of a stage whose result was made under other settings than today's."""
        version = self.counting(table).version
        others = self.outcomes(table).filter(pl.col("stage_version") != version)
        return self.inputs(table).join(others, on=table.key_columns, how="semi")

    @property
    def is_current(self) -> bool:
        """Whether every result was made under today's settings."""
        return all(self.outdated(table).is_empty() for table in TABLES)

    def on(self, day: date, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame that belong to one of the dates."""
        return frame.filter(pl.col("ingest_date") == day)

    def _results(
        self, table: LakeTable, keys: pl.DataFrame, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        return self.lake.results(table, self.counting(table), keys, columns)

    def _descriptions(self) -> Iterator[tuple[Any, ...]]:
        for row in self.uploads.filter(USABLE).iter_rows(named=True):
            metadata = row["metadata"]
            text = description_text(metadata["description"], metadata["hashtags"])
            if text:
                identity = (row["ingest_date"], row["upload_id"], None, "description")
                yield (*identity, text, text_sha256(text))

    def _read_texts(self) -> Iterator[tuple[Any, ...]]:
        accepted = self.lines.filter("accepted")
        for (content, day), lines in accepted.group_by(
            "content_sha256", "ingest_date", maintain_order=True
        ):
            text = ocr_text(lines["text"])
            if text:
                yield (day, None, content, "ocr", text, text_sha256(text))
