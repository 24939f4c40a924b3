"""Opening uploads of a folder: what may be read, and what must have stayed the same."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from vidpipe.errors import ItemUnavailable, UploadRejected
from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.opening import local_copy, remove_stale_copies
from vidpipe_tests.uploads.files import PLENTY, put, read


def test_a_link_swapped_in_after_the_listing_does_not_escape(tmp_path: Path) -> None:
    root = tmp_path / "uploads"
    put(tmp_path, "secret.mp4", b"secret")
    put(root, "a/one.mp4", b"one")
    (upload,) = list_uploads(str(root)).uploads
    with local_copy(str(root), upload.upload_id, max_bytes=PLENTY) as path:
        (root / "a/one.mp4").unlink()
        (root / "a/one.mp4").symlink_to(tmp_path / "secret.mp4")
        if path.startswith("/proc/"):
            assert Path(path).read_bytes() == b"one"
    with pytest.raises(UploadRejected):
        read(root, upload.upload_id, fingerprint=upload.fingerprint)


def test_a_file_that_changes_while_it_is_read_is_unavailable(tmp_path: Path) -> None:
    path = put(tmp_path, "one.mp4")
    with (
        pytest.raises(ItemUnavailable, match="changed since"),
        local_copy(str(tmp_path), "one.mp4", max_bytes=PLENTY),
        open(path, "ab") as file,  # noqa: PTH123 (bytes)
    ):
        file.write(b"more")


def test_a_file_other_than_the_registered_one_is_unavailable(tmp_path: Path) -> None:
    put(tmp_path, "one.mp4")
    (upload,) = list_uploads(str(tmp_path)).uploads
    put(tmp_path, "one.json", b"{}")
    assert read(tmp_path, "one.mp4", fingerprint=upload.fingerprint) == b"video", "only a sidecar"
    put(tmp_path, "one.mp4", b"another")
    with pytest.raises(ItemUnavailable, match="changed since"):
        read(tmp_path, "one.mp4", fingerprint=upload.fingerprint)
    (tmp_path / "one.mp4").unlink()
    with pytest.raises(ItemUnavailable, match="No such file"):
        read(tmp_path, "one.mp4", fingerprint=upload.fingerprint)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    put(tmp_path, "one.mp4", b"123456")
    with pytest.raises(UploadRejected, match=r"6 bytes, more than 5; raise VIDPIPE_MAX_UPLOAD"):
        read(tmp_path, "one.mp4", max_bytes=5)


def test_a_copy_leaves_no_descriptor_open(tmp_path: Path) -> None:
    put(tmp_path, "one.mp4")
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        read(tmp_path, "one.mp4")
        with pytest.raises(UploadRejected):
            read(tmp_path, "one.mp4", max_bytes=1)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_copies_that_killed_workers_left_are_removed_a_day_later(tmp_path: Path) -> None:
    put(tmp_path, "vidpipe-upload-old")
    put(tmp_path, "vidpipe-upload-new")
    put(tmp_path, "other")
    day_before = (tmp_path / "other").stat().st_mtime - timedelta(days=2).total_seconds()
    os.utime(tmp_path / "vidpipe-upload-old", (day_before, day_before))
    os.utime(tmp_path / "other", (day_before, day_before))
    assert remove_stale_copies(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "vidpipe-upload-new"]
