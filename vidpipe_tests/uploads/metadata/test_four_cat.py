"""Datasets of 4CAT."""

from datetime import UTC, datetime

import pytest

from vidpipe_tests.uploads.metadata import written
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

ID = "7400000000000000001"
UPLOAD = f"2026-11-02/alice/{ID}.mp4"


def test_a_row_about_a_post_on_tiktok_is_understood() -> None:
    result = found(
        sidecar("4cat-table", written.as_csv([written.four_cat_tiktok_row()])), upload_id=UPLOAD
    )
    metadata = result.metadata
    assert (result.source, result.error) == ("4cat", None)
    assert metadata.video_id == f"tiktok:{ID}"
    assert (metadata.account_id, metadata.account) == ("6800000000000000001", "anna.market")
    assert metadata.account_name == "Anna at the Market"
    assert metadata.posted_at == datetime(2026, 11, 2, 16, tzinfo=UTC)
    assert metadata.description == "Slow food on the square #SlowFoodWeek"
    assert metadata.hashtags == ("SlowFoodWeek", "piazza")
    assert metadata.url == f"https://www.tiktok.com/@anna.market/video/{ID}"
    assert (metadata.sound_id, metadata.sound_title) == (
        "7300000000000000009",
        "original sound - anna",
    )
    counts = (metadata.views, metadata.likes, metadata.reposts, metadata.comments)
    assert counts == (1234, 12, 3, 4)


def test_rows_of_other_data_sources_are_understood() -> None:
    instagram = {
        "id": "DAbC-deF_01",
        "thread_id": "DAbC-deF_01",
        "body": "Bread",
        "author": "piazza_daily",
        "author_fullname": "Piazza Daily",
        "timestamp": "2026-11-02 17:00:00",
        "url": "https://www.instagram.com/p/DAbC-deF_01",
        "num_likes": "55",
        "num_comments": "-1",
        "unix_timestamp": "1793635200",
    }
    x = {
        "id": "1900000000000000001",
        "thread_id": "1900000000000000001",
        "timestamp": "2026-11-02 16:00:00",
        "link": "https://x.com/market_anna/status/1900000000000000001",
        "body": "Bread",
        "author": "market_anna",
        "author_id": "44000001",
        "language_guess": "qme",
        "retweet_count": "5",
        "impression_count": "",
        "mentions": "piazza_daily,other",
    }
    first = found(
        sidecar("4cat-table", written.as_csv([instagram])), upload_id="a/DAbC-deF_01.mp4"
    ).metadata
    assert (first.video_id, first.account_name) == ("instagram:DAbC-deF_01", "Piazza Daily")
    assert (first.posted_at.hour, first.likes, first.comments) == (16, 55, None)
    second = found(
        sidecar("4cat-table", written.as_csv([x])), upload_id="a/1900000000000000001.mp4"
    ).metadata
    assert (second.video_id, second.account_id) == ("twitter:1900000000000000001", "44000001")
    assert (second.reposts, second.views, second.language) == (5, None, None)
    assert second.mentions == ("piazza_daily", "other")


def test_an_anonymised_author_is_unknown_and_not_called_redacted() -> None:
    row = written.four_cat_tiktok_row(author="REDACTED", author_full="REDACTED")
    row |= {"author_id": "REDACTED"}
    result = found(sidecar("4cat-table", written.as_csv([row])), upload_id=UPLOAD)
    assert (result.metadata.account, result.metadata.account_source) == ("alice", "folder")


def test_a_row_without_an_id_is_named() -> None:
    rows = [written.four_cat_tiktok_row(), written.four_cat_tiktok_row("")]
    table = sidecar("4cat-table", written.as_csv(rows))
    assert found(table, upload_id=UPLOAD).error is None
    other = found(table, upload_id="2026-11-02/alice/7400000000000000009.mp4")
    assert "posts.csv has 1 rows that cannot be used" in (other.error or "")
    assert "line 3, has no id" in (other.error or "")


def test_a_dataset_that_a_spreadsheet_saved_again_is_understood() -> None:
    text = written.as_csv([written.four_cat_tiktok_row(hashtags="SlowFoodWeek")]).decode()
    for data in (
        text.replace(",", ";").encode("utf-8-sig"),
        text.replace(",", "\t").encode("utf-16"),
    ):
        result = found(sidecar("4cat-table", data), upload_id=UPLOAD)
        assert (result.source, result.metadata.video_id) == ("4cat", f"tiktok:{ID}")


def test_an_id_that_a_spreadsheet_rounded_is_named() -> None:
    rows = [written.four_cat_tiktok_row("7.4E+18")]
    result = found(sidecar("4cat-table", written.as_csv(rows)), upload_id=UPLOAD)
    assert (result.source, "posts.csv has 1 rows" in (result.error or "")) == ("none", True)


def test_a_dataset_without_its_columns_is_named() -> None:
    result = found(sidecar("4cat-table", b"thread_id,author,body\n1,anna,x\n"))
    assert "posts.csv looks like a dataset of 4CAT" in (result.error or "")


@pytest.mark.parametrize(
    "data",
    [b"", b"name,note\nx,y\n", b"id,name\n1,x\n", b"\x00\x01\xff", b'"' + b"x" * 200_000, b"a;b\n"],
)
def test_a_table_of_somebody_speaks_for_nobody(data: bytes) -> None:
    result = found(sidecar("4cat-table", data), upload_id="2026-11-02/alice/1.mp4")
    assert (result.source, result.error) == ("none", None)
