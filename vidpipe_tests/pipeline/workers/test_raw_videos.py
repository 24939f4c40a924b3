"""The raw_videos worker on real files, with items as the registry gives them."""

import hashlib
import json
import os
import pickle
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from vidpipe.media.limits import Limits
from vidpipe.pipeline.workers import raw_videos as raw_video_worker
from vidpipe.pipeline.workers.raw_videos import RawVideoWorker
from vidpipe.stores.lake import RAW_VIDEOS
from vidpipe.uploads import opening
from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.registry.side_files import told_apart
from vidpipe.uploads.uploads_url import root_uri
from vidpipe_tests.clips import ffconcat_clip, tiny_clip

SEEN = datetime(2026, 11, 2, 9, tzinfo=UTC)
SHARED = Path(__file__).parents[4] / "shared/videos"


def items(root: Path) -> list[dict[str, Any]]:
    return [
        {
            "upload_id": upload.upload_id,
            "fingerprint": upload.fingerprint,
            "uri": f"{root_uri(str(root))}/{upload.upload_id}",
            "sidecars": list(upload.sidecars),
            "first_seen_at": SEEN,
            "modified_at": upload.modified_at,
        }
        for upload in told_apart(list_uploads(str(root))).uploads
    ]


def rows(root: Path, limits: Limits | None = None) -> dict[str, dict[str, Any]]:
    worker = RawVideoWorker(str(root), limits or Limits())
    read = pickle.loads(pickle.dumps(worker)).open()
    found = read(items(root))
    columns = set(RAW_VIDEOS.key) | set(RAW_VIDEOS.result)
    for row in found:
        assert columns <= set(row)
    pl.DataFrame(
        [{column: row[column] for column in columns} for row in found],
        schema={**RAW_VIDEOS.key, **RAW_VIDEOS.result},
    )
    return {row["upload_id"]: row for row in found}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    (folder / "2026-11-02/alice").mkdir(parents=True)
    return folder


def test_a_good_upload_is_hashed_probed_and_described(root: Path) -> None:
    clip = tiny_clip(root / "2026-11-02/alice/one.mp4", seconds=2, rotation=90)
    clip.with_suffix(".json").write_text(
        json.dumps({"id": "7", "platform": "tube", "account": "a", "hashtags": ["x"]})
    )
    (row,) = rows(root).values()
    assert (row["status"], row["error_class"], row["is_transient"]) == ("ok", None, False)
    assert row["content_sha256"] == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert row["size_bytes"] == clip.stat().st_size
    assert row["probe"]["codec"] == "h264"
    assert row["probe"]["duration_s"] == pytest.approx(2, abs=0.1)
    assert row["probe"]["width_px"] < row["probe"]["height_px"], "upright"
    assert row["metadata"]["video_id"] == "tube:7"
    assert row["metadata"]["hashtags"] == ["x"]
    assert (row["metadata_source"], row["metadata_error"]) == ("native", None)
    assert row["first_seen_at"] == SEEN


def test_without_a_sidecar_the_folder_and_the_file_speak(root: Path) -> None:
    clip = tiny_clip(root / "2026-11-02/alice/one.mp4")
    os.utime(clip, (1_000_000_000, 1_000_000_000))
    (row,) = rows(root).values()
    assert row["metadata"]["account"] == "alice"
    assert row["metadata"]["posted_at"] == datetime.fromtimestamp(1_000_000_000, UTC)
    assert row["metadata"]["video_id"].startswith("local:")


def test_what_is_no_video_fails_with_a_reason_and_keeps_its_hash(root: Path) -> None:
    folder = root / "2026-11-02/alice"
    (folder / "empty.mp4").touch()
    (folder / "page.mp4").write_text("<html></html>")
    ffconcat_clip(folder / "concat.mp4", "/etc/hostname")
    tiny_clip(folder / "good.mp4")
    (folder / "page.json").write_text('{"id": "p", "platform": "tube"}')
    found = {upload_id.rpartition("/")[2]: row for upload_id, row in rows(root).items()}
    assert found["good.mp4"]["status"] == "ok"
    for name in ("empty.mp4", "page.mp4", "concat.mp4"):
        row = found[name]
        assert (row["status"], row["error_class"]) == ("failed", "UploadRejected")
        assert row["error_message"].startswith(f"2026-11-02/alice/{name} ")
        assert not row["is_transient"]
        assert row["probe"] is None
    assert "is empty (0 bytes)" in found["empty.mp4"]["error_message"]
    page = found["page.mp4"]
    assert page["content_sha256"] == hashlib.sha256(b"<html></html>").hexdigest()
    assert page["metadata"]["video_id"] == "tube:p"


def test_an_upload_over_the_limit_is_refused_unread(root: Path) -> None:
    tiny_clip(root / "2026-11-02/alice/one.mp4")
    (row,) = rows(root, Limits(max_bytes=100)).values()
    assert row["status"] == "failed"
    assert "VIDPIPE_MAX_UPLOAD_BYTES" in row["error_message"]
    assert row["content_sha256"] is None


def test_a_broken_sidecar_is_named_and_the_video_is_still_read(root: Path) -> None:
    clip = tiny_clip(root / "2026-11-02/alice/one.mp4")
    clip.with_suffix(".json").write_text('{"id": "x1", "account": ')
    (row,) = rows(root).values()
    assert (row["status"], row["metadata_source"]) == ("ok", "none")
    assert row["metadata_error"].startswith(
        "MetadataError: 2026-11-02/alice/one.json is not valid JSON"
    )
    assert row["metadata"]["account"] == "alice"


