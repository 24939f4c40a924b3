"""Folders of 4CAT's video downloaders, alone and joined with a dataset."""

from collections.abc import Callable
from typing import Any

import pytest

from vidpipe.uploads.metadata import four_cat_downloads
from vidpipe_tests.uploads.metadata import written
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

ID = "7400000000000000001"
PAGE = f"https://www.tiktok.com/@anna.market/video/{ID}"
UPLOAD = "2026-11-02/alice/one.mp4"

Lay = Callable[[dict[str, tuple[str, list[str]]]], dict[str, Any]]


@pytest.mark.parametrize("lay", [written.four_cat_downloads, written.four_cat_archive])
def test_a_file_is_joined_with_the_row_of_its_post(lay: Lay) -> None:
    downloads = sidecar("4cat-downloads", lay({"https://cdn.test/a": ("one.mp4", [ID])}))
    for kind, data in (
        ("4cat-table", written.as_csv([written.four_cat_tiktok_row()])),
        ("post-list", written.as_ndjson([written.four_cat_item(written.tiktok_item(), "tiktok")])),
        (
            "post-list",
            written.as_ndjson([written.zeeschuimer_line(written.tiktok_item(), "tiktok.com")]),
        ),
    ):
        result = found(downloads, sidecar(kind, data), upload_id=UPLOAD)
        metadata = result.metadata
        assert (result.source, result.error) == ("4cat", None)
        assert metadata.video_id == f"tiktok:{ID}"
        assert (metadata.account, metadata.likes) == ("anna.market", 12)
        assert metadata.hashtags == ("SlowFoodWeek", "piazza")
        assert metadata.media_key is None


@pytest.mark.parametrize("lay", [written.four_cat_downloads, written.four_cat_archive])
def test_a_folder_without_its_dataset_still_tells_the_posts(lay: Lay) -> None:
    downloads = sidecar("4cat-downloads", lay({PAGE: ("one.mp4", [ID])}))
    result = found(downloads, upload_id=UPLOAD)
    assert (result.metadata.video_id, result.metadata.url) == (f"tiktok:{ID}", PAGE)
    assert result.error is None


@pytest.mark.parametrize(
    ("address", "post", "platform"),
    [
        ("https://video.twimg.com/ext_tw_video/1/pu/vid/a.mp4", "1900000000000000001", "twitter"),
        ("https://scontent.cdninstagram.com/v/a.mp4", "DAbC-deF_01", "instagram"),
        ("https://v16-webapp.tiktok.com/a/b", ID, "tiktok"),
        ("https://www.instagram.com/p/DAbC-deF_01", "DAbC-deF_01", "instagram"),
        ("https://www.instagram.com/p/another", "1900000000000000001", "local"),
    ],
)
def test_the_platform_is_that_of_the_media_or_of_the_page_of_the_post(
    address: str, post: str, platform: str
) -> None:
    listed = written.four_cat_downloads({address: ("one.mp4", [post])})
    assert found(sidecar("4cat-downloads", listed), upload_id=UPLOAD).metadata.platform == platform


def test_a_link_in_a_post_is_not_taken_for_the_post() -> None:
    link = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    downloads = sidecar(
        "4cat-downloads", written.four_cat_downloads({link: ("one.mp4", ["1900000000000000001"])})
    )
    alone = found(downloads, upload_id=UPLOAD).metadata
    assert (alone.video_id, alone.platform) == (link, "local")
    tweets = written.as_ndjson([written.zeeschuimer_line(written.tweet_item(), "twitter.com")])
    joined = found(downloads, sidecar("post-list", tweets), upload_id=UPLOAD).metadata
    assert (joined.video_id, joined.account) == ("twitter:1900000000000000001", "market_anna")


