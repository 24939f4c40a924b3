"""Reused footage from uploads to people: what Dagster shows, what stands in PostgreSQL, and what
`vidpipe copies`, `vidpipe why` and `vidpipe watch` say. One ingest serves all; forgetting is last.
"""

import io
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dagster import DagsterInstance
from PIL import Image

from vidpipe.reuse.editing.catalogue import draw
from vidpipe.reuse.editing.copying import write_copy
from vidpipe.reuse.version import comparison_version
from vidpipe.settings import Settings
from vidpipe_tests.assets.ingested import Ingested
from vidpipe_tests.automation.test_checks import check, failing_dates
from vidpipe_tests.cli.command_line import call
from vidpipe_tests.clips import still_clip
from vidpipe_tests.installation import Installation, age
from vidpipe_tests.reuse.moving_clips import moving_clip

FIRST, SECOND = date(2025, 3, 3), date(2025, 3, 4)
SOURCE, OTHER, REPOST, EDITED = "tube:1", "tube:2", "gram:3", "gram:4"
TRIM_SEED = 5


def upload(path: Path, video_id: str, account: str, posted_at: str) -> None:
    """Puts metadata beside a file, and makes both look complete."""
    platform, _, number = video_id.partition(":")
    sidecar = path.with_suffix(".json")
    told = {"id": number, "platform": platform, "account": account, "posted_at": posted_at}
    sidecar.write_text(json.dumps(told))
    age(path)
    age(sidecar)


@pytest.fixture(scope="module")
def ingested(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ingested]:
    """Two clips; a day later the bytes of the first again, and a mirrored copy of it."""
    with DagsterInstance.ephemeral() as instance:
        settings = module_database_settings
        made = Installation.make(settings, tmp_path_factory.mktemp("in"), instance)
        source = moving_clip(made.uploads / f"{FIRST}/one.mp4", seed=1)
        upload(source, SOURCE, "anna", "2025-03-03T10:00:00Z")
        other = moving_clip(made.uploads / f"{FIRST}/two.mp4", seed=2)
        upload(other, OTHER, "anna", "2025-03-03T11:00:00Z")
        folder = made.uploads / str(SECOND)
        folder.mkdir()
        shutil.copyfile(source, folder / "three.mp4")
        upload(folder / "three.mp4", REPOST, "boris", "2025-03-03T10:04:00Z")
        write_copy(source, folder / "four.mp4", draw("mirror", np.random.default_rng(3)))
        upload(folder / "four.mp4", EDITED, "cleo", "2025-03-04T10:00:00Z")
        yield Ingested(made, made.without_models())


@pytest.fixture
def installation(ingested: Ingested) -> Installation:
    return ingested.installation


