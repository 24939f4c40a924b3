"""Manifests, well-formed and hostile."""

import codecs
import io
import json
import unicodedata
from urllib.parse import quote

import pytest

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.manifest import is_manifest_name, parse_manifest
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar


def test_an_ndjson_manifest_speaks_for_its_files_and_the_last_line_counts() -> None:
    lines = [
        {"file": "one.mp4", "description": "old"},
        {"file": "./one.mp4", "description": "new", "id": "1", "platform": "tube"},
        {"file": "two.mp4", "description": "other"},
    ]
    manifest = sidecar("manifest", "\n".join(json.dumps(line) for line in lines).encode())
    result = found(manifest)
    assert result.source == "manifest"
    assert (result.metadata.description, result.metadata.video_id) == ("new", "tube:1")
    assert "line 1 and line 2 name the same file; line 2 counts" in (result.error or "")
    assert found(manifest, upload_id="2026-11-02/alice/two.mp4").error is None
    absent = found(manifest, upload_id="2026-11-02/alice/three.mp4")
    assert (absent.source, absent.error) == ("none", None)


def test_a_csv_manifest_speaks_for_its_files() -> None:
    text = (
        "\ufefffile,account,posted_at,description,hashtags,extra\n"
        'one.mp4,bob,2026-11-01T00:00:00Z,"a, quoted\nline",#x #y,\n'
        "-rf.mp4,,,,,surplus,cells\n"
    )
    manifest = sidecar("manifest", text.encode(), "manifest.csv")
    metadata = found(manifest).metadata
    assert (metadata.account, metadata.hashtags) == ("bob", ("x", "y"))
    assert metadata.description == "a, quoted\nline"
    dashed = found(manifest, upload_id="2026-11-02/alice/-rf.mp4")
    assert (dashed.source, dashed.metadata.account, dashed.error) == ("manifest", "alice", None)


def test_names_in_a_manifest_match_in_either_normal_form_or_percent_encoded() -> None:
    for written in ("caf\u00e9.mp4", "cafe\u0301.mp4", "caf%C3%A9.mp4"):
        line = json.dumps({"file": written, "description": "x"}).encode()
        upload_id = "2026-11-02/alice/caf%C3%A9.mp4"
        assert found(sidecar("manifest", line), upload_id=upload_id).source == "manifest"
    line = json.dumps({"file": "%FF.mp4"}).encode()
    assert found(sidecar("manifest", line), upload_id="2026-11-02/a/%FF.mp4").source == "manifest"


def test_bad_lines_of_a_manifest_harm_only_those_without_a_good_one() -> None:
    data = b'{"file": "one.mp4", "description": "x"}\n{"file": "two.mp4", \n[]\n{"file": 7}\n'
    manifest = sidecar("manifest", data)
    assert found(manifest).error is None
    other = found(manifest, upload_id="2026-11-02/alice/two.mp4")
    assert other.source == "none"
    assert "manifest.ndjson has 3 rows that cannot be read" in (other.error or "")
    assert "line 2, column 21" in (other.error or "")


@pytest.mark.parametrize("data", [b"", b"name,account\nx,y\n"])
def test_a_csv_manifest_without_a_file_column_is_a_metadata_error(data: bytes) -> None:
    with pytest.raises(MetadataError, match="no column named file"):
        parse_manifest(io.BytesIO(data), "manifest.csv")


def test_a_manifest_has_one_of_five_names_in_any_case() -> None:
    for name in (
        b"manifest.ndjson",
        b"Manifest.JSONL",
        b"manifest.json",
        b"MANIFEST.CSV",
        b"manifest.tsv",
    ):
        assert is_manifest_name(name)
    for name in (b"my manifest.csv", b"manifest.txt", b"manifest", b"manifest.csv.bak"):
        assert not is_manifest_name(name)


TABLE = "File Name;Account;Description;Posted At\r\none.mp4;bob;früh, spät;2026-11-02\r\n"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_table_is_read_as_spreadsheets_write_it(encoding: str, delimiter: str) -> None:
    data = TABLE.replace(";", delimiter).encode(encoding)
    result = found(sidecar("manifest", data, "Manifest.CSV"))
    assert (result.source, result.error) == ("manifest", None)
    assert (result.metadata.account, result.metadata.description) == ("bob", "früh, spät")
    assert result.metadata.posted_at_precision == "day"


def test_a_table_in_windows_1252_is_read_and_named() -> None:
    result = found(sidecar("manifest", TABLE.encode("cp1252"), "manifest.csv"))
    assert result.metadata.description == "früh, spät"
    assert "manifest.csv: is not UTF-8 and was read as Windows-1252" in (result.error or "")


def test_one_damaged_byte_does_not_make_another_encoding() -> None:
    data = "file,description\none.mp4,früh äöü\n".encode()[:-1] + b"\xff\n"
    result = found(sidecar("manifest", data, "manifest.csv"))
    assert result.metadata.description == "früh äöü\ufffd"
    assert "is not UTF-8; save it as UTF-8" in (result.error or "")


