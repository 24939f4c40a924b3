"""The lake: Delta tables that hold every stage's results, one row per key and stage version.

Belongs here: the tables, appending and reading batches, maintenance.
Does not: the types of nested columns (vidpipe.stores.lake_structs), deciding what must be computed
(vidpipe.pipeline) or what analysts see (vidpipe.publication).

Results are nested and failures are rows too, so one append publishes a whole batch, an empty
result is still a result, and a killed run leaves whole batches only. Which of several rows for one
key counts is told in vidpipe.stores.counting_versions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from vidpipe.errors import StoreError
from vidpipe.stores.counting_versions import Counting
from vidpipe.stores.lake_columns import MEANINGS
from vidpipe.stores.lake_structs import (
    FOOTAGE_PRINT,
    FRAME,
    HASH_TRACK,
    METADATA,
    OCR_LINE,
    POST,
    PROBE,
    TIMESTAMP,
)

COMMIT_TRIES = 5

# What the incremental loop adds to every row.
OUTCOME: dict[str, pl.DataType | type[pl.DataType]] = {
    "status": pl.String,
    "error_class": pl.String,
    "error_message": pl.String,
    "limits_digest": pl.String,
    "stage_version": pl.String,
    "ingest_date": pl.Date,
    "committed_at": TIMESTAMP,
}


@dataclass(frozen=True)
class LakeTable:
    """One Delta table: its key columns and its nested result columns, by Polars type.

    Attributes:
        name: of the table and of the stage that fills it.
        key: columns that name a row.
        subject: the key column that names what a row is about.
        result: columns of the result.
        formerly: where an earlier vidpipe kept such results.
    """

    name: str
    key: Mapping[str, Any]
    subject: str
    result: Mapping[str, Any]
    formerly: "Formerly | None" = None

    @property
    def key_columns(self) -> list[str]:
        return list(self.key)

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema({**self.key, **self.result, **OUTCOME})

    def meaning(self, column: str) -> str:
        """What a column holds, with its unit."""
        return MEANINGS[column]


@dataclass(frozen=True)
class Formerly:
    """Rows of another table that hold a result of this one, as an earlier vidpipe made it.

    Such a row has an outcome, of a stage version that is not today's.

    Attributes:
        table: where they are; its key is the same.
        has_result: whether a row of it holds one.
    """

    table: LakeTable
    has_result: pl.Expr = field(compare=False)


RAW_VIDEOS = LakeTable(
    "raw_videos",
    key={"upload_id": pl.String, "fingerprint": pl.String},
    subject="upload_id",
    result={
        "uri": pl.String,
        "first_seen_at": TIMESTAMP,
        "content_sha256": pl.String,
        "size_bytes": pl.Int64,
        "probe": PROBE,
        "metadata": METADATA,
        "post": POST,
        "metadata_source": pl.String,
        "metadata_error": pl.String,
    },
)
KEYFRAMES = LakeTable(
    "keyframes",
    key={"content_sha256": pl.String},
    subject="content_sha256",
    result={
        "frames": pl.List(FRAME),
        "hash_track": HASH_TRACK,
        "decoded_frames": pl.Int64,
        "decode_seconds": pl.Float64,
        "has_footage_print": pl.Boolean,
    },
)
# Whether a row of KEYFRAMES is of vidpipe before footage prints, and holds a hash track. A column
# of its own tells it: whether a nested one is null, nobody knows without reading all of it.
HAS_HASH_TRACK = (pl.col("status") != "failed") & pl.col("has_footage_print").is_null()
FOOTAGE_PRINTS = LakeTable(
    "footage_prints",
    key={"content_sha256": pl.String},
    subject="content_sha256",
    result={"footage_print": FOOTAGE_PRINT},
    formerly=Formerly(KEYFRAMES, HAS_HASH_TRACK),
)
OCR_TEXT = LakeTable(
    "ocr_text",
    key={"keyframe_sha256": pl.String},
    subject="keyframe_sha256",
    result={"lines": pl.List(OCR_LINE)},
)
CLIP_EMBEDDINGS = LakeTable(
    "clip_embeddings",
    key={"kind": pl.String, "input_sha256": pl.String},
    subject="input_sha256",
    result={"vector": pl.List(pl.Float32)},
)
TABLES = (RAW_VIDEOS, KEYFRAMES, FOOTAGE_PRINTS, OCR_TEXT, CLIP_EMBEDDINGS)
# Those that an asset is named after; FOOTAGE_PRINTS is filled by the asset `keyframes`.
ASSET_TABLES = (RAW_VIDEOS, KEYFRAMES, OCR_TEXT, CLIP_EMBEDDINGS)


class Lake:
    """The Delta tables under one URL (a folder or `s3://bucket/prefix`).

    A bucket's credentials and endpoint come from the usual `AWS_*` environment variables.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def append(self, table: LakeTable, rows: Iterable[Mapping[str, Any]]) -> int:
        """Publishes rows in one atomic commit and returns how many.

        Each row carries the table's key and outcome columns except `committed_at`, and its result
        columns unless the item failed: they are null then.

        Raises:
            StoreError: the lake cannot be written.
        """
        now = datetime.now(UTC)
        frame = pl.DataFrame(
            [{**row, "committed_at": now} for row in rows], schema=table.schema, strict=True
        )
        if frame.is_empty():
            return 0
        try:
            self._create(table)
            self._commit(table, frame)
        except (DeltaError, OSError) as error:
            raise StoreError(f"lake table {self._uri(table)} cannot be written: {error}") from error
        return frame.height

    def scan(self, table: LakeTable) -> pl.LazyFrame:
        """All rows of all versions, lazily; empty when the table does not exist yet."""
        if self._open(table) is None:
            return pl.LazyFrame(schema=table.schema)
        return pl.scan_delta(self._uri(table)).match_to_schema(
            table.schema, missing_columns="insert", extra_columns="ignore"
        )

    def versions(self, table: LakeTable) -> set[str]:
        """Stage versions of which the table holds rows."""
        return set(self.scan(table).select(pl.col("stage_version").unique()).collect().to_series())

    def outcomes(self, table: LakeTable, counting: Counting, keys: pl.DataFrame) -> pl.DataFrame:
        """The row that counts of each of `keys`, without its result.

        Args:
            counting: which stage versions count.
            keys: the table's key columns, one row per key; other columns are ignored.

        Returns:
            Key and outcome columns, at most one row per key. Results that an earlier vidpipe kept
            in another table have an outcome, too.
        """
        wanted = keys.select(table.key_columns).unique()
        columns = [*table.key_columns, *OUTCOME]
        if wanted.is_empty():
            return pl.DataFrame(schema={name: table.schema[name] for name in columns})
        rows = self.scan(table).filter(counting.accepts).select(columns)
        if table.formerly is not None:
            before = self.scan(table.formerly.table).filter(table.formerly.has_result)
            rows = pl.concat([rows, before.filter(counting.accepts).select(columns)])
        return (
            rows.join(wanted.lazy(), on=table.key_columns, how="semi")
            .pipe(counting.best, table.key_columns)
            .collect()
        )

    def results(
        self,
        table: LakeTable,
        counting: Counting,
        keys: pl.DataFrame,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """The row that counts of each of `keys`, with its result.

        Args:
            counting: which stage versions count.
            keys: the table's key columns, one row per key; other columns are ignored.
            columns: result columns to read; all when omitted.

        Returns:
            Key, outcome and result columns, at most one row per key, of this table alone. Only
            partitions that hold one of the keys are read for their results.
        """
        rows = self.outcomes(table, counting, keys)
        result = list(table.result) if columns is None else list(columns)
        if rows.is_empty():
            names = [*rows.columns, *result]
            return pl.DataFrame(schema={name: table.schema[name] for name in names})
        identity = [*table.key_columns, "ingest_date", "stage_version", "committed_at", "status"]
        found = (
            self.scan(table)
            .filter(
                pl.col("ingest_date").is_in(rows["ingest_date"].unique().to_list()),
                counting.accepts,
            )
            .select([*identity, *result])
            .join(rows.lazy().select(identity), on=identity, how="semi", nulls_equal=True)
            .unique(subset=table.key_columns, keep="first")
            .collect()
        )
        return rows.join(found, on=identity, how="inner", nulls_equal=True)

    def delete(
        self, table: LakeTable, subjects: Sequence[str], *, version: str | None = None
    ) -> None:
        """Erases the rows about these subjects: of one stage version, or of all."""
        handle = self._open(table)
        if handle is None or not subjects:
            return
        condition = f"{table.subject} in ({', '.join(map(_quoted, subjects))})"
        if version is not None:
            condition += f" and stage_version = {_quoted(version)}"
        handle.delete(condition)

    def maintain(self, table: LakeTable, retained_hours: int = 168) -> dict[str, int]:
        """Compacts small files, then removes files that no version of the last week uses.

        Returns:
            Counts: `files_added`, `files_removed` by compaction and `files_deleted` for good.
        """
        handle = self._open(table)
        if handle is None:
            return {"files_added": 0, "files_removed": 0, "files_deleted": 0}
        compaction = handle.optimize.compact()
        handle.create_checkpoint()
        deleted = handle.vacuum(retention_hours=retained_hours, dry_run=False)
        return {
            "files_added": int(compaction["numFilesAdded"]),
            "files_removed": int(compaction["numFilesRemoved"]),
            "files_deleted": len(deleted),
        }

    def purge(self, table: LakeTable) -> None:
        """Removes at once every file that the current version does not use (after `delete`)."""
        handle = self._open(table)
        if handle is not None:
            handle.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)

    def _commit(self, table: LakeTable, frame: pl.DataFrame) -> None:
        """Appends, again when another commit came in between that Delta cannot reconcile.

        Two runs that create a table at once both write its metadata, and an append that began
        between the two is refused although nothing is in its way.
        """
        for left in reversed(range(COMMIT_TRIES)):
            try:
                write_deltalake(self._uri(table), frame, mode="append", schema_mode="merge")
                return
            except CommitFailedError:
                if not left:
                    raise

    def _uri(self, table: LakeTable) -> str:
        return f"{self.url}/{table.name}"

    def _open(self, table: LakeTable) -> DeltaTable | None:
        try:
            return DeltaTable(self._uri(table))
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise StoreError(f"lake table {self._uri(table)} cannot be read: {error}") from error

    def _create(self, table: LakeTable) -> None:
        if self._open(table) is not None:
            return
        if "://" not in self.url:
            Path(self._uri(table)).mkdir(parents=True, exist_ok=True)
        try:
            DeltaTable.create(
                self._uri(table),
                schema=Schema.from_arrow(table.schema),
                partition_by=["ingest_date"],
                mode="ignore",
            )
        except DeltaError:
            if self._open(table) is None:  # else another run created it in the meantime
                raise


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
