"""Calibrations that are kept: E-values follow, the check fails when recall falls, and the sensor
asks for the first one.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import exp
from pathlib import Path

import pytest
from dagster import (
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    RunRequest,
    SkipReason,
    build_sensor_context,
)
from dagster._core.test_utils import create_run_for_test

from vidpipe.automation.sensors import first_calibration_sensor, will_be_asked_for_again
from vidpipe.resources import Stores
from vidpipe.reuse.calibration.figures import Calibration, EditedCopy, EditFigures, by_edit
from vidpipe.reuse.calibration.recall import fallen
from vidpipe.reuse.calibration.store import newest, record
from vidpipe.reuse.calibration.tail import Check, Tail
from vidpipe.reuse.corpus_odds import odds_in_force
from vidpipe.reuse.first_calibration import ENOUGH_CONTENTS
from vidpipe.reuse.matches import Match, Verdict
from vidpipe.reuse.store import match_of, write_comparisons
from vidpipe.settings import Settings
from vidpipe_tests.automation.test_checks import check
from vidpipe_tests.installation import Installation
from vidpipe_tests.reuse.made_up_matches import VERSION, compared, match, stretch

TAIL = Tail(pairs=500, reached=3, share=0.004, start_nats=3.0, scale_nats=2.0)


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield Installation.make(upgraded_database_settings, tmp_path, instance)


def calibration(*edits: EditFigures) -> Calibration:
    """A made-up calibration with these figures of edits."""
    return Calibration(
        contents=10,
        corpus=20,
        tail=TAIL,
        check=Check(pairs=400, expected=1.6, observed=2, holds=True),
        sureties=(3.1, 4.0, 6.5),
        corpus_pairs=190.0,
        needed_nats=11.7,
        edits=edits,
    )


def figures(edit: str, copies: int, found: int) -> EditFigures:
    return EditFigures(edit, copies, found, found, found, 0.1 if found else None)


def calibrated(installation: Installation, *edits: EditFigures) -> int:
    with installation.connect() as connection:
        return record(connection, calibration(*edits))


def test_e_values_of_stored_matches_follow_a_calibration_and_verdicts_stay(
    installation: Installation,
) -> None:
    sure, surer = stretch((0, 4), (0, 4)), replace(stretch((5, 9), (5, 9)), surety=24.0)
    copy = match("a", "b", Verdict.NEAR_DUPLICATE, sure, surer)
    far = match("a", "c", Verdict.CLIP_OF, replace(sure, surety=5000.0))
    alike = match("b", "c", Verdict.SAME_SCENE, sure)
    one, other = sorted((copy.a, compared("d")[0].content))
    same = Match(one, other, Verdict.IDENTICAL, 1, 1, (), 0.0)
    with installation.connect() as connection:
        write_comparisons(
            connection, compared("a", "b", "c", "d"), [copy, far, alike, same], VERSION
        )
        record(connection, calibration(figures("logo", 3, 3)))
        odds = odds_in_force(connection)
        assert (odds.pairs, odds.share, odds.scale_nats) == (6.0, 0.004, 2.0)
        stored = {
            name: match_of(connection, one.a, one.b)
            for name, one in {"copy": copy, "far": far, "alike": alike, "same": same}.items()
        }
    assert all(stored.values())
    values = {name: one.e_value for name, one in stored.items() if one}
    assert values["copy"] == pytest.approx(6 * 0.004 * exp(-(24.0 - 3) / 2)), "its surest stretch"
    assert values["copy"] == pytest.approx(odds.expected(24.0))
    assert 0 <= values["far"] < 1e-300
    assert values["alike"] == pytest.approx(odds.expected(20.0))
    assert values["same"] == 0.0, "equal bytes are certain"
    assert {name: one.verdict for name, one in stored.items() if one} == {
        "copy": Verdict.NEAR_DUPLICATE,
        "far": Verdict.CLIP_OF,
        "alike": Verdict.SAME_SCENE,
        "same": Verdict.IDENTICAL,
    }


def test_the_newest_calibration_is_in_force_unless_it_is_of_another_comparison(
    installation: Installation,
) -> None:
    with installation.connect() as connection:
        usual = odds_in_force(connection, contents=5)
        record(connection, calibration())
        newest_no = record(connection, replace(calibration(), tail=replace(TAIL, share=0.5)))
        assert odds_in_force(connection).share == 0.5
        assert [one.number for one in newest(connection, 1)] == [newest_no]
        connection.execute("update vidpipe.reuse_calibrations set comparison_version = 'earlier'")
        assert odds_in_force(connection, contents=5) == usual
    in_force = "select calibration_no from vidpipe.reuse_calibrations where is_in_force"
    assert installation.query(in_force) == [(newest_no,)]


def test_copies_are_summed_up_by_edit() -> None:
    copies = [
        EditedCopy("logo", True, True, False, 0.2),
        EditedCopy("grey", True, True, True, 0.1),
        EditedCopy("logo", False, True, False, None),
        EditedCopy("logo", True, False, True, 0.4),
    ]
    grey, logo = by_edit(copies)
    assert (grey.edit, grey.recall, grey.offset_error_s) == ("grey", 1.0, 0.1)
    assert (logo.copies, logo.found, logo.proposed, logo.verdict_right) == (3, 2, 2, 1)
    assert logo.offset_error_s == pytest.approx(0.3)


def test_an_edit_falls_where_few_copies_do_not_explain_it() -> None:
    before = {"logo": figures("logo", 20, 20), "grey": figures("grey", 3, 3)}
    now = {"logo": figures("logo", 20, 14), "grey": figures("grey", 3, 2)}
    [fall] = fallen(before, now)
    assert (fall.edit, fall.before, fall.now) == ("logo", 1.0, 0.7)
    nothing_found = {"grey": figures("grey", 3, 0), "new": figures("new", 9, 0)}
    assert [one.edit for one in fallen(before, nothing_found)] == ["grey"]
    assert fallen(now, before) == [], "a rise is no fall"
    assert fallen({"logo": figures("logo", 200, 200)}, {"logo": figures("logo", 200, 171)}) == []


def test_the_check_fails_when_recall_of_an_edit_falls_and_names_it(
    installation: Installation,
) -> None:
    def judged() -> tuple[bool, dict[str, object]]:
        whole = check(installation, "reuse_calibration", "reuse_recall_holds").whole
        return whole.passed, {name: value.value for name, value in whole.metadata.items()}

    assert judged() == (True, {"calibrations": 0})
    calibrated(installation, figures("logo", 10, 10), figures("grey", 10, 10))
    assert judged()[0]
    calibrated(installation, figures("logo", 10, 5), figures("grey", 10, 10))
    passed, metadata = judged()
    assert not passed
    assert metadata["logo"] == "was 1.00, is 0.50"
    assert "grey" not in metadata
    calibrated(installation, figures("logo", 10, 5), figures("grey", 10, 8))
    passed, metadata = judged()
    assert (passed, metadata["fallen"]) == (False, 0), "65 % of all copies are too few"
    calibrated(installation, figures("logo", 10, 9), figures("grey", 10, 9))
    assert judged()[0]


def ask(installation: Installation) -> RunRequest | SkipReason:
    context = build_sensor_context(installation.instance, resources={"stores": installation.stores})
    found = first_calibration_sensor(context)
    assert isinstance(found, RunRequest | SkipReason)
    return found


def end(installation: Installation, request: RunRequest, status: DagsterRunStatus) -> DagsterRun:
    run: DagsterRun = create_run_for_test(
        installation.instance, "calibrate_reused_footage", tags=request.tags, status=status
    )
    return run


def test_the_first_calibration_is_asked_for_when_enough_is_compared(
    installation: Installation,
) -> None:
    skipped = ask(installation)
    assert isinstance(skipped, SkipReason)
    assert skipped.skip_message == f"0 contents are compared: {ENOUGH_CONTENTS} are calibrated on"
    with installation.connect() as connection:
        names = [str(number) for number in range(ENOUGH_CONTENTS)]
        write_comparisons(connection, compared(*names), [], VERSION)
    first = ask(installation)
    assert isinstance(first, RunRequest)
    failed = end(installation, first, DagsterRunStatus.FAILURE)
    stores = Stores(installation.settings)
    assert will_be_asked_for_again(installation.instance, stores, failed)
    again = ask(installation)
    assert isinstance(again, RunRequest)
    assert again.run_key != first.run_key
    end(installation, again, DagsterRunStatus.SUCCESS)
    given_up = ask(installation)
    assert isinstance(given_up, SkipReason), "it found too few that can be edited"
    assert str(given_up.skip_message).startswith("2 runs have left nothing calibrated")
    calibrated(installation)
    done = ask(installation)
    assert isinstance(done, SkipReason)
    assert done.skip_message == "reused footage is calibrated"