@pytest.fixture(scope="module")
def trimmed(ingested: Ingested, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half of the first clip, in a file that nobody uploads."""
    copy = tmp_path_factory.mktemp("outside") / "half.mp4"
    source = ingested.installation.uploads / f"{FIRST}/one.mp4"
    write_copy(source, copy, draw("trim_50", np.random.default_rng(TRIM_SEED)))
    return copy


def document(installation: Installation, *arguments: str) -> Any:
    called = call(installation.settings, *arguments, "--json")
    assert called.exit_code == 0, called.output
    return json.loads(called.stdout)


def said(installation: Installation, *arguments: str) -> str:
    called = call(installation.settings, *arguments)
    assert called.exit_code == 0, called.output
    return called.stdout


def compared_numbers(installation: Installation) -> dict[str, int]:
    return dict(
        installation.query("select content_sha256, compared_no from vidpipe.footage_contents")
    )


def test_a_date_shows_what_was_compared_and_its_new_copies_in_a_picture(ingested: Ingested) -> None:
    shown = ingested.shown("reused_footage")
    assert shown[FIRST]["contents"] == {"compared": 2}
    assert shown[FIRST]["dagster/partition_row_count"] == 2
    assert shown[FIRST]["new_copies"] == 0
    assert "new_matches" not in shown[FIRST]
    assert shown[SECOND]["contents"] == {"compared": 1}, "the repost's bytes are the first's"
    assert shown[SECOND]["compared_now"] == 1
    assert shown[SECOND]["matches"] == {"near_duplicate": 1}
    assert shown[SECOND]["new_copies"] == 1
    assert shown[SECOND]["new_matches"].startswith("![new copies of 2025-03-04")
    assert shown[SECOND]["comparison_version"] == comparison_version()
    assert all(column.description for column in shown[SECOND]["dagster/column_schema"].columns)


def test_copies_and_reposts_stand_in_the_database_as_pairs_of_posts(
    installation: Installation,
) -> None:
    pairs = installation.query(
        "select video_id, copy_video_id, verdict, is_mirrored from vidpipe.video_copies"
        " order by 1, 2"
    )
    assert pairs == [
        (REPOST, EDITED, "near_duplicate", True),
        (SOURCE, REPOST, "identical", False),
        (SOURCE, EDITED, "near_duplicate", True),
    ]


def test_the_copies_of_a_post_are_told_with_lag_verdict_and_who_was_first(
    installation: Installation,
) -> None:
    found = document(installation, "copies", SOURCE)
    assert [row["video_id"] for row in found["copies"]] == [REPOST, EDITED]
    assert [row["lag_s"] for row in found["copies"]] == [240.0, 86400.0]
    assert [row["verdict"] for row in found["copies"]] == ["identical", "near_duplicate"]
    assert [one["first_video_id"] for one in found["clusters"]] == [SOURCE]
    text = said(installation, "copies", SOURCE)
    assert "4 min later  boris  gram:3" in text
    assert "is the same footage, edited: mirrored" in text
    assert "3 posts by 3 accounts; the first that is known here: anna, tube:1" in text
    fewer = document(installation, "copies", SOURCE, "-k", "1")
    assert [row["video_id"] for row in fewer["copies"]] == [REPOST]
    assert "no post shows its footage" in said(installation, "copies", OTHER)


def test_a_file_from_outside_is_compared_and_nothing_of_it_is_kept(
    installation: Installation, trimmed: Path
) -> None:
    before = compared_numbers(installation)
    found = document(installation, "copies", str(trimmed))
    assert found["outcome"] == "compared"
    assert {row["video_id"]: row["verdict"] for row in found["copies"]} == {
        SOURCE: "clip_of",
        REPOST: "clip_of",
        EDITED: "clip_of",
    }
    assert found["copies"][0]["copy_coverage"] == pytest.approx(0.5, abs=0.1)
    assert [one["first_video_id"] for one in found["clusters"]] == [SOURCE]
    assert "shows all of it, and more" in said(installation, "copies", str(trimmed))
    assert document(installation, "copies", str(trimmed), "--least-coverage", "1.0") is not None
    assert compared_numbers(installation) == before


def test_files_that_are_no_video_and_unknown_names_end_with_a_sentence(
    installation: Installation, tmp_path: Path
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("this is no video")
    for arguments in (("copies", str(text)), ("why", str(text), SOURCE)):
        called = call(installation.settings, *arguments)
        assert called.exit_code == 1
        assert called.stderr.startswith("Error: text.mp4 "), called.stderr
    unknown = call(installation.settings, "copies", "tube:none")
    assert unknown.stderr == "Error: tube:none is neither a video (platform:id) nor a file\n"
    still = still_clip(tmp_path / "still.mp4", seconds=3)
    assert "! static: nothing moves in it" in said(installation, "copies", str(still))


def test_why_tells_every_gate_of_a_copy_and_shows_both_side_by_side(
    installation: Installation, tmp_path: Path
) -> None:
    picture = tmp_path / "why.jpg"
    found = document(installation, "why", SOURCE, EDITED, "--picture", str(picture))
    assert found["match"]["verdict"] == found["stored"]["verdict"] == "near_duplicate"
    [accepted] = [one for one in found["stretches"] if one["is_accepted"]]
    assert accepted["stretch"]["is_mirrored"]
    assert all(gate["lets_through"] for gate in accepted["gates"])
    with Image.open(io.BytesIO(picture.read_bytes())) as sheet:
        colours = np.asarray(sheet.convert("RGB")).astype(int)
    assert np.abs(colours[..., 0] - colours[..., 2]).mean() > 10, "frames of the files, in colour"
    text = said(installation, "why", SOURCE, EDITED)
    assert "passed: correlation of what moves" in text
    assert "database: stands there as near_duplicate, with an E-value of" in text


def test_why_tells_what_an_unrelated_pair_lacks(installation: Installation, trimmed: Path) -> None:
    text = said(installation, "why", SOURCE, OTHER)
    assert "verdict: none. Nothing says that the two have to do with each other." in text
    assert "database: both were compared, and no match of the two stands there." in text
    outside = said(installation, "why", str(trimmed), SOURCE)
    assert "verdict: clip_of. B shows all of it, and more." in outside
    assert "same bytes; there is nothing to compare" in said(installation, "why", SOURCE, REPOST)


def test_where_uploads_are_gone_why_shows_the_pictures_of_the_print(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "uploads").mkdir()
    elsewhere = installation.under(uploads_url=str(tmp_path / "uploads"))
    picture = tmp_path / "why.jpg"
    said(elsewhere, "why", SOURCE, EDITED, "--picture", str(picture))
    with Image.open(io.BytesIO(picture.read_bytes())) as sheet:
        colours = np.asarray(sheet.convert("RGB")).astype(int)
    assert np.abs(colours[..., 0] - colours[..., 2]).mean() < 10, "grey"


def test_a_date_that_is_run_again_compares_nothing_and_says_so(installation: Installation) -> None:
    before = compared_numbers(installation)
    again = Ingested(installation, installation.find_reused_footage([FIRST, SECOND]))
    assert again.run.success
    for metadata in again.shown("reused_footage").values():
        assert metadata["compared_now"] == metadata["pairs_compared"] == metadata["new_copies"] == 0
    assert compared_numbers(installation) == before


def test_force_compares_a_date_again_and_finds_the_same(installation: Installation) -> None:
    before = compared_numbers(installation)
    forced = Ingested(
        installation,
        installation.find_reused_footage([SECOND], {"reused_footage": {"force": True}}),
    )
    shown = forced.shown("reused_footage")[SECOND]
    assert (shown["compared_now"], shown["new_copies"]) == (2, 0), "the copy is none that is new"
    after = compared_numbers(installation)
    assert sum(after[content] != number for content, number in before.items()) == 2


def test_dates_of_before_are_compared_when_somebody_asks_for_them(
    installation: Installation,
) -> None:
    """As after an upgrade from a vidpipe that compared no footage."""
    with installation.connect() as connection:
        connection.execute("delete from vidpipe.footage_contents")
    missing = check(installation, "reused_footage", "every_content_was_compared")
    assert failing_dates(missing) == [str(FIRST), str(SECOND)]
    assert "not compared" in said(installation, "copies", SOURCE)
    shown = Ingested(installation, installation.find_reused_footage([FIRST, SECOND])).shown(
        "reused_footage"
    )
    assert [shown[day]["compared_now"] for day in (FIRST, SECOND)] == [2, 1]
    assert check(installation, "reused_footage", "every_content_was_compared").passed
    assert [row["video_id"] for row in document(installation, "copies", SOURCE)["copies"]] == [
        REPOST,
        EDITED,
    ]


def test_a_copy_that_chance_alone_would_make_is_named(installation: Installation) -> None:
    assert check(installation, "reused_footage", "no_copy_is_doubtful").passed
    with installation.connect() as connection:
        connection.execute("update vidpipe.footage_matches set e_value = 3")
        doubtful = check(installation, "reused_footage", "no_copy_is_doubtful")
        connection.execute("update vidpipe.footage_matches set e_value = 0")
    assert failing_dates(doubtful) == [str(FIRST), str(SECOND)]


def test_contents_without_a_print_are_counted_against_the_limit(installation: Installation) -> None:
    assert check(installation, "reused_footage", "no_print_share_is_low").passed
    with installation.connect() as connection:
        connection.execute(
            "update vidpipe.footage_contents as c set outcome = 'no_print', reason = 'tried'"
            " from vidpipe.videos as v where v.video_id = %s"
            " and v.content_sha256 = c.content_sha256",
            [EDITED],
        )
        found = check(installation, "reused_footage", "no_print_share_is_low")
        connection.execute(
            "update vidpipe.footage_contents set outcome = 'compared', reason = null"
        )
    assert failing_dates(found) == [str(SECOND)]


def test_watched_footage_that_comes_back_is_a_hit(installation: Installation) -> None:
    assert "are told of" in said(installation, "watch", "save", "discs", SOURCE, "--note", "ours")
    [watched] = document(installation, "watch", "list")
    assert (watched["name"], watched["hits"], watched["note"]) == ("discs", 0, "ours")
    with installation.connect() as connection:
        connection.execute("update vidpipe.watched_footage set watched_since = '2025-01-01'")
    shown = Ingested(installation, installation.find_reused_footage([FIRST, SECOND])).shown(
        "reused_footage"
    )
    assert [shown[day]["watch_hits"] for day in (FIRST, SECOND)] == [1, 2]
    assert document(installation, "watch", "list")[0]["hits"] == 3
    assert said(installation, "watch", "list").split()[:2] == ["name", "post"]
    again = Ingested(installation, installation.find_reused_footage([SECOND]))
    assert again.shown("reused_footage")[SECOND]["watch_hits"] == 0, "each post is told of once"
    said(installation, "watch", "remove", "discs")
    assert document(installation, "watch", "list") == []


def test_what_is_forgotten_is_no_copy_of_anything_any_more(installation: Installation) -> None:
    erased = call(installation.settings, "forget", EDITED, "--yes")
    assert erased.exit_code == 0, erased.output
    shown = [row["video_id"] for row in document(installation, "copies", SOURCE)["copies"]]
    assert EDITED not in shown
    assert call(installation.settings, "copies", EDITED).exit_code == 1
    assert len(compared_numbers(installation)) == 2
