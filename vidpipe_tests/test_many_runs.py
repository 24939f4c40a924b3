"""Many runs on Dagster as it is deployed: none is called dead that lives, none is run twice.

The services are processes of their own, sensors tick every second, and uploads arrive all the time.
Then everything is killed at random: whatever happened, each run ends with a true status, each date
is done, and nobody is alarmed without need or twice.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from vidpipe.automation.pending_ingest import RANGE_END_TAG, RANGE_START_TAG
from vidpipe.pipeline.stages import Pipeline
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.lake import TABLES, Lake
from vidpipe_tests.alert_receiver import alert_receiver
from vidpipe_tests.dagster_services import DagsterServices, wait_for
from vidpipe_tests.installation import age
from vidpipe_tests.short_videos import write_short_videos

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]

FIRST = date(2025, 3, 3)
DATES = 12
STAGES = ["raw_videos", "keyframes", "ocr_text", "clip_embeddings", "pgvector_index"]
# Longer than a lost process stays unnoticed, a retry takes to begin, and a date to be asked for.
QUIET_S = 20.0
DONE_WITHIN_S = 1800


@dataclass
class Uploads:
    """A folder that clips arrive in; each has bytes of its own."""

    folder: Path
    clips: list[Path]
    number: int = 0

    def receive(self, day: date) -> None:
        self.number += 1
        target = self.folder / day.isoformat() / "a" / f"clip {self.number}.mp4"
        target.parent.mkdir(parents=True, exist_ok=True)
        clip = self.clips[self.number % len(self.clips)]
        target.write_bytes(clip.read_bytes() + b"\0" * self.number)
        age(target)


@dataclass
class World:
    """The services, their uploads, and what is asked of their databases."""

    services: DagsterServices
    uploads: Uploads

    @property
    def settings(self) -> Settings:
        variables = self.services.environment
        return load_settings(
            home=self.services.home,
            database_url=variables["VIDPIPE_DATABASE_URL"],
            clip_image_model=variables["VIDPIPE_CLIP_IMAGE_MODEL"],
            clip_text_model=variables["VIDPIPE_CLIP_TEXT_MODEL"],
        )

    def runs(self) -> list[tuple[Any, ...]]:
        """Id, status, job, parent, batch of each run."""
        return self._dagster(
            "select r.run_id, r.status, r.pipeline_name, p.value, b.value"
            " from runs as r"
            " left join run_tags as p on p.run_id = r.run_id and p.key = 'dagster/parent_run_id'"
            " left join run_tags as b on b.run_id = r.run_id and b.key = '.dagster/vidpipe_batch'"
            " order by r.id"
        )

    def ends(self, run_id: str) -> list[str]:
        """Types of the events that ended a run."""
        rows = self._dagster(
            "select dagster_event_type from event_logs where run_id = %s and dagster_event_type in"
            " ('PIPELINE_FAILURE', 'PIPELINE_SUCCESS', 'PIPELINE_CANCELED') order by id",
            run_id,
        )
        return [kind for (kind,) in rows]

    def pending(self) -> list[date]:
        pipeline = Pipeline.from_settings(self.settings)
        assert self.settings.database_url is not None
        with psycopg.connect(
            self.settings.database_url.get_secret_value(), autocommit=True
        ) as connection:
            return [one.ingest_date for one in pipeline.pending_dates(connection)]

    def published(self) -> int:
        assert self.settings.database_url is not None
        with psycopg.connect(self.settings.database_url.get_secret_value()) as connection:
            [(videos,)] = connection.execute("select count(*) from vidpipe.videos").fetchall()
        return int(videos)

    def is_something_running(self) -> bool:
        self.services.restart_ended()
        return any(status == "STARTED" for _, status, *_ in self.runs())

    def is_quiet(self) -> bool:
        """Whether every upload is published and no run is unfinished."""
        ended = {"SUCCESS", "FAILURE", "CANCELED"}
        return (
            all(status in ended for _, status, *_ in self.runs())
            and self.published() == self.uploads.number
            and not self.pending()
            and self._dagster("select 1 from bulk_actions where status = 'REQUESTED'") == []
        )

    def wait_until_quiet(self) -> None:
        """Waits until there is nothing to do, and stays so for a while."""
        quiet_since: list[float] = []

        def stays_quiet() -> bool:
            self.services.restart_ended()
            if not self.is_quiet():
                quiet_since.clear()
                return False
            quiet_since.append(time.monotonic())
            return quiet_since[-1] - quiet_since[0] > QUIET_S

        try:
            wait_for(stays_quiet, DONE_WITHIN_S, every_s=2)
        except TimeoutError as error:
            raise AssertionError(f"{self.runs()}\n{self.pending()}") from error

    def rows_are_unique(self) -> bool:
        """Whether no key of the lake was computed twice."""
        lake = Lake(str(self.services.home / "lake"))
        return all(
            lake.scan(table).select([*table.key, "stage_version"]).collect().is_unique().all()
            for table in TABLES
        )

    def _dagster(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.services.database_url + "_dagster") as connection:
            return connection.execute(statement, list(values)).fetchall()


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("clips") / "uploads"
    return [one.path for one in write_short_videos(folder, 4)]


@contextmanager
def world(folder: Path, clips: list[Path], *, alert_url: str, elsewhere: bool) -> Iterator[World]:
    services = DagsterServices(folder / "world", alert_url)
    try:
        services.start_all(elsewhere=elsewhere)
        yield World(services, Uploads(services.uploads, clips))
    finally:
        services.stop_all()


def day(number: int) -> date:
    return FIRST + timedelta(days=number % DATES)


def test_forty_runs_of_people_beside_the_sensors_are_neither_called_dead_nor_run_twice(
    tmp_path: Path, clips: list[Path]
) -> None:
    chance = random.Random(5)
    with (
        alert_receiver() as receiver,
        world(tmp_path, clips, alert_url=receiver.url, elsewhere=True) as made,
    ):
        services, uploads = made.services, made.uploads
        for number in range(DATES):
            uploads.receive(day(number))
        wait_for(lambda: len(made.runs()) > 0, 120)
        asked = 0
        for number in range(30):
            asked += launch_as_people_do(services, number, chance)
            if number % 5 == 4:
                uploads.receive(day(chance.randrange(DATES)))
            time.sleep(chance.uniform(0, 2))
        for number in range(10):
            services.launch(
                "__ASSET_JOB",
                {"dagster/partition": day(number).isoformat()},
                assets=STAGES[: 1 + number % 5],
                at="elsewhere",
            )
        made.wait_until_quiet()
        runs = made.runs()
        ends = {run_id: made.ends(run_id) for run_id, *_ in runs}
        wrongly_dead = [run_id for run_id, kinds in ends.items() if kinds != ["PIPELINE_SUCCESS"]]
        batches = Counter(batch for *_, batch in runs if batch is not None)
        twice = [batch for batch, count in batches.items() if count > 1]
        retried = [run_id for run_id, _, _, parent, _ in runs if parent is not None]
        print(
            f"\n{len(runs)} runs ({asked} launched by people, 10 in another PID namespace,"
            f" {sum(batches.values())} by the sensor): {len(wrongly_dead)} marked dead wrongly,"
            f" {len(twice)} batches run twice, {len(retried)} runs retried,"
            f" {len(receiver.alerts)} alerts"
        )
        assert (wrongly_dead, twice, retried, receiver.alerts) == ([], [], [], [])
        assert made.rows_are_unique()


def launch_as_people_do(services: DagsterServices, number: int, chance: random.Random) -> int:
    """A single asset, a range, a backfill or a job, in turn; returns how many runs it makes."""
    first = chance.randrange(DATES - 3)
    one = {"dagster/partition": day(first).isoformat()}
    several = {RANGE_START_TAG: day(first).isoformat(), RANGE_END_TAG: day(first + 3).isoformat()}
    if number % 4 == 0:
        services.launch("__ASSET_JOB", one, assets=[STAGES[number // 4 % 5]])
    elif number % 4 == 1:
        services.launch("__ASSET_JOB", several, assets=STAGES[: 1 + number // 4 % 5])
    elif number % 4 == 2:
        services.backfill(STAGES, [day(first + n).isoformat() for n in range(3)])
    else:
        services.launch("ingest", one)
    return 1


@pytest.mark.parametrize("seed", [11])
def test_thirty_kills_leave_no_run_started_no_date_undone_and_nobody_alarmed(
    tmp_path: Path, clips: list[Path], seed: int
) -> None:
    chance = random.Random(seed)
    victims = ["run", "worker", "daemon", "code", "database"]
    killed: Counter[str] = Counter()
    with (
        alert_receiver() as receiver,
        world(tmp_path, clips, alert_url=receiver.url, elsewhere=False) as made,
    ):
        while sum(killed.values()) < 30:
            made.uploads.receive(day(chance.randrange(DATES)))
            wait_for(made.is_something_running, 300)
            time.sleep(chance.uniform(0, 8))
            victim = chance.choice(victims)
            killed[victim] += kill(made.services, victim, chance)
            print(f"{time.strftime('%X')} {sum(killed.values())}: {victim}", flush=True)
            made.services.restart_ended()
        made.wait_until_quiet()
        runs = made.runs()
        retried = {parent for *_, parent, _ in runs}
        told = [alert["details"][0]["run_id"] for alert in receiver.alerts]
        statuses = {run_id: status for run_id, status, *_ in runs}
        false = [run_id for run_id in told if statuses[run_id] != "FAILURE" or run_id in retried]
        print(
            f"\n{dict(killed)} killed; {len(runs)} runs: {dict(Counter(statuses.values()))};"
            f" {len(made.pending())} dates undone; {len(told)} alerts, {len(false)} false,"
            f" {len(told) - len(set(told))} doubled"
        )
        flipped = {run_id: kinds for run_id in statuses if len(kinds := made.ends(run_id)) != 1}
        assert flipped == {}
        assert set(statuses.values()) <= {"SUCCESS", "FAILURE"}
        assert false == []
        assert len(told) == len(set(told))
        assert made.rows_are_unique()


def kill(services: DagsterServices, victim: str, chance: random.Random) -> bool:
    """Kills something; False when there was nothing of that kind."""
    if victim == "database":
        services.kill_database()
    elif victim in ("run", "worker"):
        found = services.run_processes() if victim == "run" else services.workers()
        if not found:
            return False
        chance.choice(found).kill()
    else:
        services.kill(victim)
        time.sleep(chance.uniform(0, 3))
        services.restart_ended()
    return True
