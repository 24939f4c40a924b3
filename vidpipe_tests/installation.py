"""A small installation for tests: settings, rendered uploads, and runs through Dagster."""

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dagster import AssetKey, DagsterInstance, ExecuteInProcessResult
from deltalake import DeltaTable
from psycopg import Connection

from vidpipe.automation.in_process import materialize, step_errors
from vidpipe.automation.partitions import keep_partitions
from vidpipe.automation.pending_ingest import RANGE_END_TAG, RANGE_START_TAG
from vidpipe.automation.recompute_config import REFRESH_JOB
from vidpipe.definitions import build_defs
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.pipeline.outdated import OutdatedWork, outdated_work
from vidpipe.pipeline.stages import Pipeline, Session
from vidpipe.resources import Stores
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.stores.lake import LakeTable
from vidpipe.uploads.discovery import look_at_all_uploads
from vidpipe.uploads.registry.registration_report import RegistrationReport

LONG_AGO_S = 3600
WITHOUT_MODELS = ("raw_videos", "keyframes", "pgvector_index", "reused_footage")


@dataclass
class Installation:
    """Stores and an uploads folder of their own; runs use Dagster's ephemeral instance."""

    settings: Settings
    uploads: Path
    instance: DagsterInstance

    @classmethod
    def make(cls, settings: Settings, folder: Path, instance: DagsterInstance) -> "Installation":
        """An empty installation with the demo models; nothing is uploaded yet."""
        image, text = demo_pair()
        uploads = folder / "uploads"
        uploads.mkdir(exist_ok=True)
        own = {
            "uploads_url": str(uploads),
            "clip_image_model": str(image),
            "clip_text_model": str(text),
            "workers": 2,
        }
        return cls(settings.model_copy(update=own), uploads, instance)

    @property
    def stores(self) -> Stores:
        return Stores(self.settings)

    @property
    def pipeline(self) -> Pipeline:
        return self.stores.pipeline

    def connect(self) -> Connection[Any]:
        return connect(self.settings, autocommit=True)

    def register(self) -> RegistrationReport:
        """Looks at the uploads once; files older than a minute are complete."""
        with self.connect() as connection:
            return look_at_all_uploads(connection, self.settings)

    def pending(self) -> list[date]:
        with self.connect() as connection:
            return [one.ingest_date for one in self.pipeline.pending_dates(connection)]

    def materialize(
        self, days: Sequence[date], ops: Mapping[str, Any] | None = None
    ) -> ExecuteInProcessResult:
        """Runs the job `ingest` over the range that these dates span, its assets so configured."""
        return self._execute("ingest", days, ops)

    def refresh(self, days: Sequence[date]) -> ExecuteInProcessResult:
        """Runs the job `refresh` over the range that these dates span."""
        return self._execute(REFRESH_JOB, days)

    def find_reused_footage(
        self, days: Sequence[date], ops: Mapping[str, Any] | None = None
    ) -> ExecuteInProcessResult:
        """Runs the job `find_reused_footage` over the range that these dates span."""
        return self._execute("find_reused_footage", days, ops)

    def without_models(self) -> ExecuteInProcessResult:
        """Registers what is there and takes it to PostgreSQL without texts and vectors, which take
        seconds to load the models of; footage needs neither.
        """
        self.register()
        result = self._execute("ingest", self.pending(), assets=WITHOUT_MODELS)
        assert result.success, step_errors(result)
        return result

    def _execute(
        self,
        name: str,
        days: Sequence[date],
        ops: Mapping[str, Any] | None = None,
        assets: Sequence[str] = (),
    ) -> ExecuteInProcessResult:
        with self.connect() as connection:
            keep_partitions(self.instance, connection)
        tags = {RANGE_START_TAG: min(days).isoformat(), RANGE_END_TAG: max(days).isoformat()}
        job = build_defs(self.stores).resolve_job_def(name)
        if assets:
            job = job.get_subset(asset_selection={AssetKey(asset) for asset in assets})
        return materialize(job, self.instance, self.settings, tags=tags, ops=ops)

    def run(self) -> ExecuteInProcessResult:
        """Registers what is there and takes every pending date to PostgreSQL."""
        self.register()
        result = self.materialize(self.pending())
        assert result.success, step_errors(result)
        return result

    def under(self, **changes: Any) -> "Installation":
        """The same installation under other settings."""
        settings = self.settings.model_copy(update=changes)
        return Installation(settings, self.uploads, self.instance)

    def outdated(self) -> OutdatedWork:
        """What was made under other settings."""
        with self.connect() as connection:
            return outdated_work(self.pipeline, Session(connection))

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(statement, list(values)).fetchall()

    def last_commit(self, table: LakeTable) -> int:
        """Number of a lake table's latest commit."""
        return DeltaTable(f"{self.pipeline.lake.url}/{table.name}").version()

    def session(self, connection: Connection[Any]) -> Session:
        return Session(connection)


def demo_environment(settings: Settings, home: Path) -> dict[str, str]:
    """Variables that give a process of its own these settings' database and the demo models."""
    image, text = demo_pair()
    assert settings.database_url is not None
    return {
        "VIDPIPE_HOME": str(home),
        "VIDPIPE_DATABASE_URL": settings.database_url.get_secret_value(),
        "VIDPIPE_CLIP_IMAGE_MODEL": str(image),
        "VIDPIPE_CLIP_TEXT_MODEL": str(text),
    }


def assert_accounted(installation: Installation) -> None:
    """Files found = shown + versions + removed + failed + no video + held + side files."""
    uploads = Path(installation.settings.uploads_url or "")
    files = [path for path in uploads.rglob("*") if path.is_file()]
    rows = installation.query("select upload_id, outcome from vidpipe.upload_outcomes")
    counted = Counter(outcome for _, outcome in rows)
    assert len(rows) == len({upload_id for upload_id, _ in rows}), "no file has two outcomes"
    assert sum(counted.values()) - counted["removed"] == len(files)
    assert set(counted) <= {
        "shown",
        "version",
        "removed",
        "failed",
        "no_video",
        "held",
        "side_file",
    }
    [(shown,)] = installation.query("select count(*) from vidpipe.videos where removed_at is null")
    assert shown == counted["shown"]


def age(path: Path) -> None:
    """Makes a file look as if nobody had touched it for an hour."""
    then = time.time() - LONG_AGO_S
    os.utime(path, (then, then))


def computed(result: ExecuteInProcessResult, asset: str) -> dict[str, int]:
    """Counts of one asset over all partitions that a run materialised."""
    counts = {"seen": 0, "new": 0, "skipped": 0, "failed": 0}
    for event in result.get_asset_materialization_events():
        if event.asset_key is not None and event.asset_key.to_user_string() == asset:
            for name in counts:
                value = event.materialization.metadata[name].value
                assert isinstance(value, int)
                counts[name] += value
    return counts
