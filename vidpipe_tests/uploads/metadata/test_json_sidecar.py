"""Bytes that are no JSON object, or no UTF-8."""

import pytest

from vidpipe_tests.uploads.metadata.sidecars import found, sidecar


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"id": ' + b"9" * 10_000 + b"}",
        b"\xff\xfe{\x00}",
        b"\x00" * 100,
        b"<html></html>",
    ],
    ids=["empty", "list", "null", "text", "nest", "list nest", "digits", "utf-16", "nul", "html"],
)
def test_a_sidecar_that_is_no_object_is_a_metadata_error(content: bytes) -> None:
    result = found(sidecar("native", content))
    assert result.source == "none"
    assert (result.error or "").startswith("MetadataError: 2026-11-02/alice/one.json")


def test_a_byte_order_mark_is_no_error() -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        data = '{"description": "früh"}'.encode(encoding)
        result = found(sidecar("native", data))
        assert (result.metadata.description, result.error) == ("früh", None)


def test_text_that_is_not_utf8_is_read_as_windows_1252_and_named() -> None:
    result = found(sidecar("native", '{"description": "früh"}'.encode("latin-1")))
    assert result.metadata.description == "früh"
    assert "save it as UTF-8" in (result.error or "")
