"""Listing an uploads folder, whole and in ticks."""

from pathlib import Path

from vidpipe.uploads.listing import list_some_uploads, list_uploads
from vidpipe.uploads.sidecars import Sidecar
from vidpipe_tests.uploads.files import by_id, put


def test_a_listing_holds_uploads_with_their_sidecars_in_order_of_trust(tmp_path: Path) -> None:
    put(tmp_path, "2026-11-02/a/one.mp4", b"12345")
    put(tmp_path, "2026-11-02/a/one.info.json")
    put(tmp_path, "2026-11-02/a/one.json")
    put(tmp_path, "2026-11-02/a/two.webm")
    put(tmp_path, "2026-11-02/a/manifest.ndjson")
    put(tmp_path, "2026-11-02/b/three.mkv")
    put(tmp_path, "loose.mp4")
    put(tmp_path, "README.md")
    listing = list_uploads(str(tmp_path))
    assert (listing.failure, listing.unread) == (None, ())
    assert set(listing.read_folders) == set(listing.all_folders) == {"", "2026-11-02"}
    found = by_id(listing)
    assert set(found) == {
        "2026-11-02/a/one.mp4",
        "2026-11-02/a/two.webm",
        "2026-11-02/b/three.mkv",
        "loose.mp4",
        "README.md",
    }
    assert [one for one in found if found[one].needs_look] == ["README.md"]
    one = found["2026-11-02/a/one.mp4"]
    assert one.size_bytes == 5
    assert one.sidecars == (
        Sidecar("native", "2026-11-02/a/one.json"),
        Sidecar("yt-dlp", "2026-11-02/a/one.info.json"),
    )
    two = found["2026-11-02/a/two.webm"]
    assert two.sidecars == (Sidecar("manifest", "2026-11-02/a/manifest.ndjson"),)
    assert found["2026-11-02/b/three.mkv"].sidecars == ()


def test_a_missing_folder_is_a_failed_listing(tmp_path: Path) -> None:
    listing = list_uploads(str(tmp_path / "nowhere"))
    assert listing.read_folders == ()
    assert "cannot be listed" in (listing.failure or "")
    assert "VIDPIPE_UPLOADS_URL" in (listing.failure or "")


def test_ticks_read_the_newest_dates_and_go_through_all_others(tmp_path: Path) -> None:
    for day in range(1, 7):
        put(tmp_path, f"2026-11-{day:02}/a/x.mp4")
    put(tmp_path, "2999-01-01/a/x.mp4")
    put(tmp_path, "alice/x.mp4")
    put(tmp_path, "loose.mp4")
    after, seen = "", []
    for _ in range(4):
        tick = list_some_uploads(str(tmp_path), after=after, newest=1, max_folders=2)
        assert {"2026-11-06/a/x.mp4", "loose.mp4"} <= set(by_id(tick)), "in every tick"
        seen.append(set(by_id(tick)) - {"2026-11-06/a/x.mp4", "loose.mp4"})
        assert set(tick.read_folders) < set(tick.all_folders)
        after = tick.next_after
    assert after == "", "the sweep has ended"
    assert [len(one) for one in seen] == [2, 2, 1, 2]
    assert len(set.union(*seen)) == 7


def test_a_tick_without_time_still_gets_on(tmp_path: Path) -> None:
    for day in range(1, 5):
        put(tmp_path, f"2026-11-{day:02}/a/x.mp4")
    after, ticks = "", 0
    while ticks == 0 or after:
        after = list_some_uploads(str(tmp_path), after=after, budget_s=0).next_after
        ticks += 1
    assert ticks == 4
