"""What a listing changes about the uploads that it shows."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from vidpipe.uploads.registry.pending_dates import pending_dates
from vidpipe.uploads.registry.registered_uploads import ingest_dates, waiting_uploads
from vidpipe.uploads.registry.registering import register
from vidpipe_tests.uploads.listings import large_listing
from vidpipe_tests.uploads.registry.world import LONG_AGO, NOW, World, in_force


def test_an_upload_is_registered_with_the_date_of_its_folder(world: World) -> None:
    world.put("2026-11-02/alice/one.mp4")
    world.put("ingest_date=2026-11-03/alice/two.mp4")
    report = world.look()
    assert (report.seen, report.new, report.waiting, report.held) == (2, 2, 0, 0)
    assert world.ids(date(2026, 11, 2)) == ["2026-11-02/alice/one.mp4"]
    assert world.ids(date(2026, 11, 3)) == ["ingest_date%3D2026-11-03/alice/two.mp4"]
    assert ingest_dates(world.connection) == [date(2026, 11, 2), date(2026, 11, 3)]


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
    assert waiting_uploads(world.connection) == ["2026-11-02/a/one.mp4"]
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


def test_many_uploads_are_registered_and_pending_by_date(world: World) -> None:
    listing = large_listing(20_000)
    first = register(world.connection, listing, now=NOW, settings=world.settings)
    assert first.new == 20_000
    again = register(
        world.connection, listing, now=NOW + timedelta(minutes=1), settings=world.settings
    )
    assert (again.new, again.changed, again.removed) == (0, 0, 0)
    pending = pending_dates(world.connection, in_force("v1"))
    assert sum(one.uploads for one in pending) == 20_000


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
