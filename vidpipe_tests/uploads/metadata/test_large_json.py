"""JSON too large to be held."""

import io
import json
import tracemalloc
from pathlib import Path

import ijson
import pytest

from vidpipe.uploads.metadata import large_json
from vidpipe.uploads.metadata.json_sidecar import MAX_WHOLE_BYTES
from vidpipe.uploads.metadata.large_json import MAX_LIST_ENTRIES, TooMuchJson, kept_json
from vidpipe_tests.uploads.metadata import info_files
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

COMMENT = {
    "id": "Ugx000001",
    "text": "synthetic comment " * 6,
    "author": "@viewer",
    "parent": "root",
}


def popular(**changes: object) -> str:
    """An info file that is mostly comments."""
    comments = [COMMENT] * (5 * MAX_WHOLE_BYTES // 4 // len(json.dumps(COMMENT)))
    return json.dumps(info_files.youtube(comments=comments) | changes)


def test_an_info_file_that_is_mostly_comments_is_read() -> None:
    result = found(sidecar("yt-dlp", popular(epoch=1793721600, tags=["after"]).encode()))
    assert (result.source, result.error) == ("yt-dlp", None)
    assert result.metadata.video_id == "youtube:Ab000000001"
    assert (result.metadata.hashtags, result.metadata.views) == (("after",), 1000)


def test_what_is_not_kept_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "one.info.json"
    path.write_text(popular())
    tracemalloc.start()
    with path.open("rb") as file:
        kept = kept_json(file, "utf-8-sig")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(kept["comments"]) == MAX_LIST_ENTRIES
    assert peak < MAX_WHOLE_BYTES


def test_a_large_file_that_was_cut_off_says_so() -> None:
    text = popular()
    for end in (len(text) - 1, len(text) * 9 // 10):
        result = found(sidecar("yt-dlp", text[:end].encode()))
        assert result.source == "none"
        assert "one.info.json is cut off" in (result.error or "")


def test_a_large_file_that_is_wrong_inside_says_what() -> None:
    text = popular().replace("[{", "[;{", 1)
    result = found(sidecar("yt-dlp", text.encode()))
    assert "one.info.json is not valid JSON (" in (result.error or "")
    assert "correct or remove it" in (result.error or "")
    digits = popular(like_count="LIKES").replace('"LIKES"', "9" * 5000)
    result = found(sidecar("yt-dlp", digits.encode()))
    assert "one.info.json cannot be read as JSON (" in (result.error or "")


def test_numbers_that_are_none_and_bytes_that_are_no_text_are_passed_over() -> None:
    text = popular(heatmap=[float("nan"), float("-inf")], title='A NaN, "Infinity" \\\\')
    data = text.encode().replace(b"Stalls", b"St\xffalls")
    result = found(sidecar("yt-dlp", data))
    assert result.error is None
    assert result.metadata.description == 'A NaN, "Infinity" \\\\\n\nSt\ufffdalls at noon'


@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 7, 50])
def test_wherever_a_file_is_divided_it_says_the_same(
    chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_json, "_CHUNK_BYTES", chunk_bytes)
    values = [
        {"NaN": float("nan"), '"\\': [float("inf"), -float("inf"), "NaN"]},
        "é\u2028😀",
        "\\u1234",
    ]
    for ensure_ascii in (True, False):
        data = json.dumps(values, ensure_ascii=ensure_ascii).encode()
        wanted = [{"NaN": None, '"\\': [None, None, "NaN"]}, "é\u2028😀", "\\u1234"]
        assert kept_json(io.BytesIO(data), "utf-8-sig") == wanted


def test_the_last_of_two_values_of_one_name_counts() -> None:
    assert kept_json(io.BytesIO(b'{"a": 1, "b": 1.5, "a": [2]}'), "utf-8") == {"a": [2], "b": 1.5}


def test_what_is_kept_is_bounded() -> None:
    for data, reason in ((b"[" * 100_000, "nested"), (_many_names(), "more than")):
        with pytest.raises(TooMuchJson, match=reason):
            kept_json(io.BytesIO(data), "utf-8")
    with pytest.raises(ijson.JSONError):
        kept_json(io.BytesIO(b""), "utf-8")
    lists = json.dumps([[["x" * 100] * 1000] * 100]).encode()
    assert len(str(kept_json(io.BytesIO(lists), "utf-8"))) < 2 * large_json.MAX_LISTED_CHARACTERS


def _many_names() -> bytes:
    return json.dumps({f"{n:0100}": "x" * 100 for n in range(100_000)}).encode()
