"""The pipeline: its stages under given settings, and computing them for given ingest dates.

Belongs here: what each stage depends on (its version), how it is batched and limited.
Does not: Dagster (vidpipe.assets wraps `compute`), the incremental loop (vidpipe.pipeline.loop),
what the stages read of each other (vidpipe.pipeline.snapshot), what a date publishes
(vidpipe.publication).

    uploads registry ─▶ raw_videos ─▶ keyframes ─▶ ocr_text ─▶ clip_embeddings ─▶ PostgreSQL
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from psycopg import Connection

from vidpipe.errors import ModelUnavailable, SettingsError
from vidpipe.models.pair_lookup import PairLookup
from vidpipe.pipeline.contract import Item, Stage, StageReport, digest
from vidpipe.pipeline.engine import Engine, LocalEngine, cpu_threads
from vidpipe.pipeline.loop import Progress, run_stage
from vidpipe.pipeline.measured_work import note_work
from vidpipe.pipeline.recompute import NOTHING, Recompute, chosen_keys, record, withdraw
from vidpipe.pipeline.snapshot import Snapshot
from vidpipe.pipeline.workers import clip_embeddings as clip_worker
from vidpipe.pipeline.workers import footage_prints as print_worker
from vidpipe.pipeline.workers import keyframes as keyframe_worker
from vidpipe.pipeline.workers import ocr_text as ocr_worker
from vidpipe.pipeline.workers import raw_videos as raw_video_worker
from vidpipe.pipeline.workers.clip_embeddings import ClipWorker
from vidpipe.pipeline.workers.content_decoding import ContentDecoder
from vidpipe.pipeline.workers.footage_prints import FootagePrintWorker
from vidpipe.pipeline.workers.keyframes import KeyframeWorker
from vidpipe.pipeline.workers.ocr_text import OcrWorker
from vidpipe.pipeline.workers.raw_videos import RawVideoWorker
from vidpipe.settings import Settings
from vidpipe.stores.counting_versions import Counting
from vidpipe.stores.lake import (
    ASSET_TABLES,
    CLIP_EMBEDDINGS,
    FOOTAGE_PRINTS,
    KEYFRAMES,
    OCR_TEXT,
    RAW_VIDEOS,
    TABLES,
    Lake,
    LakeTable,
)
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.uploads.registry import registered_uploads
from vidpipe.uploads.registry.pending_dates import (
    InForce,
    PendingDate,
    note_earlier_digests,
    pending_dates,
)


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

    @classmethod
    def from_settings(cls, settings: Settings) -> "Pipeline":
        """The pipeline of an installation, with its lake and workers on this machine."""
        return cls(settings, Lake(settings.lake), LocalEngine(settings.worker_memory_bytes))

    @property
    def _decoder(self) -> ContentDecoder:
        return ContentDecoder.from_settings(self.settings)

    @property
    def _keyframes_version(self) -> str:
        """Version of keyframes, of the rate at which footage is sampled, too.

        They read nothing of `raw_videos` but bytes, which their key names: that version stays out.
        """
        settings = self.settings
        return digest(
            {
                "algorithm": keyframe_worker.ALGORITHM,
                "keyframes": settings.keyframes_per_video,
                "method": settings.keyframe_method,
                "candidates_per_second": settings.candidates_per_second,
                "hash_samples_per_second": settings.hash_samples_per_second,
            }
        )

    @cached_property
    def _pair(self) -> PairLookup:
        return PairLookup(self.settings)

    @property
    def model(self) -> ModelIdentity:
        """The CLIP pair in use.

        Raises:
            ModelUnavailable: it can neither be found locally nor reached.
        """
        return self._pair.identity()

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
        """Its workers make footage prints in the same pass."""
        return Stage(
            KEYFRAMES,
            version=self._keyframes_version,
            worker=KeyframeWorker(self._decoder, self.settings.media),
            limits=self._limits,
            batch_size=1,
            workers=self.settings.workers,
            load_timeout_s=60,
            item_timeout_s=self.settings.max_decode_s * 1.2,
            beside=self.footage_prints,
        )

    @cached_property
    def footage_prints(self) -> Stage:
        """For contents that have keyframes already; keypoints in a print are those of keyframes."""
        return Stage(
            FOOTAGE_PRINTS,
            version=digest(
                {"algorithm": print_worker.ALGORITHM, "keyframes": self._keyframes_version}
            ),
            worker=FootagePrintWorker(self._decoder),
            limits=self._limits,
            batch_size=1,
            workers=self.settings.workers,
            load_timeout_s=60,
            item_timeout_s=self.settings.max_decode_s * 1.2,
        )

    @cached_property
    def ocr_text(self) -> Stage:
        settings = self.settings
        return Stage(
            OCR_TEXT,
            version=digest(
                {**ocr_worker.stage_parameters(settings), "keyframes": self._keyframes_version}
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
            version=self._clip_version(self.keyframes.version, self.ocr_text.version),
            worker=ClipWorker.from_settings(self.settings, threads=cpu_threads(1)),
            limits=self._limits,
            batch_size=64,
            workers=1,
            load_timeout_s=600,
            item_timeout_s=30,
        )

    @property
    def versions(self) -> dict[str, str]:
        """Stage version in force, by table name."""
        return {stage.name: stage.version for stage in self._stages}

    @property
    def missing_models(self) -> dict[str, str]:
        """Stages that cannot work because a model is missing, and what to do about each."""
        missing = {}
        for table in TABLES:
            try:
                getattr(self, table.name)
            except (ModelUnavailable, SettingsError) as error:
                missing[table.name] = str(error)
        return missing

    @property
    def waiting_stages(self) -> list[str]:
        """What `missing_models` says, as sentences."""
        return [
            f"{stage} waits for its model: {said}" for stage, said in self.missing_models.items()
        ]

    @property
    def versions_digest(self) -> str:
        """Digest of the versions and limits of all stages whose results analysts see."""
        return digest({one.name: [one.version, one.limits_digest] for one in self._shown_stages})

    @property
    def in_force(self) -> InForce:
        """The settings in force, by which published dates are judged."""
        limits = digest(self._limits)
        try:
            return InForce(
                versions=digest(self.versions),
                limits=limits,
                shown=digest({one.name: one.version for one in self._shown_stages}),
                together=self.versions_digest,
                refreshes=self._refreshes,
            )
        except (ModelUnavailable, SettingsError):
            return InForce(None, limits, None, None, self._refreshes)

    @property
    def _refreshes(self) -> bool:
        """Whether results of other settings are made anew unasked; looks for no model."""
        return self.settings.refresh == "auto"

    def pending_dates(self, connection: Connection[Any]) -> list[PendingDate]:
        """Ingest dates that a run would change; those with new uploads when a model is missing."""
        in_force = self.in_force
        note_earlier_digests(connection, in_force)
        return pending_dates(connection, in_force)

    def snapshot(self, session: Session, days: Sequence[date]) -> Snapshot:
        """What the lake holds of these dates now."""
        return Snapshot(self.lake, self._counting, session.connection, days)

    def compute(
        self,
        session: Session,
        stage: Stage,
        days: Sequence[date],
        again: Recompute = NOTHING,
    ) -> StageReport:
        """Computes what is missing of a stage for these dates, and what is to be made anew.

        Raises:
            UnknownName: an item of `again` belongs to nothing on these dates.
            VidpipeError: the stage cannot go on.
        """
        snapshot = self.snapshot(session, days)
        if stage is self.raw_videos:
            items: Iterable[Item] = registered_uploads.items(session.connection, days)
        else:
            items = snapshot.inputs(stage.table).iter_rows(named=True)
        anew = self._made_anew(session, stage, snapshot, again)
        report = run_stage(
            stage,
            items,
            lake=self.lake,
            connection=session.connection,
            engine=self.engine,
            max_attempts=self.settings.max_attempts,
            run_id=session.run_id,
            progress=session.progress,
            outdated_counts=lambda item: stage.key_text(item) not in anew,
        )
        note_work(session.connection, report, session.run_id)
        return report

    def _clip_version(self, keyframes: str, ocr_text: str) -> str:
        """Version of the vectors that the model in use makes of given versions' results."""
        return digest(
            {
                "algorithm": clip_worker.ALGORITHM,
                "model": self.model.model_id,
                "keyframes": keyframes,
                "ocr_text": ocr_text,
            }
        )

    def _counting(self, table: LakeTable) -> Counting:
        """Versions of a stage that count: results of other settings do, but no vector of another
        model, because vectors of two models cannot be compared.
        """
        stage: Stage = getattr(self, table.name)
        others = self._versions_of_model if table is CLIP_EMBEDDINGS else None
        return Counting(stage.version, others)

    @cached_property
    def _versions_of_model(self) -> frozenset[str]:
        """Versions of vectors that the model in use may have made, whatever the other settings."""
        keyframes, ocr_text = self.lake.versions(KEYFRAMES), self.lake.versions(OCR_TEXT)
        return frozenset(self._clip_version(one, two) for one in keyframes for two in ocr_text)

    def _made_anew(
        self, session: Session, stage: Stage, snapshot: Snapshot, again: Recompute
    ) -> set[str]:
        """Keys of items whose results do not count; results of today's settings are withdrawn."""
        if not again and not self._refreshes:
            return set()
        keys = chosen_keys(snapshot, stage.table, again.items)
        if not again.force:
            outdated = snapshot.outdated(stage.table)
            keys = keys.join(outdated, on=stage.table.key_columns, how="semi")
        if again:
            record(session.connection, stage, keys, again, session.run_id)
        if again.force:
            withdraw(self.lake, session.connection, stage, keys, session.run_id)
        return {stage.key_text(key) for key in keys.iter_rows(named=True)}

    @property
    def _stages(self) -> tuple[Stage, ...]:
        return tuple(getattr(self, table.name) for table in TABLES)

    @property
    def _shown_stages(self) -> tuple[Stage, ...]:
        """Stages whose results are published to PostgreSQL."""
        return tuple(getattr(self, table.name) for table in ASSET_TABLES)

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
