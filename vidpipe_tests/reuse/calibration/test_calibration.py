"""A calibration of a small installation, end to end: sample, edits, chance, E-values that follow."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from dagster import DagsterInstance

from vidpipe.errors import TooFewContents
from vidpipe.pipeline.stages import Session
from vidpipe.reuse.calibration.planning import Effort
from vidpipe.reuse.calibration.run import calibrate
from vidpipe.reuse.corpus_odds import odds_in_force
from vidpipe.settings import Settings
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.reuse.moving_clips import moving_clip

DAY = date(2025, 3, 3)
FEW = Effort(copies=6, edits=("mirror", "logo", "square"))


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Six clips, of which one has lost its upload, and one was replaced, since they were compared."""
    with DagsterInstance.ephemeral() as instance:
        made = Installation.make(module_database_settings, tmp_path_factory.mktemp("in"), instance)
        made = made.under(workers=1, keyframes_per_video=3)
        for seed in range(7):
            path = moving_clip(made.uploads / f"{DAY}/{seed}.mp4", seed=seed, seconds=5)
            sidecar = path.with_suffix(".json")
            sidecar.write_text(json.dumps({"id": str(seed), "platform": "tube"}))
            age(path)
            age(sidecar)
        made.run()
        (made.uploads / f"{DAY}/0.mp4").unlink()
        moving_clip(made.uploads / f"{DAY}/1.mp4", seed=99, seconds=5)
        yield made


def test_x(installation: Installation) -> None:
    with installation.connect() as connection:
        found = calibrate(installation.pipeline, Session(connection), FEW)
        print(found)
        print(odds_in_force(connection))
    print(installation.query("select * from vidpipe.reuse_calibration_edits"))
    assert 0
