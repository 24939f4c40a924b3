"""Listing and opening uploads in a bucket of moto's server."""

from pathlib import Path
from typing import Any

import pytest

from vidpipe.errors import ItemUnavailable, UploadRejected
from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.opening import head_of, local_copy
from vidpipe.uploads.registry.side_files import told_apart
from vidpipe.uploads.sidecars import Sidecar
from vidpipe_tests.uploads.files import by_id, read


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
    assert (listing.failure, listing.unread) == (None, ())
    found = by_id(listing)
    assert set(found) == {
        "2026-11-02/a/one.mp4",
        "2026-11-02/a/sp%20ace%20100%25%20%27q%27%20%C3%BC%23%3F.mp4",
        "2026-11-03/b/two.mp4",
        "README.md",
        "loose.mp4",
    }
    assert found["2026-11-02/a/one.mp4"].sidecars == (Sidecar("native", "2026-11-02/a/one.json"),)
    for upload in listing.uploads:
        content = read(url, upload.upload_id, fingerprint=upload.fingerprint)
        assert content.decode() in names
    assert read(url, "2026-11-02/a/one.json") == b"2026-11-02/a/one.json"
    before = found["2026-11-02/a/one.mp4"].fingerprint
    s3.put_object(Bucket=bucket, Key="in/box/2026-11-02/a/one.mp4", Body=b"2026-11-02/a/0ne.mp4")
    assert by_id(list_uploads(url))["2026-11-02/a/one.mp4"].fingerprint != before
    with pytest.raises(ItemUnavailable, match="changed since"):
        read(url, "2026-11-02/a/one.mp4", fingerprint=before)


def test_objects_whose_names_do_not_tell_are_looked_into(s3: Any, bucket: str) -> None:
    contents = {
        "2026-11-02/a/videoplayback": b"\x00\x00\x00\x18ftypisom" + bytes(5000),
        "2026-11-02/a/one.image": b"\xff\xd8\xff\xe0" + bytes(5000),
        "2026-11-02/a/one.en.vtt": b"WEBVTT\n",
        "2026-11-02/.metadata.json": b"{}",
    }
    for key, body in contents.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    url = f"s3://{bucket}"
    assert head_of(url, "2026-11-02/a/videoplayback", 12) == b"\x00\x00\x00\x18ftypisom"
    found = told_apart(list_uploads(url))
    assert set(by_id(found)) == {"2026-11-02/a/videoplayback"}
    assert {one.upload_id: one.kind for one in found.side_files} == {
        "2026-11-02/a/one.image": "picture",
        "2026-11-02/a/one.en.vtt": "subtitles",
        "2026-11-02/.metadata.json": "metadata",
    }


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
    assert listing.read_folders == ()
    assert "cannot be listed" in (listing.failure or "")


def test_one_impossible_key_hides_only_its_own_folder(s3: Any, bucket: str) -> None:
    for key in ("2026-11-02/good/one.mp4", "2026-11-02/bad//two.mp4", "2026-11-03/a/three.mp4"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"video")
    listing = list_uploads(f"s3://{bucket}")
    assert set(by_id(listing)) == {"2026-11-02/good/one.mp4", "2026-11-03/a/three.mp4"}
    assert [one.folder for one in listing.unread] == ["2026-11-02/bad"]


def test_a_bucket_of_more_than_one_page_is_listed_whole(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_location(Bucket=bucket)
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    store = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]  # moto's server runs in this process
    for number in range(1005):
        store.put_object(bucket, f"2026-11-02/a/{number}.mp4", b"x")
    assert len(list_uploads(f"s3://{bucket}").uploads) == 1005