def test_a_sidecar_with_many_comments_is_read(root: Path) -> None:
    clip = tiny_clip(root / "2026-11-02/alice/one.mp4")
    comments = [{"text": "synthetic comment " * 50, "parent": "root"}] * 20_000
    document = {"id": "7", "extractor_key": "Tube", "comments": comments, "uploader_id": "@a"}
    clip.with_suffix(".info.json").write_text(json.dumps(document))
    (row,) = rows(root).values()
    assert (row["metadata_source"], row["metadata_error"]) == ("yt-dlp", None)
    assert (row["metadata"]["video_id"], row["metadata"]["account"]) == ("tube:7", "@a")


def test_a_sidecar_that_links_out_of_the_folder_is_not_read(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"description": "secret"}')
    clip = tiny_clip(root / "2026-11-02/alice/one.mp4")
    clip.with_suffix(".json").symlink_to(secret)
    (row,) = rows(root).values()
    assert (row["status"], row["metadata_source"]) == ("ok", "none")
    assert row["metadata"]["description"] == ""
    assert "leaves the uploads folder" in row["metadata_error"]


def test_a_sidecar_that_is_a_pipe_does_not_hang_the_worker(root: Path) -> None:
    clip = tiny_clip(root / "2026-11-02/alice/one.mp4")
    os.mkfifo(clip.with_suffix(".json"))
    (row,) = rows(root).values()
    assert (row["status"], row["metadata_source"]) == ("ok", "none")
    assert "not a regular file" in row["metadata_error"]


def test_a_file_that_vanished_or_changed_is_tried_again(root: Path) -> None:
    gone = tiny_clip(root / "2026-11-02/alice/gone.mp4")
    changed = tiny_clip(root / "2026-11-02/alice/changed.mp4")
    read = RawVideoWorker(str(root)).open()
    registered = items(root)
    gone.unlink()
    changed.write_bytes(changed.read_bytes() + b"more")
    found = read(registered)
    assert {(row["status"], row["error_class"], row["is_transient"]) for row in found} == {
        ("failed", "ItemUnavailable", True)
    }
    assert all(row["content_sha256"] is None for row in found)


def test_a_file_that_changes_while_it_is_hashed_gets_no_hash(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tiny_clip(root / "2026-11-02/alice/one.mp4")
    registered = items(root)
    hash_file = raw_video_worker._hash

    def hash_while_it_grows(path: str) -> tuple[str, int]:
        found = hash_file(path)
        with clip.open("ab") as file:
            file.write(b"more")
        return found

    monkeypatch.setattr(raw_video_worker, "_hash", hash_while_it_grows)
    (row,) = RawVideoWorker(str(root)).open()(registered)
    assert (row["error_class"], row["is_transient"]) == ("ItemUnavailable", True)
    assert row["content_sha256"] is None


def test_a_manifest_is_read_once_for_all_its_uploads(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    for number in range(4):
        tiny_clip(root / f"2026-11-02/alice/{number}.mp4")
        lines.append(json.dumps({"file": f"{number}.mp4", "description": f"clip {number}"}))
    (root / "2026-11-02/alice/manifest.ndjson").write_text("\n".join(lines))
    opened: list[str] = []
    local_copy = opening.local_copy

    def noted_copy(url: str, upload_id: str, **options: Any) -> AbstractContextManager[str]:
        opened.append(upload_id)
        return local_copy(url, upload_id, **options)

    monkeypatch.setattr(opening, "local_copy", noted_copy)
    found = RawVideoWorker(str(root)).open()(items(root))
    assert sorted(row["metadata"]["description"] for row in found) == [
        f"clip {number}" for number in range(4)
    ]
    assert opened.count("2026-11-02/alice/manifest.ndjson") == 1
    assert len(opened) == 5


def test_hostile_names_are_read_like_any_other(root: Path) -> None:
    clip = tiny_clip(root.parent / "clip.mp4").read_bytes()
    folder = os.fsencode(root / "2026-11-02/alice")
    names = [b"-y.mp4", b"\xff\xfe.mp4", b"a\nb.mp4", b"concat:a|b.mp4", b"%d.mp4", b"x" * 255]
    for name in names:
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(clip)
    found = rows(root)
    assert len(found) == len(names)
    assert {row["status"] for row in found.values()} == {"ok"}
    assert len({row["content_sha256"] for row in found.values()}) == 1


@pytest.mark.skipif(not SHARED.exists(), reason="the shared real clips are not here")
def test_the_real_clips_come_out_as_described() -> None:
    found = rows(SHARED)
    failed = {upload_id for upload_id, row in found.items() if row["status"] == "failed"}
    assert failed == {"2026-11-06/broken/empty.mp4", "2026-11-06/broken/not_a_video.mp4"}
    wrong = {upload_id for upload_id, row in found.items() if row["metadata_error"]}
    assert wrong == {"2026-11-06/broken/truncated_sidecar.mkv"}
    sources = [row["metadata_source"] for row in found.values()]
    assert {source: sources.count(source) for source in set(sources)} == {
        "native": 15,
        "yt-dlp": 2,
        "none": 11,
    }
