"""A calibration of a small installation, end to end: its sample, edits, chance, what is printed."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from dagster import DagsterInstance
from PIL import Image

from vidpipe.assets.reuse_calibration import shown_of
from vidpipe.automation.in_process import materialize, step_errors
from vidpipe.cli.calibrate import print_calibration
from vidpipe.definitions import build_defs
from vidpipe.pipeline.stages import Session
from vidpipe.reuse.calibration.curve import curve
from vidpipe.reuse.calibration.figures import Calibration
from vidpipe.reuse.calibration.planning import FEWEST_CONTENTS, Effort
from vidpipe.reuse.calibration.run import calibrate
from vidpipe.reuse.corpus_odds import odds_in_force
from vidpipe.settings import Settings
from vidpipe_tests.cli.command_line import CommandLine
from vidpipe_tests.installation import Installation, age, demo_environment
from vidpipe_tests.reuse.moving_clips import moving_clip

DAY = date(2025, 3, 3)
CLIPS = 7
FEW = Effort(copies=4, edits=("mirror", "spliced", "caption", "logo"))
"""Five pieces are too few for a compilation, which shows five others."""


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Seven clips; since they were compared, one lost its upload and one was replaced."""
    with DagsterInstance.ephemeral() as instance:
        made = Installation.make(module_database_settings, tmp_path_factory.mktemp("in"), instance)
        made = made.under(workers=1, keyframes_per_video=3)
        for seed in range(CLIPS):
            path = moving_clip(made.uploads / f"{DAY}/{seed}.mp4", seed=seed, seconds=5)
            sidecar = path.with_suffix(".json")
            sidecar.write_text(json.dumps({"id": str(seed), "platform": "tube"}))
            age(path)
            age(sidecar)
        made.without_models()
        (made.uploads / f"{DAY}/0.mp4").unlink()
        moving_clip(made.uploads / f"{DAY}/1.mp4", seed=99, seconds=5)
        yield made


@pytest.fixture(scope="module")
def found(installation: Installation) -> Calibration:
    with installation.connect() as connection:
        return calibrate(installation.pipeline, Session(connection, "run 1"), FEW)


def test_edited_copies_of_the_sample_are_found_again(found: Calibration) -> None:
    assert [(one.edit, one.copies, one.found) for one in found.edits] == [
        ("caption", 1, 1),
        ("logo", 1, 1),
        ("mirror", 1, 1),
    ]
    for one in found.edits:
        assert (one.proposed, one.verdict_right) == (1, 1)
        assert one.offset_error_s is not None
        assert one.offset_error_s < 0.3
    assert found.recall == 1


def test_contents_that_are_gone_or_were_replaced_are_left_out_with_a_sentence(
    found: Calibration,
) -> None:
    assert (found.contents, found.corpus) == (CLIPS - 2, CLIPS)
    gone, replaced = sorted(found.left_out)
    assert gone.startswith(f"{DAY}/0.mp4 cannot be opened")
    assert replaced == f"{DAY}/1.mp4 was replaced since it was compared"


def test_unrelated_pairs_are_compared_in_two_halves_and_put_the_odds_in_force(
    installation: Installation, found: Calibration
) -> None:
    assert found.tail.pairs > 0
    assert found.check.pairs > 0
    assert found.unknown_copies == ()
    assert found.corpus_pairs == CLIPS * (CLIPS - 1) / 2
    with installation.connect() as connection:
        assert odds_in_force(connection) == found.tail.odds(found.corpus_pairs)
        assert odds_in_force(connection, 2).pairs == 1
    [(contents, copies, run)] = installation.query(
        "select contents, copies, dagster_run_id from vidpipe.reuse_calibrations where is_in_force"
    )
    assert (contents, copies, run) == (CLIPS - 2, 3, "run 1")
    with Image.open(io.BytesIO(curve(found))) as picture:
        assert picture.size == (760, 420)


def test_what_was_found_is_printed_edit_by_edit(
    found: Calibration, capsys: pytest.CaptureFixture[str]
) -> None:
    print_calibration(replace(found, unknown_copies=(("a" * 64, "b" * 64),)))
    text = capsys.readouterr().out
    assert "100% of 3 copies of 5 contents found" in text
    assert f"a match among 7 contents needs {found.needed_nats:.1f} nats to be a copy" in text
    assert (
        "! contents aaaaaaaaaaaa and bbbbbbbbbbbb are taken for copies, and were no match" in text
    )
    assert f"! left out: {DAY}/1.mp4 was replaced since it was compared" in text


def test_the_command_calibrates_and_prints_one_document(
    installation: Installation, found: Calibration, tmp_path: Path
) -> None:
    command = CommandLine(
        tmp_path, demo_environment(installation.settings, installation.settings.home)
    )
    document = command.document(
        "calibrate", "--copies", "1", "--uploads", str(installation.uploads), VIDPIPE_WORKERS="1"
    )
    assert (document["contents"], document["copies"]) == (found.contents, 1)
    [one] = document["edits"]
    assert one["copies"] == 1
    assert installation.query(
        "select calibration_no, copies, is_in_force from vidpipe.reuse_calibrations order by 1"
    ) == [(1, 3, False), (2, 1, True)]


def test_the_ui_shows_recall_by_edit_and_the_tail_in_a_picture(found: Calibration) -> None:
    shown = shown_of(found)
    assert "| mirror | 1 | 1.000 | 1 | 1 |" in shown["recall_by_edit"].value.replace("&#95;", "_")
    assert shown["chance"].value.startswith("![how sure unrelated pairs are](data:image/jpeg;")
    assert shown["recall"] == 1
    assert shown["other_half"].startswith(f"{found.check.observed} of {found.check.pairs} pairs")


def test_a_run_with_too_few_contents_succeeds_and_says_that_nothing_was_calibrated(
    installation: Installation, tmp_path: Path
) -> None:
    before = installation.query("select count(*) from vidpipe.reuse_calibrations")
    elsewhere = installation.under(uploads_url=str(tmp_path))
    job = build_defs(elsewhere.stores).resolve_job_def("calibrate_reused_footage")
    result = materialize(job, installation.instance, elsewhere.settings)
    assert result.success, step_errors(result)
    [event] = result.get_asset_materialization_events()
    shown = {name: value.value for name, value in event.materialization.metadata.items()}
    assert shown["calibrated"] is False
    assert str(shown["why_not"]).startswith("0 contents can be edited, of 7 that were compared")
    [judged] = result.get_asset_check_evaluations()
    assert judged.check_name == "reuse_recall_holds"
    assert installation.query("select count(*) from vidpipe.reuse_calibrations") == before


def test_fewer_than_five_contents_calibrate_nothing_and_the_command_says_so(
    installation: Installation, found: Calibration, tmp_path: Path
) -> None:
    assert found.contents >= FEWEST_CONTENTS
    before = installation.query("select * from vidpipe.reuse_calibrations")
    (tmp_path / "uploads").mkdir()
    home = installation.settings.home
    command = CommandLine(tmp_path, demo_environment(installation.settings, home))
    ended = command("calibrate", "--uploads", str(tmp_path / "uploads"), VIDPIPE_WORKERS="1")
    assert (ended.returncode, ended.stdout) == (1, "")
    said = ended.stderr.splitlines()[-1]
    assert said.startswith(
        "Error: 0 contents can be edited, of 7 that were compared, and a calibration"
    )
    assert "nothing was calibrated, and the odds stay as they were" in said
    assert installation.query("select * from vidpipe.reuse_calibrations") == before
