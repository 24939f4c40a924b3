"""What the files of a folder mean: uploads, their sidecars and fingerprints."""

import os
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from vidpipe.uploads.found_uploads import contents_of_folder
from vidpipe.uploads.listing import list_uploads
from vidpipe.uploads.source import FileState
from vidpipe_tests.uploads.files import by_id, put


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


@given(st.binary(min_size=1, max_size=60).filter(lambda name: not set(name) & {0, 0x2F}))
def test_the_upload_id_gives_the_name_back_byte_for_byte(name: bytes) -> None:
    state = FileState(1, datetime(2026, 1, 1, tzinfo=UTC), "1")
    found = contents_of_folder(b"a\xff/b", {name: state})
    ids = [one.upload_id for one in found.uploads] + [one.upload_id for one in found.side_files]
    assert [unquote_to_bytes(one) for one in ids] == [b"a\xff/b/" + name]


def test_fingerprints_are_written_as_the_lake_has_them() -> None:
    """Keys of the lake: whatever changes one character here recomputes every upload."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    names = (b"alone.mp4", b"told.mp4", b"told.json", b"told.info.json", b"dl.mp4", b"dl.info.json")
    own = {name: FileState(size, when, f"{size}00") for size, name in enumerate(names, 1)}
    manifests = {
        b"manifest.csv": FileState(8, when, "800"),
        b"manifest.ndjson": FileState(9, when, "etag-9"),
    }

    def fingerprints(files: dict[bytes, FileState]) -> dict[str, tuple[str, str, str]]:
        return {
            one.upload_id: (one.fingerprint, one.own_fingerprint, one.sidecar_fingerprint)
            for one in contents_of_folder(b"2026-11-02", files).uploads
        }

    told = ("2-200;native=3-300+yt-dlp=4-400",) * 2 + ("native=3-300+yt-dlp=4-400",)
    dl = ("5-500;yt-dlp=6-600",) * 2 + ("yt-dlp=6-600",)
    assert fingerprints(own) == {
        "2026-11-02/alone.mp4": ("1-100;", "1-100;", ""),
        "2026-11-02/told.mp4": told,
        "2026-11-02/dl.mp4": dl,
    }
    shared = "manifest.ndjson=9-etag-9+manifest.csv=8-800"
    assert fingerprints({**own, **manifests}) == {
        "2026-11-02/alone.mp4": (f"1-100;{shared}", "1-100;", shared),
        "2026-11-02/told.mp4": told,
        "2026-11-02/dl.mp4": dl,
    }


def test_a_path_too_long_to_be_a_key_is_held_under_a_short_one() -> None:
    state = FileState(1, datetime(2026, 1, 1, tzinfo=UTC), "1")
    files = {b"x.mp4": state, b"x.json": state}
    [upload] = contents_of_folder(b"a/" + b"\xff" * 800, files).uploads
    assert upload.upload_id.startswith("a/too-long~")
    assert upload.sidecars == ()
    assert "shorten" in (upload.held_reason or "")


def test_a_sidecar_is_found_however_another_system_wrote_its_name() -> None:
    nfc, nfd = (unicodedata.normalize(form, "Café").encode() for form in ("NFC", "NFD"))
    state = FileState(1, datetime(2026, 1, 1, tzinfo=UTC), "1")
    for video, sidecar in (
        (nfd + b".mp4", nfc + b".info.json"),
        (nfc + b".mp4", nfd + b".info.json"),
        (b"IMG_1.MOV", b"IMG_1.JSON"),
        (b"b\xff.mp4", b"b\xff.JSON"),
    ):
        found = contents_of_folder(b"", dict.fromkeys((video, sidecar), state))
        [upload] = found.uploads
        assert [unquote_to_bytes(one.upload_id) for one in upload.sidecars] == [sidecar]
    both = contents_of_folder(b"", dict.fromkeys((b"A.mp4", b"a.mp4", b"a.json"), state))
    assert [len(one.sidecars) for one in both.uploads] == [0, 1], "two files of two names"
