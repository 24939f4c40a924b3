"""Which post and which clip of it an info file of yt-dlp speaks of."""

from typing import Any

import pytest

from vidpipe_tests.uploads.metadata import info_files
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar


def clip_of(document: dict[str, Any]) -> tuple[str, str | None, int | None]:
    """Id of the post, key of the clip, and its place in the post."""
    metadata = found(sidecar("yt-dlp", document)).metadata
    return metadata.video_id, metadata.media_key, metadata.media_number


@pytest.mark.parametrize(
    ("document", "clip"),
    [
        (info_files.youtube(), ("youtube:Ab000000001", None, None)),
        (info_files.tiktok(), ("tiktok:7400000000000000001", None, None)),
        (info_files.twitter(), ("twitter:1840000000000000744", "1840000000000000644", None)),
        (info_files.instagram(), ("instagram:BQ0eAlwhDrw", "BQ0dTpOhuHT", 2)),
        (info_files.reddit(), ("reddit:6rrwyj", "zv89llsvexdz", None)),
        (info_files.telegram(), ("telegramembed:port_news/613", None, None)),
    ],
)
def test_the_address_of_the_page_names_the_post(
    document: dict[str, Any], clip: tuple[str, str | None, int | None]
) -> None:
    assert clip_of(document) == clip


def test_two_clips_of_one_post_are_numbered_in_it() -> None:
    clips = [
        info_files.twitter(
            f"184000000000000064{n}", playlist_id="1840000000000000744", playlist_index=n
        )
        for n in (1, 2)
    ]
    assert [clip_of(clip) for clip in clips] == [
        ("twitter:1840000000000000744", "1840000000000000641", 1),
        ("twitter:1840000000000000744", "1840000000000000642", 2),
    ]


def test_two_channels_number_their_messages_alike() -> None:
    assert clip_of(info_files.telegram("a"))[0] != clip_of(info_files.telegram("b"))[0]


def test_a_list_that_somebody_made_is_no_post() -> None:
    assert clip_of(info_files.youtube(playlist_id="PL123", playlist_index=7))[1:] == (None, None)


def test_sections_that_were_cut_out_of_one_video_are_clips_of_its_post() -> None:
    cuts = [
        info_files.youtube(section_start=start, section_end=end, section_number=1)
        for start, end in ((10.0, 20.0), (60.0, 75.5))
    ]
    assert [clip_of(cut) for cut in cuts] == [
        ("youtube:Ab000000001", "Ab000000001 10.0-20.0", None),
        ("youtube:Ab000000001", "Ab000000001 60.0-75.5", None),
    ]


def test_several_videos_of_one_unknown_page_are_clips_of_it() -> None:
    page = "https://example.org/news/page"
    document = {"extractor_key": "HTML5MediaEmbed", "webpage_url": page, "playlist_id": "page"}
    first = clip_of(document | {"id": "page-1", "playlist_index": 1})
    second = clip_of(document | {"id": "page-2", "playlist_index": 2})
    assert (first, second) == ((page, "page-1", 1), (page, "page-2", 2))


def test_neither_a_title_in_an_address_nor_a_channel_that_is_live_is_a_post() -> None:
    live = {
        "id": "4455",
        "display_id": "portwatch",
        "uploader_id": "portwatch",
        "extractor_key": "TwitchStream",
        "webpage_url": "https://www.twitch.tv/portwatch",
    }
    assert clip_of(live) == ("twitchstream:4455", None, None)
    news = {
        "id": "4234987",
        "display_id": "dancing-mole-rats",
        "extractor_key": "News",
        "webpage_url": "https://news.test/v/dancing-mole-rats",
    }
    assert clip_of(news) == ("news:4234987", None, None)


def test_an_id_that_is_part_of_another_word_of_the_address_is_not_in_it() -> None:
    document = info_files.twitter("744")
    assert clip_of(document) == ("twitter:1840000000000000744", "744", None)
