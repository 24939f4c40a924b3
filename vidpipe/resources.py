"""Stores and engines as one Dagster resource.

Belongs here: opening the pipeline for a step of a run.
Does not: settings (vidpipe.settings) or what the steps do (vidpipe.pipeline.stages).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property

import polars as pl
from dagster import (
    AssetCheckExecutionContext,
    AssetExecutionContext,
    Failure,
    OpExecutionContext,
)

from vidpipe.errors import VidpipeError
from vidpipe.media.contact_sheet import contact_sheet
from vidpipe.pipeline.contract import Stage
from vidpipe.pipeline.loop import Progress
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.database import connect
from vidpipe.stores.media_store import MediaStore
from vidpipe.stores.schema_upgrade import upgrade

# Frames shown of a date; more would not fit 150 kB.
SHEET_FRAMES = 40

RunContext = AssetExecutionContext | AssetCheckExecutionContext | OpExecutionContext


class Stores:
    """The pipeline of one installation, opened step by step.

    Args:
        settings: read from the environment at the first use, not at import, when omitted.
        progress: told how far a stage is; the log of the run when omitted.
    """

    def __init__(self, settings: Settings | None = None, progress: Progress | None = None) -> None:
        self._settings = settings
        self._progress = progress

    @cached_property
    def settings(self) -> Settings:
        return self._settings or load_settings()

    @cached_property
    def pipeline(self) -> Pipeline:
        return Pipeline.from_settings(self.settings)

    def afresh(self) -> "Stores":
        """The same settings, with models looked for anew.

        A code server lives for weeks; the runs that its sensors ask for find models as they are.
        """
        return Stores(self.settings, self._progress)

    @cached_property
    def upgraded_settings(self) -> Settings:
        """The settings; the first time in a process the schema is brought up to date.

        Nothing else does so before `dagster asset materialize` in a new home.
        """
        upgrade(self.settings)
        return self.settings

    def code_version(self, asset: str) -> str | None:
        """Version of what an asset makes; None while its model is out of reach."""
        try:
            stage: Stage | None = getattr(self.pipeline, asset, None)
            return self.pipeline.versions_digest if stage is None else stage.code_version
        except VidpipeError:
            return None

    @contextmanager
    def session(self, context: RunContext) -> Iterator[Session]:
        """A connection and progress for one step of the running Dagster run.

        Raises:
            Failure: what vidpipe raised on purpose; Dagster's pages show its sentence first.
        """
        tell = self._progress or _log_progress(context)
        try:
            with connect(self.upgraded_settings, autocommit=True) as connection:
                yield Session(connection, context.run.run_id, tell)
        except VidpipeError as error:
            raise Failure(description=str(error)) from error

    def contact_sheets(self, frames: pl.DataFrame) -> dict[date, bytes]:
        """A JPEG contact sheet of each ingest date's keyframes (columns of `Pipeline.frames`)."""
        media = MediaStore(self.settings.media)
        sheets = {}
        for (day,), of_day in frames.group_by("ingest_date", maintain_order=True):
            shown = of_day.head(SHEET_FRAMES)
            pictures = [
                (media.get(uri), f"{content[:8]} {timestamp_s:.1f} s")
                for uri, content, timestamp_s in shown.select(
                    "image_uri", "content_sha256", "timestamp_s"
                ).iter_rows()
            ]
            sheets[day] = contact_sheet(pictures)
        return sheets


def _log_progress(context: RunContext) -> Progress:
    """Progress as log lines, at most one per tenth of the work."""
    told = {"tenth": -1}

    def tell(stage: str, done: int, to_do: int) -> None:
        tenth = 10 * done // to_do if to_do else 10
        if tenth != told["tenth"] and to_do:
            told["tenth"] = tenth
            context.log.info(f"{stage}: {done} of {to_do}")

    return tell