def test_several_files_of_one_post_are_its_clips_in_the_order_of_the_list() -> None:
    listed = {f"https://cdn.test/{n}": (f"{n}.mp4", [ID]) for n in ("b", "a")}
    for lay in (written.four_cat_downloads, written.four_cat_archive):
        downloads = sidecar("4cat-downloads", lay(listed))
        clips = [found(downloads, upload_id=f"x/{n}.mp4").metadata for n in ("b", "a")]
        assert [(clip.media_key, clip.media_number) for clip in clips] == [
            ("b.mp4", 1),
            ("a.mp4", 2),
        ]


def test_the_layouts_of_tiktok_and_telegram_are_understood() -> None:
    tiktok = {
        ID: {
            "success": True,
            "url": f"https://v16.tiktok.test/{ID}",
            "post_ids": [ID],
            "files": [{"filename": f"{ID}.mp4", "success": True}],
        }
    }
    result = found(sidecar("4cat-downloads", tiktok), upload_id=f"x/{ID}.mp4")
    assert (result.source, result.metadata.id) == ("4cat", ID)
    telegram = {"one.mp4": {"filename": "one.mp4", "post_ids": ["market-17"], "success": True}}
    result = found(sidecar("4cat-downloads", telegram), upload_id=UPLOAD)
    assert result.metadata.id == "market-17"


def test_what_yt_dlp_said_of_the_same_post_is_believed_after_the_dataset() -> None:
    said = {
        "id": ID,
        "extractor": "TikTok",
        "extractor_key": "TikTok",
        "uploader": "anna.market",
        "uploader_id": "6800000000000000001",
        "timestamp": written.TIKTOK_TIME,
        "description": "by yt-dlp",
    }
    listed = written.four_cat_downloads({"https://vm.tiktok.test/a": ("one.mp4", [ID])})
    listed["https://vm.tiktok.test/a"]["files"][0]["metadata"] = said
    downloads = sidecar("4cat-downloads", listed)
    alone = found(downloads, upload_id=UPLOAD).metadata
    assert (alone.video_id, alone.account, alone.description) == (
        f"tiktok:{ID}",
        "anna.market",
        "by yt-dlp",
    )
    table = sidecar("4cat-table", written.as_csv([written.four_cat_tiktok_row()]))
    joined = found(downloads, table, upload_id=UPLOAD).metadata
    assert joined.description == "Slow food on the square #SlowFoodWeek"


def test_a_manifest_is_not_completed_from_a_list_that_may_mean_another_post() -> None:
    manifest = sidecar("manifest", {"file": "one.mp4", "id": ID})
    table = sidecar("4cat-table", written.as_csv([written.four_cat_tiktok_row()]))
    metadata = found(manifest, table, upload_id=UPLOAD).metadata
    assert (metadata.platform, metadata.likes) == ("local", None)


def test_a_damaged_dataset_is_named_and_the_post_is_still_known() -> None:
    downloads = sidecar("4cat-downloads", written.four_cat_downloads({PAGE: ("one.mp4", [ID])}))
    lines = b'{"source_platform": "tiktok.com", "data": \n'
    result = found(downloads, sidecar("post-list", lines), upload_id=UPLOAD)
    assert result.metadata.video_id == f"tiktok:{ID}"


@pytest.mark.parametrize("lay", [written.four_cat_downloads, written.four_cat_archive])
def test_a_large_list_is_read_as_a_stream(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(four_cat_downloads, "MAX_WHOLE_BYTES", 100)
    downloads = sidecar("4cat-downloads", lay({PAGE: ("one.mp4", [ID])}))
    assert found(downloads, upload_id=UPLOAD).metadata.video_id == f"tiktok:{ID}"
    cut = sidecar("4cat-downloads", downloads.data[:-3])
    assert ".metadata.json is not valid JSON" in (found(cut, upload_id=UPLOAD).error or "")


@pytest.mark.parametrize("document", [{}, [], {"a": 1}, {"schema_version": 1, "items": []}, 7])
def test_a_list_of_something_else_speaks_for_nobody(document: Any) -> None:
    result = found(sidecar("4cat-downloads", document), upload_id=UPLOAD)
    assert (result.source, result.error) == ("none", None)
