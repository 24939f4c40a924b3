"""Who posted a video, in info files of yt-dlp."""

from typing import Any

import pytest

from vidpipe_tests.uploads.metadata import info_files
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar


def account_of(document: dict[str, Any]) -> tuple[str, str, str | None, str]:
    """Id, handle, shown name, and what the id is."""
    metadata = found(sidecar("yt-dlp", document)).metadata
    known = (metadata.account_id, metadata.account, metadata.account_name)
    return (*known, metadata.account_source)


@pytest.mark.parametrize(
    ("document", "account"),
    [
        (
            info_files.youtube(),
            ("UC0000000000000000000001", "@marketdiary", "Market Diary", "id"),
        ),
        (info_files.tiktok(), ("690001", "slice_sample", "Slice Sample", "id")),
        (info_files.twitter(), ("1200000000000000001", "portwatch", "Port Watch", "id")),
        (info_files.instagram(), ("99000001", "piazza_daily", "Piazza Daily", "id")),
        (info_files.reddit(), ("made_up_user", "made_up_user", None, "handle")),
        (info_files.telegram(), ("port_news", "port_news", "Port News", "handle")),
    ],
)
def test_each_platform_has_its_own_convention(
    document: dict[str, Any], account: tuple[str, str, str | None, str]
) -> None:
    assert account_of(document) == account


def _tiny(key: str, **fields: Any) -> dict[str, Any]:
    return {"id": "1", "extractor_key": key} | fields


@pytest.mark.parametrize(
    ("document", "account"),
    [
        (
            _tiny("Bluesky", uploader_id="did:plc:a1", channel="a.bsky.social", uploader="A"),
            ("did:plc:a1", "a.bsky.social", "A", "id"),
        ),
        (
            _tiny("Facebook", uploader_id="pfbid0abc", uploader="A Page"),
            ("A Page", "A Page", "A Page", "name"),
        ),
        (
            _tiny(
                "Facebook",
                uploader_id="100001",
                uploader="A Page",
                uploader_url="https://www.facebook.com/a.page/",
            ),
            ("100001", "a.page", "A Page", "id"),
        ),
        (
            _tiny("Facebook", uploader_url="https://www.facebook.com/profile.php?id=5"),
            ("alice", "alice", None, "folder"),
        ),
        (
            _tiny("TwitchVod", uploader_id="login1", uploader="Shown"),
            ("login1", "login1", "Shown", "handle"),
        ),
        (_tiny("TwitchClips", uploader_id="77", uploader="Shown"), ("77", "Shown", "Shown", "id")),
        (
            _tiny("Instagram", uploader_id="piazza_daily", uploader="Piazza Daily"),
            ("piazza_daily", "piazza_daily", "Piazza Daily", "handle"),
        ),
        (
            _tiny("PeerTube", uploader_id="5", uploader_url="https://one.test/accounts/anna"),
            ("one.test/accounts/anna", "anna", None, "id"),
        ),
        (_tiny("Reddit", uploader="[deleted]"), ("alice", "alice", None, "folder")),
        (_tiny("VK", uploader_id="-77521", uploader="Port"), ("-77521", "Port", "Port", "id")),
        (
            _tiny("Somewhere", uploader_id="port_watch", channel_id="4411", channel="Port"),
            ("4411", "port_watch", "Port", "id"),
        ),
        (_tiny("Somewhere", creators=["Port", "Sea"]), ("Port", "Port", "Port", "name")),
    ],
)
def test_what_platforms_make_up_is_an_id_and_what_people_choose_a_handle(
    document: dict[str, Any], account: tuple[str, str, str | None, str]
) -> None:
    assert account_of(document) == account


def test_a_renamed_channel_is_one_account_and_one_name_of_two_handles_two() -> None:
    new = info_files.youtube(uploader="Market Diary Official", channel="Market Diary Official")
    assert account_of(info_files.youtube())[:2] == account_of(new)[:2]
    other = info_files.youtube(uploader_id="@other", channel_id=None, channel_url=None)
    third = info_files.youtube(uploader_id="@third", channel_id=None, channel_url=None)
    assert account_of(other)[0] != account_of(third)[0]


def test_the_secret_id_of_tiktok_is_neither_id_nor_handle() -> None:
    secret = "https://www.tiktok.com/@MS4wLjABAAAAmadeup"
    document = _tiny("TikTok", channel_id="MS4wLjABAAAAmadeup", uploader_url=secret, channel="A")
    assert account_of(document) == ("A", "A", "A", "name")