@pytest.mark.parametrize("name", ["manifest.json", "manifest.jsonl", "manifest.ndjson"])
@pytest.mark.parametrize("layout", ["list", "indented list", "lines"])
def test_objects_stand_in_a_list_or_one_a_line(name: str, layout: str) -> None:
    rows = [{"file": "one.mp4", "account": "bob"}, {"Filename": "two.mp4", "account": "eve"}]
    if layout == "lines":
        text = "\r\n".join(map(json.dumps, rows))
    else:
        text = json.dumps(rows, indent=2 if layout == "indented list" else None)
    manifest = sidecar("manifest", codecs.BOM_UTF8 + text.encode(), name)
    assert found(manifest).metadata.account == "bob"
    assert found(manifest, upload_id="2026-11-02/alice/two.mp4").metadata.account == "eve"


def test_columns_may_be_called_as_tables_of_posts_call_them() -> None:
    text = (
        "Filename;Post ID;Platform;Author;Caption;Date\n"
        'one.mp4;12;Tube;eve;"two\nlines";2026-11-01\n'
    )
    metadata = found(sidecar("manifest", text.encode(), "manifest.csv")).metadata
    assert (metadata.video_id, metadata.account) == ("tube:12", "eve")
    assert (metadata.description, metadata.posted_at_precision) == ("two\nlines", "day")
    both = b"file,id,post_id,platform\none.mp4,right,other,tube\n"
    named = found(sidecar("manifest", both, "manifest.csv")).metadata
    assert named.video_id == "tube:right"


def test_clips_of_one_post_are_told_apart_by_their_files() -> None:
    nfd = unicodedata.normalize("NFD", "café.mp4")
    rows = [{"file": f"v/{name}", "platform": "X", "id": 5} for name in ("one.mp4", nfd)]
    rows += [{"file": "three.mp4", "platform": "x", "id": "6"}]
    manifest = sidecar("manifest", "\n".join(map(json.dumps, rows)).encode())
    uploads = [f"2026-11-02/alice/{quote(name)}" for name in ("one.mp4", nfd, "three.mp4")]
    clips = [found(manifest, upload_id=upload).metadata for upload in uploads]
    assert [clip.video_id for clip in clips] == ["x:5", "x:5", "x:6"]
    assert [clip.media_key for clip in clips] == ["one.mp4", "café.mp4", None]
    numbered = [row | {"media_number": number} for number, row in enumerate(rows[:2], start=1)]
    manifest = sidecar("manifest", "\n".join(map(json.dumps, numbered)).encode())
    clip = found(manifest, upload_id=uploads[1]).metadata
    assert (clip.media_key, clip.media_number) == (None, 2), "it may be called otherwise next time"


def test_two_rows_of_one_file_are_no_two_clips_and_the_same_row_twice_is_no_problem() -> None:
    rows = [{"file": "one.mp4", "platform": "x", "id": "5"}] * 2
    result = found(sidecar("manifest", "\n".join(map(json.dumps, rows)).encode()))
    assert (result.metadata.media_key, result.error) == (None, None)


def test_files_of_one_name_in_several_folders_are_a_problem_beside_the_manifest() -> None:
    rows = [{"file": f"{folder}/one.mp4", "account": folder} for folder in ("a", "b")]
    manifest = sidecar("manifest", "\n".join(map(json.dumps, rows)).encode())
    below = found(manifest, upload_id="2026-11-02/alice/a/one.mp4")
    assert (below.metadata.account, below.error) == ("a", None)
    beside = found(manifest)
    assert beside.metadata.account == "b"
    assert "line 1 and line 2 name the same file; line 2 counts" in (beside.error or "")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("manifest.csv", b"name,Account\nx,y\n", "which has: name, Account"),
        ("manifest.csv", b"", "is empty"),
        ("manifest.csv", b"\x00\x01\x02", "zero bytes"),
        ("manifest.json", b'[{"file": "one.mp4"},', r"is not valid JSON \(line 1, column"),
        (
            "manifest.ndjson",
            b'{"file"\n',
            r"the first: line 1 is not valid JSON \(line 1, column 8",
        ),
        (
            "manifest.ndjson",
            b'\n{"id": 1, "platform": "x"}',
            "line 2 names no file, and has only: id",
        ),
        ("manifest.json", b'{"name": "app", "icons": []}', "entry 1 names no file"),
        ("manifest.json", b"[1]", "entry 1 is a JSON number, not an object"),
        ("manifest.csv", b"file,id\n,1\n", "line 2 names no file, and has only: id"),
    ],
)
def test_the_reason_given_is_the_real_cause(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(MetadataError, match=reason):
        parse_manifest(io.BytesIO(data), name).fields_of("one.mp4")


def test_a_manifest_of_many_rows_is_parsed_once_and_asked_often() -> None:
    lines = [
        json.dumps({"file": f"C:\\v\\{n}.mp4", "id": n, "platform": "x"}) for n in range(2_000)
    ]
    manifest = parse_manifest(io.BytesIO("\n".join(lines).encode()), "a/manifest.ndjson")
    ids = [fields.id for n in range(2_000) if (fields := manifest.fields_of(f"a/{n}.mp4"))]
    assert ids == [str(n) for n in range(2_000)]
