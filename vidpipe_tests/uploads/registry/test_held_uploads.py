"""Uploads that are held: they must not be read, and stop nobody else."""

from datetime import date
from pathlib import Path

from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.registry.registered_uploads import held_uploads
from vidpipe.uploads.registry.registering import register
from vidpipe_tests.uploads.registry.world import World


def test_a_future_folder_is_held_until_its_day_and_stops_nobody_else(world: World) -> None:
    world.put("2026-11-11/a/tomorrow.mp4")
    world.put("2026-11-02/a/one.mp4")
    report = world.look()
    assert (report.new, report.held) == (1, 1)
    held = held_uploads(world.connection)
    assert held["upload_id"].to_list() == ["2026-11-11/a/tomorrow.mp4"]
    assert "is in the future" in held["sentence"][0]
    report = world.look(days=1)
    assert (report.new, report.held) == (1, 0)
    assert world.ids(date(2026, 11, 11)) == ["2026-11-11/a/tomorrow.mp4"]


def test_folders_before_the_start_date_and_impossible_days_are_held(world: World) -> None:
    world.put("2019-12-31/a/old.mp4")
    world.put("2026-02-31/a/never.mp4")
    world.put("2020-01-01/a/first.mp4")
    report = world.look()
    assert (report.new, report.held) == (1, 2)
    sentences = " ".join(held_uploads(world.connection)["sentence"])
    assert "VIDPIPE_START_DATE" in sentences
    assert "there is no such day" in sentences
    earlier = world.settings.model_copy(update={"start_date": date(2019, 1, 1)})
    listing = list_uploads(str(world.root))
    assert register(world.connection, listing, now=world.now, settings=earlier).new == 1


def test_a_link_out_of_the_folder_is_held_with_a_reason(world: World, tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_text("secret")
    (world.root / "2026-11-02").mkdir()
    (world.root / "2026-11-02/link.mp4").symlink_to(secret)
    report = world.look()
    assert (report.new, report.held) == (0, 1)
    assert "leaves the uploads folder" in held_uploads(world.connection)["sentence"][0]


def test_a_path_too_long_for_an_index_is_held_and_stops_nobody_else(world: World) -> None:
    deep = world.root / "2026-11-02"
    for _ in range(4):
        deep /= "é" * 120
    deep.mkdir(parents=True)
    (deep / "video.mp4").write_bytes(b"video")
    world.put("2026-11-02/a/one.mp4")
    report = world.look()
    assert (report.new, report.held) == (1, 1)
    assert "shorten" in held_uploads(world.connection)["sentence"][0]
