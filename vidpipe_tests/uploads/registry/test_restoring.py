"""The registry as it comes back from the lake."""

from pathlib import Path
from typing import Any

from vidpipe.stores.lake import RAW_VIDEOS, Lake
from vidpipe.uploads.registry.pending_dates import uploads_digests
from vidpipe.uploads.registry.registered_uploads import ingest_dates, items
from vidpipe.uploads.registry.restoring import restore_registry
from vidpipe_tests.uploads.registry.world import World


def lake_row(item: dict[str, Any]) -> dict[str, Any]:
    """What the lake keeps of an upload; its pixels and metadata do not matter here."""
    row = {**dict.fromkeys(RAW_VIDEOS.schema), **item, "status": "ok", "stage_version": "1"}
    return {column: row[column] for column in RAW_VIDEOS.schema if column != "committed_at"}


def test_the_registry_is_restored_from_the_lake_with_the_same_dates(
    world: World, tmp_path: Path
) -> None:
    world.put("2026-11-02/a/one.mp4")
    world.put("loose.mp4")
    world.put("loose.json", "{}")
    world.look()
    days = ingest_dates(world.connection)
    query = """
        select upload_id, uri, size_bytes, modified_at, sidecars, fingerprint, sidecar_fingerprint,
            ingest_date, first_seen_at
        from vidpipe_ops.uploads order by upload_id
    """
    before = world.connection.execute(query).fetchall()
    digests = uploads_digests(world.connection, days)
    lake = Lake(str(tmp_path / "lake"))
    current = [lake_row(item) for item in items(world.connection, days)]
    lake.append(RAW_VIDEOS, [{**row, "fingerprint": "1-1;"} for row in current])
    lake.append(RAW_VIDEOS, current)
    world.connection.execute("truncate vidpipe_ops.uploads")
    assert restore_registry(lake, world.connection) == 2
    assert uploads_digests(world.connection, days) == digests
    report = world.look(days=5)
    assert (report.new, report.changed) == (0, 0)
    assert world.connection.execute(query).fetchall() == before
    assert restore_registry(lake, world.connection) == 0
