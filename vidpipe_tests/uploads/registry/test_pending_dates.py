"""Dates that are not published as they stand."""

from datetime import UTC, date, datetime

from vidpipe.uploads.registry.pending_dates import outdated_dates, pending_dates, uploads_digests
from vidpipe_tests.uploads.registry.world import World, in_force


def test_a_date_is_pending_until_it_is_published_as_it_stands(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("2026-11-03/a/one.mp4")
    world.look()
    (first, second) = pending_dates(world.connection, in_force("v1"))
    assert (first.uploads, first.waiting_uploads) == (1, 1)
    assert first.batch_digest != second.batch_digest
    world.publish()
    assert world.pending() == []
    assert world.pending("v2") == []
    assert outdated_dates(world.connection, in_force("v1")) == []
    assert outdated_dates(world.connection, in_force("v2")) == [
        date(2026, 11, 2),
        date(2026, 11, 3),
    ]
    refreshed = pending_dates(world.connection, in_force("v2", refreshes=True))
    assert [one.waiting_uploads for one in refreshed] == [1, 1]
    world.now = datetime.now(UTC)
    world.put("2026-11-02/a/two.mp4")
    world.look()
    (again,) = pending_dates(world.connection, in_force("v1"))
    assert (again.uploads, again.waiting_uploads) == (2, 1)
    assert again.batch_digest != first.batch_digest


def test_what_arrives_while_a_date_is_published_leaves_it_pending(world: World) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.look()
    digests = uploads_digests(world.connection, [date(2026, 11, 2)])
    world.put("2026-11-02/a/two.mp4")
    world.look()
    for day, digest in digests.items():
        world.publish_as(day, digest)
    assert world.pending() == [date(2026, 11, 2)]
