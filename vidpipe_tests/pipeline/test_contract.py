"""Rows that all stages share."""

import pytest

from vidpipe.errors import DecodeError, ItemUnavailable, StoreError, WorkerLost
from vidpipe.pipeline.contract import failed_row, ok_row

KEY = {"content_sha256": "ab"}


def test_a_processed_and_a_failed_item_have_the_same_columns() -> None:
    processed, failed = ok_row(KEY), failed_row(KEY, DecodeError("no frame can be decoded"))
    assert processed.keys() == failed.keys()
    assert processed == {
        **KEY,
        "status": "ok",
        "error_class": None,
        "error_message": None,
        "is_transient": False,
    }
    assert failed == {
        **KEY,
        "status": "failed",
        "error_class": "DecodeError",
        "error_message": "no frame can be decoded",
        "is_transient": False,
    }


@pytest.mark.parametrize(
    ("error", "is_transient"),
    [
        (DecodeError("broken"), False),
        (WorkerLost("it died"), False),
        (ItemUnavailable("not just now"), True),
        (StoreError("the bucket is gone"), True),
        (ValueError("a fault of vidpipe"), True),
    ],
)
def test_what_is_not_the_fault_of_the_item_may_be_tried_again(
    error: Exception, is_transient: bool
) -> None:
    assert failed_row(KEY, error)["is_transient"] is is_transient
