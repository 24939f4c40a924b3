"""The pipeline: what each stage needs from the one before it, for given ingest dates.

Belongs here: stage versions, and the items of each stage.
Does not: Dagster (vidpipe.assets wraps these methods), the incremental loop (vidpipe.stages),
what a date publishes (vidpipe.publication).

    uploads registry ─▶ raw_videos ─▶ keyframes ─▶ ocr_text ─▶ clip_embeddings ─▶ PostgreSQL
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
from psycopg import Connection

from vidpipe.engine import Engine, Item, cpu_threads
from vidpipe.media import keyframe_worker, raw_video_worker
from vidpipe.media.keyframe_worker import KeyframeWorker
from vidpipe.media.raw_video_worker import RawVideoWorker
from vidpipe.media.texts import description_text, ocr_text, text_sha256
from vidpipe.models import clip_worker, ocr_worker
from vidpipe.models.clip_weights import model_identity
from vidpipe.models.clip_worker import ClipWorker
from vidpipe.models.identity import ModelIdentity
from vidpipe.models.ocr_worker import OcrWorker
from vidpipe.settings import Settings
from vidpipe.stages import Progress, Stage, StageReport, digest, run_stage
from vidpipe.stores import registry
from vidpipe.stores.lake import CLIP_EMBEDDINGS, KEYFRAMES, OCR_TEXT, RAW_VIDEOS, Lake

USABLE = pl.col("status") != "failed"


@dataclass(frozen=True)
class Session:
    """What one step of a run holds open: its connection (autocommit), name and progress."""

    connection: Connection[Any]
    run_id: str | None = None
    progress: Progress | None = None


@dataclass(frozen=True)
class Pipeline:
    """The stages under given settings, over one lake and one engine."""

    settings: Settings
    lake: Lake
    engine: Engine

    @cached_property
    def model(self) -> ModelIdentity:
        """The CLIP pair in use.

        Raises:
            ModelUnavailable: it can neither be found locally nor reached.
        """
        return model_identity(self.settings)

    @cached_property
    def raw_videos(self) -> Stage:
        return Stage(
            RAW_VIDEOS,
            version=digest({"algorithm": raw_video_worker.ALGORITHM}),
            worker=RawVideoWorker.from_settings(self.settings),
            limits=self._limits,
            batch_size=8,
            workers=self.settings.workers,
            load_timeout_s=60,
            item_timeout_s=300,
        )

    @cached_property
    def keyframes(self) -> Stage:
        """Reads nothing of `raw_videos` but bytes, which its key names: that version stays out."""
        settings = self.settings
        return Stage(
            KEYFRAMES,
            version=digest(
                {
                    "algorithm": keyframe_worker.ALGORITHM,
                    "keyframes": settings.keyframes_per_video,
                    "method": settings.keyframe_method,
                    "candidates_per_second": settings.candidates_per_second,
                    "hash_samples_per_second": settings.hash_samples_per_second,
                }
            ),
            worker=KeyframeWorker.from_settings(settings),
            limits=self._limits,
            batch_size=1,
            workers=settings.workers,
            load_timeout_s=60,
            item_timeout_s=settings.max_decode_s * 1.2,
        )

    @cached_property
    def ocr_text(self) -> Stage:
        settings = self.settings
        return Stage(
            OCR_TEXT,
            version=digest(
                {**ocr_worker.stage_parameters(settings), "keyframes": self.keyframes.version}
            ),
            worker=OcrWorker.from_settings(settings),
            limits=self._limits,
            batch_size=16,
            workers=settings.workers,
            load_timeout_s=180,
            item_timeout_s=30,
        )

    @cached_property
    def clip_embeddings(self) -> Stage:
        """One worker that uses all cores: two copies of the models would not fit the memory bar."""
        return Stage(
            CLIP_EMBEDDINGS,
            version=digest(
                {
                    "algorithm": clip_worker.ALGORITHM,
                    "model": self.model.model_id,
                    "keyframes": self.keyframes.version,
                    "ocr_text": self.ocr_text.version,
                }
            ),
            worker=ClipWorker.from_settings(self.settings, threads=cpu_threads(1)),
            limits=self._limits,
            batch_size=64,
            workers=1,
            load_timeout_s=600,
            item_timeout_s=30,
        )

    @property
    def versions_digest(self) -> str:
        """Digest of all stage versions: a date published under another one is published again."""
        return digest(
            {
                stage.name: [stage.version, stage.limits_digest]
                for stage in (self.raw_videos, self.keyframes, self.ocr_text, self.clip_embeddings)
            }
        )

    @property
    def _limits(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "max_upload_bytes": settings.max_upload_bytes,
            "max_duration_s": settings.max_duration_s,
            "max_frame_pixels": settings.max_frame_pixels,
            "max_decode_s": settings.max_decode_s,
            "worker_memory_bytes": settings.worker_memory_bytes,
            "max_attempts": settings.max_attempts,
        }

    # What each stage computes.

    def read_uploads(self, session: Session, days: Sequence[date]) -> StageReport:
        """Hashes and probes the registered uploads of these dates and reads their metadata."""
        return self._run(session, self.raw_videos, registry.items(session.connection, days))

    def choose_keyframes(self, session: Session, days: Sequence[date]) -> StageReport:
        """Chooses the keyframes of these dates' contents and makes their hash tracks."""
        present = self._present_contents(session, days)
        return self._run(session, self.keyframes, present.iter_rows(named=True))

    def read_text(self, session: Session, days: Sequence[date]) -> StageReport:
        """Reads the text in these dates' keyframes."""
        frames = self.frames(session, days)
        return self._run(
            session,
            self.ocr_text,
            frames.select("keyframe_sha256", "image_uri", "ingest_date").iter_rows(named=True),
        )

    def embed(self, session: Session, days: Sequence[date]) -> StageReport:
        """Embeds these dates' keyframes and texts."""
        inputs = self.embedding_inputs(session, days)
        return self._run(session, self.clip_embeddings, inputs.iter_rows(named=True))

    def _run(self, session: Session, stage: Stage, items: Iterable[Item]) -> StageReport:
        return run_stage(
            stage,
            items,
            lake=self.lake,
            connection=session.connection,
            engine=self.engine,
            max_attempts=self.settings.max_attempts,
            run_id=session.run_id,
            progress=session.progress,
        )

    # What the stages computed, as the next ones and people need it.

    def current_uploads(self, session: Session, days: Sequence[date]) -> pl.DataFrame:
        """The registered uploads of these dates with what `raw_videos` found, one row an upload.

        Uploads that `raw_videos` has not read yet, or that must be forgotten, are left out.
        """
        registered = registry.uploads(session.connection, days)
        forgotten = registry.forgotten(session.connection)
        found = self.lake.results(RAW_VIDEOS, self.raw_videos.version, registered).filter(
            ~pl.col("content_sha256").is_in(list(forgotten.contents)).fill_null(value=False),
            ~pl.col("metadata")
            .struct.field("account")
            .is_in(list(forgotten.accounts))
            .fill_null(value=False),
        )
        return registered.select("upload_id", "fingerprint", "ingest_date", "removed_at").join(
            found.drop("ingest_date"), on=RAW_VIDEOS.key_columns, how="inner"
        )

    def _present_contents(self, session: Session, days: Sequence[date]) -> pl.DataFrame:
        """Contents of these dates that an upload still holds, with that `upload_id`."""
        return (
            self.current_uploads(session, days)
            .filter(USABLE, pl.col("removed_at").is_null())
            .sort("ingest_date", "first_seen_at")
            .unique("content_sha256", keep="first", maintain_order=True)
            .select("content_sha256", "upload_id", "ingest_date")
        )

    def contents(self, session: Session, days: Sequence[date]) -> pl.DataFrame:
        """Contents of these dates' uploads (`content_sha256`, `ingest_date`), each once."""
        return (
            self.current_uploads(session, days)
            .filter(USABLE)
            .sort("ingest_date", "first_seen_at")
            .unique("content_sha256", keep="first", maintain_order=True)
            .select("content_sha256", "ingest_date")
        )

    def frames(self, session: Session, days: Sequence[date]) -> pl.DataFrame:
        """Keyframes of these dates' contents, one row a frame, in order of time."""
        contents = self.contents(session, days)
        found = self.lake.results(KEYFRAMES, self.keyframes.version, contents, ["frames"])
        return (
            contents.join(
                found.filter(USABLE).select("content_sha256", "status", "error_message", "frames"),
                on="content_sha256",
                how="inner",
                maintain_order="left",
            )
            .explode("frames", empty_as_null=False)
            .unnest("frames")
        )

    def lines(self, session: Session, days: Sequence[date]) -> pl.DataFrame:
        """OCR lines of these dates' keyframes, one row a line, in order of time and line."""
        frames = self.frames(session, days).select(
            "content_sha256", "ingest_date", "segment", "keyframe_sha256"
        )
        found = self.lake.results(OCR_TEXT, self.ocr_text.version, frames)
        return (
            frames.join(
                found.filter(USABLE).select("keyframe_sha256", "lines"),
                on="keyframe_sha256",
                how="inner",
                maintain_order="left",
            )
            .explode("lines", empty_as_null=False)
            .unnest("lines")
        )

    def texts(self, session: Session, days: Sequence[date]) -> pl.DataFrame:
        """Texts of these dates that are embedded, one row per upload or content and kind.

        Columns: `ingest_date`, `upload_id` (of a description), `content_sha256` (of OCR), `kind`
        (`description` or `ocr`), `text`, `text_sha256`.
        """
        return pl.DataFrame(
            list(self._texts(session, days)),
            schema={
                "ingest_date": pl.Date,
                "upload_id": pl.String,
                "content_sha256": pl.String,
                "kind": pl.String,
                "text": pl.String,
                "text_sha256": pl.String,
            },
            orient="row",
        )

    def _texts(self, session: Session, days: Sequence[date]) -> Iterator[tuple[Any, ...]]:
        for row in self.current_uploads(session, days).filter(USABLE).iter_rows(named=True):
            metadata = row["metadata"]
            text = description_text(metadata["description"], metadata["hashtags"])
            if text:
                identity = (row["ingest_date"], row["upload_id"], None, "description")
                yield (*identity, text, text_sha256(text))
        accepted = self.lines(session, days).filter("accepted")
        for (content, day), lines in accepted.group_by(
            "content_sha256", "ingest_date", maintain_order=True
        ):
            text = ocr_text(lines["text"])
            if text:
                yield (day, None, content, "ocr", text, text_sha256(text))

    def inputs(self, session: Session, days: Sequence[date], stage: Stage) -> pl.DataFrame:
        """Keys that a stage works on for these dates, with `ingest_date`."""
        match stage.table.name:
            case "raw_videos":
                return self.current_uploads(session, days)
            case "keyframes":
                return self._present_contents(session, days)
            case "ocr_text":
                return self.frames(session, days)
            case "clip_embeddings":
                return self.embedding_inputs(session, days)
        raise ValueError(f"there is no stage {stage.table.name}")

    def embedding_inputs(self, session: Session, days: Sequence[date]) -> pl.DataFrame:
        """What is embedded of these dates, one row per input: `kind`, `input_sha256`, …"""
        images = self.frames(session, days).select(
            pl.lit("image").alias("kind"),
            pl.col("keyframe_sha256").alias("input_sha256"),
            "image_uri",
            pl.lit(None, pl.String).alias("text"),
            "ingest_date",
        )
        texts = self.texts(session, days).select(
            pl.lit("text").alias("kind"),
            pl.col("text_sha256").alias("input_sha256"),
            pl.lit(None, pl.String).alias("image_uri"),
            "text",
            "ingest_date",
        )
        return pl.concat([images, texts]).unique(
            CLIP_EMBEDDINGS.key_columns, keep="first", maintain_order=True
        )
