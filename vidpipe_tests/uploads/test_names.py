"""Which names are uploads, and the date that a path says."""

from datetime import date

import pytest

from vidpipe.uploads.names import folder_date, is_upload_name


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
