"""Manifests, well-formed and hostile."""

import io
import json

import pytest

from vidpipe.errors import MetadataError
from vidpipe.uploads.metadata.manifest import parse_manifest
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
