"""Which names are uploads, and the date that a path says."""

from datetime import date

import pytest

from vidpipe.uploads.names import (
    finished_name,
    folder_date,
    is_hidden,
    is_video_name,
    stem_of_stream,
)


@pytest.mark.parametrize(
    "name",
    [
        b"a.mp4",
        b"A.MKV",
        b"-rf.mp4",
        b"not utf-8 \xff.webm",
        b"a.b.c.ts",
        b"a b.gif",
        b"x.temp.mp4",
    ],
)
def test_a_suffix_of_videos_says_that_a_file_is_one(name: bytes) -> None:
    assert is_video_name(name)


@pytest.mark.parametrize("name", [b"no_suffix", b"a.unknown", b"a.json", b"a.mp4.part", b".mp4"])
def test_other_names_say_nothing(name: bytes) -> None:
    assert not is_video_name(name)


@pytest.mark.parametrize("name", [b".hidden.mp4", b".DS_Store", b"a.mp4~", b"~$a.mp4", b"._a.mp4"])
def test_what_programs_keep_for_themselves_is_hidden(name: bytes) -> None:
    assert is_hidden(name)


@pytest.mark.parametrize(
    ("name", "finished"),
    [
        (b"a.mp4.part", b"a.mp4"),
        (b"a.mp4.part-Frag3", b"a.mp4"),
        (b"a.mp4.part-Frag3.part", b"a.mp4"),
        (b"a.mp4.crdownload", b"a.mp4"),
        (b"a.mp4.!qB", b"a.mp4"),
        (b"a.temp.mp4", b"a.mp4"),
        (b"a.f137.mp4.part", b"a.f137.mp4"),
        (b"a.mp4", None),
        (b"part.mp4", None),
        (b"temp", None),
    ],
)
def test_an_unfinished_download_tells_the_name_that_it_will_have(
    name: bytes, finished: bytes | None
) -> None:
    assert finished_name(name) == finished


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        (b"Ride [x].f137.mp4", b"Ride [x]"),
        (b"Ride [x].f140.m4a", b"Ride [x]"),
        (b"Ride [x].mp4.f315", b"Ride [x]"),
        (b"Ride.f140-drc.m4a", b"Ride"),
        (b"Ride.fhls-1040.mp4", b"Ride"),
        (b"Ride.fdash-video=1200.mp4", b"Ride"),
        (b"Ride.fvideo=1200.mp4", b"Ride"),
        (b"Ride.fhls-audio-128000-Audio.mp4", b"Ride"),
        (b"Ride.fdash-lp-hd-v.mp4", b"Ride"),
        (b"movie.final.mp4", None),
        (b"clip.f4v", None),
        (b"front.fps60.mp4", None),
        (b"Ride.mp4", None),
    ],
)
def test_a_stream_of_a_video_tells_the_stem_of_the_whole(name: bytes, whole: bytes | None) -> None:
    assert stem_of_stream(name) == whole


def test_the_date_of_a_folder_is_told_from_names_that_look_alike() -> None:
    assert folder_date("2026-11-02/a/x.mp4") == (date(2026, 11, 2), None)
    assert folder_date("ingest_date%3D2026-11-02/x.mp4") == (date(2026, 11, 2), None)
    assert folder_date("2026-11-02") == (None, None)
    assert folder_date("2026-11-02b/x.mp4") == (None, None)
    assert folder_date("alice/2026-11-02/x.mp4") == (None, None)
    day, problem = folder_date("2026-13-01/x.mp4")
    assert day is None
    assert "no such day" in (problem or "")
