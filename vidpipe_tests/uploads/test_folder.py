"""Folders as they are met: any name, links, pipes, folders that may not be read."""

import os
import socket
from pathlib import Path

import pytest

from vidpipe.errors import UploadRejected
from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.uploads_url import root_uri
from vidpipe_tests.uploads.files import by_id, put, read

HOSTILE_NAMES = [
    b"spaces and 'quotes\" $(id)`.mp4",
    b"-leading.mp4",
    b"\xff\xfe\x80 latin \xe9.mp4",
    b"line\nbreak\r\ttab\x1b[31m.mp4",
    b"x" * 251 + b".mp4",
    "坦克在街上".encode() + b".mp4",
    b"%2e%2e%2f.mp4",
    b"100%.mp4",
    b"file:concat|a#b?c=d;e.mp4",
    b"..mp4",
    b"a;native=b.mp4",
    b"<script>alert(1)<",
]


def test_files_of_any_name_are_listed_and_opened(tmp_path: Path) -> None:
    folder = b"2026-11-02/\xffolder with 'all' \n of it/"
    wanted = [name for name in HOSTILE_NAMES if not name.startswith(b".")]
    for number, name in enumerate(HOSTILE_NAMES):
        put(tmp_path, folder + name, b"%d" % number)
    listing = list_uploads(str(tmp_path))
    assert len(listing.uploads) == len(wanted)
    contents = set()
    for upload in listing.uploads:
        assert upload.upload_id.isascii()
        assert upload.upload_id.isprintable()
        assert not set(upload.upload_id) & set(" '\"<>;=|")
        contents.add(read(tmp_path, upload.upload_id, fingerprint=upload.fingerprint))
    assert contents == {b"%d" % HOSTILE_NAMES.index(name) for name in wanted}


def test_links_out_of_the_folder_are_held_and_never_opened(tmp_path: Path) -> None:
    root = tmp_path / "uploads"
    put(tmp_path, "secret.mp4", b"secret")
    put(tmp_path, "uploads-too/secret.mp4", b"secret")
    put(root, "2026-11-02/a/one.mp4")
    folder = root / "2026-11-02/a"
    (folder / "absolute.mp4").symlink_to(tmp_path / "secret.mp4")
    (folder / "relative.mp4").symlink_to("../../../secret.mp4")
    (folder / "sibling.mp4").symlink_to(tmp_path / "uploads-too/secret.mp4")
    (folder / "chained.mp4").symlink_to("absolute.mp4")
    (folder / "nothing.mp4").symlink_to("missing.mp4")
    (folder / "itself.mp4").symlink_to("itself.mp4")
    (root / "outside").symlink_to(tmp_path)
    found = by_id(list_uploads(str(root)))
    held = {name.rpartition("/")[2] for name, upload in found.items() if upload.held_reason}
    assert held == {
        "absolute.mp4",
        "relative.mp4",
        "sibling.mp4",
        "chained.mp4",
        "nothing.mp4",
        "itself.mp4",
        "outside",
    }
    assert found["2026-11-02/a/one.mp4"].held_reason is None
    for name in ("absolute", "relative", "sibling", "chained"):
        with pytest.raises(UploadRejected, match="leaves the uploads folder"):
            read(root, f"2026-11-02/a/{name}.mp4")
    with pytest.raises(UploadRejected, match="leaves the uploads folder"):
        read(root, "outside/secret.mp4")
    with pytest.raises(UploadRejected, match="leaves the uploads folder"):
        read(root, "%2e%2e/secret.mp4")


def test_links_inside_the_folder_work_and_loops_are_harmless(tmp_path: Path) -> None:
    put(tmp_path, "2026-11-02/a/one.mp4", b"one")
    (tmp_path / "2026-11-02/a/again.mp4").symlink_to("one.mp4")
    (tmp_path / "2026-11-02/a/loop").symlink_to("..")
    (tmp_path / "latest").symlink_to("2026-11-02")
    listing = list_uploads(str(tmp_path))
    assert set(by_id(listing)) == {"2026-11-02/a/one.mp4", "2026-11-02/a/again.mp4"}
    again = by_id(listing)["2026-11-02/a/again.mp4"]
    assert again.held_reason is None
    assert read(tmp_path, again.upload_id, fingerprint=again.fingerprint) == b"one"


def test_an_uploads_folder_that_is_itself_a_link_is_fine(tmp_path: Path) -> None:
    put(tmp_path / "disk", "2026-11-02/a/one.mp4", b"one")
    (tmp_path / "uploads").symlink_to("disk")
    for url in (str(tmp_path / "uploads"), f"file://{tmp_path}/uploads"):
        (upload,) = list_uploads(url).uploads
        assert read(url, upload.upload_id) == b"one"
        assert root_uri(url) == f"file://{tmp_path}/disk"


def test_pipes_and_sockets_are_held_and_opening_one_does_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.mp4"))
        found = by_id(list_uploads(str(tmp_path)))
    assert set(found) == {"pipe.mp4", "s.mp4"}
    assert all("not a regular file" in (one.held_reason or "") for one in found.values())
    with pytest.raises(UploadRejected, match="not a regular file"):
        read(tmp_path, "pipe.mp4")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_without_permission_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    put(tmp_path, "a/one.mp4")
    put(tmp_path, "b/two.mp4")
    (tmp_path / "a").chmod(0)
    try:
        listing = list_uploads(str(tmp_path))
    finally:
        (tmp_path / "a").chmod(0o700)
    assert set(by_id(listing)) == {"b/two.mp4"}
    assert [one.folder for one in listing.unread] == ["a"]
