"""The uploads registry on a real PostgreSQL, fed with listings of real folders."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.uploads import registry
from vidpipe.uploads.registry import RegistrationReport, register
from vidpipe.uploads.upload_store import (
    FoundUpload,
    Listing,
    UnreadFolder,
    list_some_uploads,
    list_uploads,
    top_folder,
)

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)
Connection = psycopg.Connection[Any]


class World:
    """An uploads folder, its registry, and a clock that the test moves."""

    def __init__(self, root: Path, connection: Connection, settings: Settings) -> None:
        self.root, self.connection, self.settings = root, connection, settings
        self.now = NOW

    def put(self, name: str, content: str = "video", at: datetime = LONG_AGO) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def look(self, **later: float) -> RegistrationReport:
        """A whole listing, a minute (or `later`) after the last one."""
        self.now += timedelta(**(later or {"minutes": 1}))
        return register(
            self.connection, list_uploads(str(self.root)), now=self.now, settings=self.settings
        )

    def tick(self, **bounds: Any) -> RegistrationReport:
        self.now += timedelta(minutes=1)
        after = registry.sweep_position(self.connection)
        listing = list_some_uploads(str(self.root), after=after, **bounds)
        return register(self.connection, listing, now=self.now, settings=self.settings)

    def row(self, upload_id: str) -> dict[str, Any]:
        with self.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            cursor.execute("select * from vidpipe_ops.uploads where upload_id = %s", [upload_id])
            found = cursor.fetchone()
        assert found is not None
        return found

    def ids(self, day: date) -> list[str]:
        return [item["upload_id"] for item in registry.items(self.connection, [day])]

    def pending(self, versions: str = "v1") -> list[date]:
        return [one.ingest_date for one in registry.pending_dates(self.connection, versions)]

    def publish(self, versions: str = "v1") -> None:
        days = self.pending(versions)
        for day, digest in registry.uploads_digests(self.connection, days).items():
            registry.mark_published(self.connection, day, digest, versions)


@pytest.fixture
def world(tmp_path: Path, upgraded_database_settings: Settings) -> Iterator[World]:
    root = tmp_path / "uploads"
    root.mkdir()
    with connect(upgraded_database_settings, autocommit=True) as connection:
        yield World(root, connection, upgraded_database_settings)


def test_an_upload_is_registered_with_the_date_of_its_folder(world: World) -> None:
    world.put("2026-11-02/alice/one.mp4")
    world.put("ingest_date=2026-11-03/alice/two.mp4")
    report = world.look()
    assert (report.seen, report.new, report.waiting, report.held) == (2, 2, 0, 0)
    assert world.ids(date(2026, 11, 2)) == ["2026-11-02/alice/one.mp4"]
    assert world.ids(date(2026, 11, 3)) == ["ingest_date%3D2026-11-03/alice/two.mp4"]
    assert registry.ingest_dates(world.connection) == [date(2026, 11, 2), date(2026, 11, 3)]


def test_an_upload_outside_date_folders_gets_the_utc_date_it_was_first_seen(world: World) -> None:
    path = world.put("alice/one.mp4")
    world.look()
    path.write_text("replaced")
    os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    report = world.look(days=3)
    assert report.changed == 1
    row = world.row("alice/one.mp4")
    assert row["ingest_date"] == NOW.date()
    assert row["first_seen_at"] == NOW + timedelta(minutes=1)


def test_a_second_listing_without_news_writes_no_tuple(world: World) -> None:
    world.put("2026-11-02/alice/one.mp4")
    world.look()
    query = "select xmin::text from vidpipe_ops.uploads"
    before = world.connection.execute(query).fetchall()
    report = world.look()
    assert (report.new, report.changed, report.back) == (0, 0, 0)
    assert world.connection.execute(query).fetchall() == before


def test_a_file_that_is_still_being_copied_waits(world: World) -> None:
    path = world.put("2026-11-02/a/one.mp4", "half", at=NOW)
    assert (world.look(seconds=1).new, world.look(seconds=1).new) == (0, 0)
    path.write_text("half and another")
    os.utime(path, ((NOW + timedelta(seconds=5)).timestamp(),) * 2)
    assert world.look(seconds=5).new == 0, "it grew between two listings"
    assert registry.waiting_uploads(world.connection) == ["2026-11-02/a/one.mp4"]
    assert world.pending() == []
    report = world.look(seconds=10)
    assert (report.new, report.waiting) == (1, 0), "unchanged in two listings 10 s apart"


def test_a_replaced_file_is_new_only_when_it_has_settled(world: World) -> None:
    path = world.put("2026-11-02/a/one.mp4")
    world.look()
    first = world.row("2026-11-02/a/one.mp4")["fingerprint"]
    path.write_text("another video")
    os.utime(path, ((world.now + timedelta(seconds=60)).timestamp(),) * 2)
    report = world.look()
    assert (report.changed, report.waiting) == (0, 1)
    assert world.row("2026-11-02/a/one.mp4")["fingerprint"] == first
    assert world.look().changed == 1
    assert world.row("2026-11-02/a/one.mp4")["fingerprint"] != first


def test_a_change_that_is_undone_before_it_settles_is_no_change(world: World) -> None:
    path = world.put("2026-11-02/a/one.mp4", "video")
    world.look()
    world.put("2026-11-02/a/one.mp4", "other", at=world.now + timedelta(minutes=5))
    assert world.look().waiting == 1
    path.write_text("video")
    os.utime(path, (LONG_AGO.timestamp(),) * 2)
    report = world.look()
    assert (report.changed, report.waiting) == (0, 0)


def test_a_changed_sidecar_changes_the_fingerprint_but_not_the_file_part(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("2026-11-02/a/one.json", "{}")
    world.look()
    world.publish()
    before = world.row("2026-11-02/a/one.mp4")
    world.put("2026-11-02/a/one.json", '{"description": "new"}')
    assert world.look().changed == 1
    after = world.row("2026-11-02/a/one.mp4")
    assert after["fingerprint"] != before["fingerprint"]
    assert after["fingerprint"].split(";")[0] == before["fingerprint"].split(";")[0]
    assert after["ingest_date"] == before["ingest_date"]
    assert world.pending() == [date(2026, 11, 2)]


def test_a_manifest_that_keeps_growing_delays_no_upload_and_re_reads_none(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("2026-11-02/a/manifest.ndjson", '{"file": "one.mp4"}\n', at=NOW)
    assert world.look().new == 1
    for size in range(2, 5):
        line = '{"file": "one.mp4"}\n'
        world.put("2026-11-02/a/manifest.ndjson", line * size, at=world.now + timedelta(minutes=1))
        assert world.look().changed == 0
    assert world.look(minutes=5).changed == 1, "the manifest has come to rest"


def test_a_future_folder_is_held_until_its_day_and_stops_nobody_else(world: World) -> None:
    world.put("2026-11-11/a/tomorrow.mp4")
    world.put("2026-11-02/a/one.mp4")
    report = world.look()
    assert (report.new, report.held) == (1, 1)
    held = registry.held_uploads(world.connection)
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
    sentences = " ".join(registry.held_uploads(world.connection)["sentence"])
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
    assert "leaves the uploads folder" in registry.held_uploads(world.connection)["sentence"][0]


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
    assert registry.uploads(world.connection, [date(2026, 11, 2)]).height == 6
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
    assert registry.sweep_problems(world.connection) == []
    path.unlink()
    everything = world.settings.model_copy(update={"max_missing_share": 1.0})
    for _ in range(3):
        world.now += timedelta(minutes=1)
        listing = list_uploads(str(world.root))
        report = register(world.connection, listing, now=world.now, settings=everything)
        assert report.removed == 0
        assert report.refused_reason is not None
    assert "no upload was found" in registry.sweep_problems(world.connection)[0]
    assert world.row("2026-11-02/a/one.mp4")["removed_at"] is None
    world.put("2026-11-02/a/one.mp4")
    world.look()
    assert registry.sweep_problems(world.connection) == []


def test_a_listing_that_fails_changes_nothing_and_says_so(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.look()
    away = world.root.with_name("away")
    world.root.rename(away)
    for _ in range(3):
        assert "cannot be listed" in (world.look().refused_reason or "")
    assert "cannot be listed" in registry.sweep_problems(world.connection)[0]
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
    assert "2026-11-03/b" in registry.sweep_problems(world.connection)[0]
    assert world.row("2026-11-03/b/one.mp4")["removed_at"] is None


def _with_unread(listing: Listing, folder: str) -> Listing:
    kept = tuple(u for u in listing.uploads if not u.upload_id.startswith(f"{folder}/"))
    unread = (UnreadFolder(folder, "Input/output error"),)
    return replace(listing, uploads=kept, unread=unread, complete=False)


def test_a_sweep_in_ticks_removes_what_a_whole_listing_would(world: World) -> None:
    paths = [world.put(f"2026-11-{day:02}/a/one.mp4") for day in range(1, 10)]
    world.put("alice/loose.mp4")
    while not world.tick(newest=1, max_folders=2).sweep_ended:
        pass
    assert len(registry.ingest_dates(world.connection)) == 10
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
    assert registry.ingest_dates(world.connection) == [date(2026, 11, day) for day in (1, 8, 9)]


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


def test_a_date_is_pending_until_it_is_published_as_it_stands(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("2026-11-03/a/one.mp4")
    world.look()
    (first, second) = registry.pending_dates(world.connection, "v1")
    assert (first.uploads, first.waiting_uploads) == (1, 1)
    assert first.batch_digest != second.batch_digest
    world.publish()
    assert world.pending() == []
    assert world.pending("v2") == [date(2026, 11, 2), date(2026, 11, 3)]
    assert registry.dates_under_other_versions(world.connection, "v2") == world.pending("v2")
    world.now = datetime.now(UTC)
    world.put("2026-11-02/a/two.mp4")
    world.look()
    (again,) = registry.pending_dates(world.connection, "v1")
    assert (again.uploads, again.waiting_uploads) == (2, 1)
    assert again.batch_digest != first.batch_digest


def test_what_arrives_while_a_date_is_published_leaves_it_pending(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.look()
    digests = registry.uploads_digests(world.connection, [date(2026, 11, 2)])
    world.put("2026-11-02/a/two.mp4")
    world.look()
    for day, digest in digests.items():
        registry.mark_published(world.connection, day, digest, "v1")
    assert world.pending() == [date(2026, 11, 2)]


def test_marking_a_published_date_again_writes_no_tuple(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.look()
    digests = registry.uploads_digests(world.connection, [date(2026, 11, 2)])
    query = "select xmin::text, published_at from vidpipe_ops.published_dates"
    seen = []
    for _ in range(2):
        for day, digest in digests.items():
            registry.mark_published(world.connection, day, digest, "v1")
        seen.append(world.connection.execute(query).fetchall())
    assert seen[0] == seen[1]


def test_a_forgotten_upload_is_never_registered_again(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("2026-11-02/a/two.mp4")
    world.look()
    erased = registry.forget(
        world.connection, uploads=["2026-11-02/a/one.mp4"], contents=["ab" * 32], accounts=["eve"]
    )
    assert erased == 1
    world.put("2026-11-02/a/one.mp4", "another video")
    world.look()
    world.look()
    assert world.ids(date(2026, 11, 2)) == ["2026-11-02/a/two.mp4"]
    forgotten = registry.forgotten(world.connection)
    assert forgotten.contents == {"ab" * 32}
    assert forgotten.accounts == {"eve"}


def test_the_registry_is_restored_from_the_lake_with_the_same_dates(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("loose.mp4")
    world.put("loose.json", "{}")
    world.look()
    days = registry.ingest_dates(world.connection)
    query = """
        select upload_id, uri, size_bytes, modified_at, sidecars, fingerprint, sidecar_fingerprint,
            ingest_date, first_seen_at
        from vidpipe_ops.uploads order by upload_id
    """
    before = world.connection.execute(query).fetchall()
    digests = registry.uploads_digests(world.connection, days)
    current = registry.uploads(world.connection, days).with_columns(committed_at=pl.lit(NOW))
    stale = current.with_columns(
        fingerprint=pl.lit("1-1;"), committed_at=pl.lit(NOW - timedelta(days=1))
    )
    world.connection.execute("truncate vidpipe_ops.uploads")
    assert registry.restore_from(world.connection, pl.concat([current, stale])) == 2
    assert registry.uploads_digests(world.connection, days) == digests
    report = world.look(days=5)
    assert (report.new, report.changed) == (0, 0)
    assert world.connection.execute(query).fetchall() == before
    assert registry.restore_from(world.connection, current) == 0


def test_hostile_names_are_registered_and_come_back_as_they_are(world: World) -> None:
    root = os.fsencode(world.root)
    names = [
        b"spaces and 'quotes\" $(id)`.mp4",
        b"-leading dash.mp4",
        b"not utf-8 \xff\xfe\x80.mp4",
        b"line\nbreak\ttab\\back\x01.mp4",
        b"x" * 251 + b".mp4",
        "坦克".encode() * 41 + b".mp4",
        b"100%25;=,{}.mp4",
        b"<script>]]>.mp4",
    ]
    folder = Path(os.fsdecode(root + b"/2026-11-02/acc\xff"))
    folder.mkdir(parents=True)
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(b"video")
    world.now = datetime.now(UTC)
    assert world.look(hours=1).new == len(names)
    found = set(world.ids(date(2026, 11, 2)))
    assert len(found) == len(names)
    assert all(one.isascii() and one.isprintable() for one in found)


def test_a_path_too_long_for_an_index_is_held_and_stops_nobody_else(world: World) -> None:
    deep = world.root / "2026-11-02"
    for _ in range(4):
        deep /= "é" * 120
    deep.mkdir(parents=True)
    (deep / "video.mp4").write_bytes(b"video")
    world.put("2026-11-02/a/one.mp4")
    report = world.look()
    assert (report.new, report.held) == (1, 1)
    assert "shorten" in registry.held_uploads(world.connection)["sentence"][0]


def test_many_uploads_are_registered_and_pending_by_date(world: World) -> None:
    listing = _large_listing(20_000)
    first = register(world.connection, listing, now=NOW, settings=world.settings)
    assert first.new == 20_000
    again = register(
        world.connection, listing, now=NOW + timedelta(minutes=1), settings=world.settings
    )
    assert (again.new, again.changed, again.removed) == (0, 0, 0)
    pending = registry.pending_dates(world.connection, "v1")
    assert sum(one.uploads for one in pending) == 20_000


def _large_listing(count: int) -> Listing:
    uploads = tuple(
        FoundUpload(
            upload_id=f"2026-{n % 10 + 1:02}-{n % 28 + 1:02}/account_{n % 997}/video_{n}.mp4",
            size_bytes=n,
            modified_at=LONG_AGO,
            fingerprint=f"{n}-1761955200000000000;",
            own_fingerprint=f"{n}-1761955200000000000;",
            sidecar_fingerprint="",
            settled_at=LONG_AGO,
            manifest_modified_at=None,
            sidecars=(),
        )
        for n in range(count)
    )
    folders = ("", *sorted({top_folder(upload.upload_id) for upload in uploads}))
    return Listing("/uploads", uploads, read_folders=folders, all_folders=folders, complete=True)


def test_every_table_and_column_of_the_registry_is_described(world: World) -> None:
    bare = world.connection.execute(
        """
        select c.relname, a.attname
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relname in ('uploads', 'sweeps', 'tombstones') and c.relkind = 'r'
        and (col_description(c.oid, a.attnum) is null or obj_description(c.oid) is null)
        """
    ).fetchall()
    assert bare == []
