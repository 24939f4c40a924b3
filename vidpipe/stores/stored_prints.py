"""Reading the footage prints of many contents: today's, else those of before, else hash tracks.

Belongs here: which of a content's rows is read, and how little is held at once.
Does not: what the bytes of a print mean (vidpipe.media.footage_print, vidpipe.reuse).

A content that an earlier vidpipe decoded has no print, but a hash track beside its keyframes, until
somebody asks for a refresh.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from vidpipe.stores.counting_versions import Counting
from vidpipe.stores.lake import FOOTAGE_PRINTS, HAS_HASH_TRACK, KEYFRAMES, Lake, LakeTable

CONTENTS_AT_ONCE = 64
"""A print takes about 120 kB for each minute of video."""


@dataclass(frozen=True)
class StoredPrint:
    """What the lake holds of one content's footage; one of the two values is None.

    Attributes:
        content_sha256: the content.
        ingest_date: partition that the row lies in.
        stage_version: version of the stage that made it: `footage_prints`, or `keyframes` of an
            earlier vidpipe for a hash track.
        footage_print: fields of `vidpipe.stores.lake_structs.FOOTAGE_PRINT`.
        hash_track: fields of `vidpipe.stores.lake_structs.HASH_TRACK`.
    """

    content_sha256: str
    ingest_date: date
    stage_version: str
    footage_print: dict[str, Any] | None
    hash_track: dict[str, Any] | None


def read_prints(
    lake: Lake, version: str, contents: Collection[str] | None = None
) -> Iterator[StoredPrint]:
    """The print or else the hash track of each content, one ingest date after the other.

    Of several rows of a content the first print of today's version is read, else the newest print,
    else the newest hash track; failures are left out. Within a date prints come first.

    Args:
        lake: where they are; nothing else is opened.
        version: stage version of `footage_prints` under the settings in force.
        contents: `content_sha256` of those that are wanted; all that the lake holds when omitted.

    Yields:
        One for each content that has either; contents without any are left out.
    """
    prints, tracks = _chosen(lake, version, contents)
    days = sorted({*prints["ingest_date"], *tracks["ingest_date"]})
    for day in days:
        for row in _results(lake, FOOTAGE_PRINTS, "footage_print", prints, day):
            yield StoredPrint(**row, hash_track=None)
        for row in _results(lake, KEYFRAMES, "hash_track", tracks, day):
            yield StoredPrint(**row, footage_print=None)


def listed_prints(lake: Lake, version: str) -> pl.DataFrame:
    """What `read_prints` would read, without the prints: `content_sha256`, `ingest_date`,
    `stage_version`, `committed_at`.
    """
    columns = ["content_sha256", "ingest_date", "stage_version", "committed_at"]
    return pl.concat([rows.select(columns) for rows in _chosen(lake, version, None)])


def _chosen(
    lake: Lake, version: str, contents: Collection[str] | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of prints, and those of hash tracks of contents that have no print."""
    prints = _rows(lake, FOOTAGE_PRINTS, pl.col("status") != "failed", version, contents)
    tracks = _rows(lake, KEYFRAMES, HAS_HASH_TRACK, version, contents)
    return prints, tracks.join(prints, on="content_sha256", how="anti")


def _rows(
    lake: Lake,
    table: LakeTable,
    has_result: pl.Expr,
    version: str,
    contents: Collection[str] | None,
) -> pl.DataFrame:
    """Identities of the rows to read, at most one a content."""
    rows = lake.scan(table).filter(has_result)
    rows = rows.select("content_sha256", "ingest_date", "stage_version", "committed_at", "status")
    if contents is not None:
        wanted = pl.LazyFrame(
            {"content_sha256": list(contents)}, schema={"content_sha256": pl.String}
        )
        rows = rows.join(wanted, on="content_sha256", how="semi")
    return rows.pipe(Counting(version, None).best, ["content_sha256"]).drop("status").collect()


def _results(
    lake: Lake, table: LakeTable, column: str, rows: pl.DataFrame, day: date
) -> Iterator[dict[str, Any]]:
    """The rows of one partition with their result, read piece by piece."""
    identity = rows.filter(pl.col("ingest_date") == day)
    if identity.is_empty():
        return
    found = (
        lake.scan(table)
        .filter(pl.col("ingest_date") == day)
        .select(*identity.columns, column)
        .join(identity.lazy(), on=identity.columns, how="semi", maintain_order="left")
        .select("content_sha256", "ingest_date", "stage_version", column)
    )
    for piece in found.collect_batches(chunk_size=CONTENTS_AT_ONCE, maintain_order=True):
        yield from piece.drop_nulls(column).iter_rows(named=True)
