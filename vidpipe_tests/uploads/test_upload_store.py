"""Listing and opening uploads, in real folders and in a bucket of moto's server."""

import os
import socket
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.errors import ItemUnavailable, UploadRejected
from vidpipe.uploads.upload_store import (
    FoundUpload,
    Listing,
    folder_date,
    is_upload_name,
    list_some_uploads,
    list_uploads,
    local_copy,
    remove_stale_copies,
    root_uri,
)

PLENTY = 1 << 20


def put(root: Path, name: str | bytes, content: bytes = b"video") -> bytes:
    path = os.path.join(os.fsencode(root), os.fsencode(name))  # noqa: PTH118 (bytes)
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 (bytes)
    with open(path, "wb") as file:  # noqa: PTH123 (bytes)
        file.write(content)
    return path


def by_id(listing: Listing) -> dict[str, FoundUpload]:
    return {upload.upload_id: upload for upload in listing.uploads}


def read(url: Path | str, upload_id: str, **options: Any) -> bytes:
    with local_copy(str(url), upload_id, **{"max_bytes": PLENTY, **options}) as path:
        return Path(path).read_bytes()


# -- which names are uploads ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        b"a.mp4",
        b"A.MKV",
        b"no_suffix",
        b"-rf.mp4",
        b"a.unknown",
        b"not utf-8 \xff.webm",
        b"a.b.c.ts",
        b"a b.gif",
        b"readme.mp4",
        b"x" * 251 + b".mp4",
    ],
)
def test_what_could_be_a_video_is_an_upload(name: bytes) -> None:
    assert is_upload_name(name)


@pytest.mark.parametrize(
    "name",
    [
        b".hidden.mp4",
        b".DS_Store",
        b"a.mp4.part",
        b"a.mp4.part-Frag3",
        b"a.mp4.crdownload",
        b"a.temp.mp4",
        b"a.mp4~",
        b"a.json",
        b"a.info.json",
        b"manifest.ndjson",
        b"manifest.csv",
        b"a.JPG",
        b"a.srt",
        b"README",
        b"README.md",
        b"Thumbs.db",
    ],
)
def test_sidecars_pictures_and_unfinished_files_are_not(name: bytes) -> None:
    assert not is_upload_name(name)


def test_the_date_of_a_folder_is_told_from_names_that_look_alike() -> None:
    assert folder_date("2026-11-02/a/x.mp4") == (date(2026, 11, 2), None)
    assert folder_date("ingest_date%3D2026-11-02/x.mp4") == (date(2026, 11, 2), None)
    assert folder_date("2026-11-02") == (None, None)
    assert folder_date("2026-11-02b/x.mp4") == (None, None)
    assert folder_date("alice/2026-11-02/x.mp4") == (None, None)
    day, problem = folder_date("2026-13-01/x.mp4")
    assert day is None
    assert "no such day" in (problem or "")


# -- folders --------------------------------------------------------------------------------------


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
    assert listing.complete
    assert listing.failure is None
    assert listing.other_files == 4
    found = by_id(listing)
    assert set(found) == {
        "2026-11-02/a/one.mp4",
        "2026-11-02/a/two.webm",
        "2026-11-02/b/three.mkv",
        "loose.mp4",
    }
    one = found["2026-11-02/a/one.mp4"]
    assert one.size_bytes == 5
    assert one.sidecars == (
        "native=2026-11-02/a/one.json",
        "yt-dlp=2026-11-02/a/one.info.json",
    )
    two = found["2026-11-02/a/two.webm"]
    assert two.sidecars == ("manifest=2026-11-02/a/manifest.ndjson",)
    assert found["2026-11-02/b/three.mkv"].sidecars == ()


def test_the_fingerprint_changes_with_the_file_and_with_each_sidecar(tmp_path: Path) -> None:
    seen = set()

    def fingerprint() -> str:
        found = by_id(list_uploads(str(tmp_path)))["one.mp4"].fingerprint
        seen.add(found)
        return found

    put(tmp_path, "one.mp4", b"1")
    first = fingerprint()
    assert fingerprint() == first
    put(tmp_path, "one.mp4", b"22")
    fingerprint()
    os.utime(tmp_path / "one.mp4", ns=(0, 1))
    fingerprint()
    put(tmp_path, "manifest.csv", b"file\n")
    fingerprint()
    put(tmp_path, "one.json", b"{}")
    own = fingerprint()
    put(tmp_path, "manifest.csv", b"file\none.mp4\n")
    assert fingerprint() == own, "an own sidecar speaks for its upload"
    put(tmp_path, "one.info.json", b"{}")
    fingerprint()
    put(tmp_path, "one.json", b"{ }")
    fingerprint()
    assert len(seen) == 7


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


@given(st.binary(min_size=1, max_size=60).filter(lambda name: not set(name) & {0, 0x2F}))
def test_the_upload_id_gives_the_name_back_byte_for_byte(name: bytes) -> None:
    from datetime import UTC, datetime
    from urllib.parse import unquote_to_bytes

    from vidpipe.uploads.upload_store import FileState, uploads_in_folder

    state = FileState(1, datetime(2026, 1, 1, tzinfo=UTC), "1")
    for upload in uploads_in_folder(b"a\xff/b", {name: state}):
        assert unquote_to_bytes(upload.upload_id) == b"a\xff/b/" + name


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


