"""Which uploads are gone, and when an absence is not believed."""

from dataclasses import replace
from datetime import date, timedelta

from vidpipe.uploads.listing import Listing, list_uploads
from vidpipe.uploads.registry.registered_uploads import ingest_dates, uploads
from vidpipe.uploads.registry.registering import register
from vidpipe.uploads.registry.sweeps import sweep_problems
from vidpipe.uploads.source import UnreadFolder
from vidpipe_tests.uploads.registry.world import NOW, World


def test_an_upload_is_removed_after_two_complete_sweeps_and_comes_back(world: World) -> None:
    paths = [world.put(f"2026-11-02/a/{n}.mp4") for n in range(6)]
    world.look()
    world.publish()
    paths[0].unlink()
    report = world.look()
    assert (report.newly_missing, report.removed) == (1, 0)
    assert world.row("2026-11-02/a/0.mp4")["removed_at"] is None
    assert world.pending() == []
    assert world.look().removed == 1
    row = world.row("2026-11-02/a/0.mp4")
    assert row["removed_at"] == world.now
    assert world.pending() == [date(2026, 11, 2)]
    assert "2026-11-02/a/0.mp4" not in world.ids(date(2026, 11, 2))
    assert uploads(world.connection, [date(2026, 11, 2)]).height == 6
    world.publish()
    world.put("2026-11-02/a/0.mp4")
    assert world.look().back == 1
    assert world.row("2026-11-02/a/0.mp4")["removed_at"] is None
    assert world.pending() == [date(2026, 11, 2)]


def test_an_upload_missed_once_and_seen_again_starts_over(world: World) -> None:
    paths = [world.put(f"2026-11-02/a/{n}.mp4") for n in range(6)]
    world.look()
    for _ in range(3):
        paths[0].unlink()
        assert world.look().removed == 0
        world.put("2026-11-02/a/0.mp4")
        world.look()


def test_an_empty_listing_changes_nothing_and_says_so(world: World) -> None:
    path = world.put("2026-11-02/a/one.mp4")
    world.look()
    assert sweep_problems(world.connection) == []
    path.unlink()
    everything = world.settings.model_copy(update={"max_missing_share": 1.0})
    for _ in range(3):
        world.now += timedelta(minutes=1)
        listing = list_uploads(str(world.root))
        report = register(world.connection, listing, now=world.now, settings=everything)
        assert report.removed == 0
        assert report.refused_reason is not None
    assert "no upload was found" in sweep_problems(world.connection)[0]
    assert world.row("2026-11-02/a/one.mp4")["removed_at"] is None
    world.put("2026-11-02/a/one.mp4")
    world.look()
    assert sweep_problems(world.connection) == []


def test_a_listing_that_fails_changes_nothing_and_says_so(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.look()
    away = world.root.with_name("away")
    world.root.rename(away)
    for _ in range(3):
        assert "cannot be listed" in (world.look().refused_reason or "")
    assert "cannot be listed" in sweep_problems(world.connection)[0]
    away.rename(world.root)
    assert world.look().removed == 0
    assert world.row("2026-11-02/a/one.mp4")["missing_sweeps"] == 0


def test_more_than_a_fifth_missing_at_once_is_not_believed(world: World) -> None:
    paths = [world.put(f"2026-11-02/a/{n}.mp4") for n in range(10)]
    world.look()
    for path in paths[:3]:
        path.unlink()
    for _ in range(3):
        report = world.look()
        assert (report.removed, report.newly_missing) == (0, 3)
        assert "3 of 10" in (report.refused_reason or "")
    world.put("2026-11-02/a/2.mp4")
    world.look()
    assert world.look().removed == 2, "two of ten are a fifth, not more"


def test_a_folder_that_vanishes_counts_as_missing_uploads(world: World) -> None:
    for n in range(8):
        world.put(f"2026-11-02/a/{n}.mp4")
    world.put("2026-11-03/a/one.mp4").unlink()
    world.put("2026-11-03/a/one.mp4")
    world.look()
    (world.root / "2026-11-03/a/one.mp4").unlink()
    (world.root / "2026-11-03/a").rmdir()
    (world.root / "2026-11-03").rmdir()
    assert world.look().newly_missing == 1
    assert world.look().removed == 1


def test_a_folder_that_cannot_be_read_is_named_and_removes_nobody(world: World) -> None:
    for n in range(8):
        world.put(f"2026-11-02/a/{n}.mp4")
    world.put("2026-11-03/b/one.mp4")
    world.look()
    for _ in range(3):
        world.now += timedelta(minutes=1)
        listing = _with_unread(list_uploads(str(world.root)), "2026-11-03/b")
        report = register(world.connection, listing, now=world.now, settings=world.settings)
        assert report.removed == report.newly_missing == 0
    assert "2026-11-03/b" in sweep_problems(world.connection)[0]
    assert world.row("2026-11-03/b/one.mp4")["removed_at"] is None


def _with_unread(listing: Listing, folder: str) -> Listing:
    kept = tuple(u for u in listing.uploads if not u.upload_id.startswith(f"{folder}/"))
    unread = (UnreadFolder(folder, "Input/output error"),)
    return replace(listing, uploads=kept, unread=unread)


def test_a_sweep_in_ticks_removes_what_a_whole_listing_would(world: World) -> None:
    paths = [world.put(f"2026-11-{day:02}/a/one.mp4") for day in range(1, 10)]
    world.put("alice/loose.mp4")
    while not world.tick(newest=1, max_folders=2).sweep_ended:
        pass
    assert len(ingest_dates(world.connection)) == 10
    paths[2].unlink()
    ended = removed = 0
    for _ in range(30):
        report = world.tick(newest=1, max_folders=2)
        ended, removed = ended + report.sweep_ended, removed + report.removed
        if removed:
            break
    assert (ended, removed) == (2, 1)
    assert world.row("2026-11-03/a/one.mp4")["removed_at"] == world.now


def test_every_tick_sees_the_newest_dates_first(world: World) -> None:
    for day in range(1, 10):
        world.put(f"2026-11-{day:02}/a/one.mp4")
    world.tick(newest=2, max_folders=1)
    assert ingest_dates(world.connection) == [date(2026, 11, day) for day in (1, 8, 9)]


def test_a_glance_counts_no_absence(world: World) -> None:
    paths = [world.put(f"2026-11-02/a/{n}.mp4") for n in range(6)]
    world.look()
    paths[0].unlink()
    world.look()
    glance = list_uploads(str(world.root)).glance()
    report = register(world.connection, glance, now=world.now, settings=world.settings)
    assert report.removed == 0
    assert world.row("2026-11-02/a/0.mp4")["missing_sweeps"] == 1


def test_a_temporary_file_that_never_became_an_upload_leaves_no_trace(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    path = world.put("2026-11-02/a/two.mp4", at=NOW + timedelta(minutes=1))
    assert world.look().waiting == 1
    path.unlink()
    assert world.look().waiting == 0
    assert world.connection.execute("select count(*) from vidpipe_ops.uploads").fetchone() == (1,)