def test_pipes_and_sockets_are_held_and_opening_one_does_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.mp4"))
        found = by_id(list_uploads(str(tmp_path)))
    assert set(found) == {"pipe.mp4", "s.mp4"}
    assert all("not a regular file" in (one.held_reason or "") for one in found.values())
    with pytest.raises(UploadRejected, match="not a regular file"):
        read(tmp_path, "pipe.mp4")


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


def test_a_missing_folder_is_a_failed_listing(tmp_path: Path) -> None:
    listing = list_uploads(str(tmp_path / "nowhere"))
    assert not listing.complete
    assert "cannot be listed" in (listing.failure or "")
    assert "VIDPIPE_UPLOADS_URL" in (listing.failure or "")


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
    assert not listing.complete


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
        assert not tick.complete
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


def test_copies_that_killed_workers_left_are_removed_a_day_later(tmp_path: Path) -> None:
    put(tmp_path, "vidpipe-upload-old")
    put(tmp_path, "vidpipe-upload-new")
    put(tmp_path, "other")
    day_before = (tmp_path / "other").stat().st_mtime - timedelta(days=2).total_seconds()
    os.utime(tmp_path / "vidpipe-upload-old", (day_before, day_before))
    os.utime(tmp_path / "other", (day_before, day_before))
    assert remove_stale_copies(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "vidpipe-upload-new"]


# -- buckets --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A boto3 client of moto's server, with the environment that obstore reads."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_ALLOW_HTTP", "true")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_REGION", "us-east-1")
        yield boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    server.stop()


@pytest.fixture
def bucket(s3: Any, request: pytest.FixtureRequest) -> str:
    name = f"uploads-{abs(hash(request.node.name)) % 10**9}"
    s3.create_bucket(Bucket=name)
    return name


def test_a_bucket_is_listed_like_a_folder(s3: Any, bucket: str) -> None:
    names = [
        "2026-11-02/a/one.mp4",
        "2026-11-02/a/one.json",
        "2026-11-02/a/sp ace 100% 'q' ü#?.mp4",
        "2026-11-03/b/two.mp4",
        "2026-11-03/.hidden/x.mp4",
        "loose.mp4",
        "README.md",
    ]
    for name in names:
        s3.put_object(Bucket=bucket, Key=f"in/box/{name}", Body=name.encode())
    s3.put_object(Bucket=bucket, Key="in/box/2026-11-04/", Body=b"")
    s3.put_object(Bucket=bucket, Key="in/boxer/not-ours.mp4", Body=b"x")
    url = f"s3://{bucket}/in/box"
    listing = list_uploads(url)
    assert listing.complete
    found = by_id(listing)
    assert set(found) == {
        "2026-11-02/a/one.mp4",
        "2026-11-02/a/sp%20ace%20100%25%20%27q%27%20%C3%BC%23%3F.mp4",
        "2026-11-03/b/two.mp4",
        "loose.mp4",
    }
    assert found["2026-11-02/a/one.mp4"].sidecars == ("native=2026-11-02/a/one.json",)
    for upload in listing.uploads:
        content = read(url, upload.upload_id, fingerprint=upload.fingerprint)
        assert content.decode() in names
    assert read(url, "2026-11-02/a/one.json") == b"2026-11-02/a/one.json"
    before = found["2026-11-02/a/one.mp4"].fingerprint
    s3.put_object(Bucket=bucket, Key="in/box/2026-11-02/a/one.mp4", Body=b"2026-11-02/a/0ne.mp4")
    assert by_id(list_uploads(url))["2026-11-02/a/one.mp4"].fingerprint != before
    with pytest.raises(ItemUnavailable, match="changed since"):
        read(url, "2026-11-02/a/one.mp4", fingerprint=before)


def test_objects_of_a_bucket_have_limits_and_vanish(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="one.mp4", Body=b"123456")
    url = f"s3://{bucket}"
    with local_copy(url, "one.mp4", max_bytes=6) as path:
        assert Path(path).read_bytes() == b"123456"
    assert not Path(path).exists()
    with pytest.raises(UploadRejected, match="6 bytes, more than 5"):
        read(url, "one.mp4", max_bytes=5)
    s3.delete_object(Bucket=bucket, Key="one.mp4")
    with pytest.raises(ItemUnavailable, match="cannot be fetched"):
        read(url, "one.mp4")


def test_a_bucket_that_does_not_exist_is_a_failed_listing(s3: Any) -> None:
    assert s3.list_buckets() is not None
    listing = list_uploads("s3://no-such-bucket-here")
    assert not listing.complete
    assert "cannot be listed" in (listing.failure or "")


def test_one_impossible_key_hides_only_its_own_folder(s3: Any, bucket: str) -> None:
    for key in ("2026-11-02/good/one.mp4", "2026-11-02/bad//two.mp4", "2026-11-03/a/three.mp4"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"video")
    listing = list_uploads(f"s3://{bucket}")
    assert set(by_id(listing)) == {"2026-11-02/good/one.mp4", "2026-11-03/a/three.mp4"}
    assert [one.folder for one in listing.unread] == ["2026-11-02/bad"]
    assert not listing.complete


def test_a_bucket_of_more_than_one_page_is_listed_whole(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_location(Bucket=bucket)
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    store = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]  # moto's server runs in this process
    for number in range(1005):
        store.put_object(bucket, f"2026-11-02/a/{number}.mp4", b"x")
    assert len(list_uploads(f"s3://{bucket}").uploads) == 1005
