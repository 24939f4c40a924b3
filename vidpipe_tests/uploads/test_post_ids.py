"""The id that metadata claim for a post."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.uploads.post_ids import post_id_of

PARTS = st.text("ab:@#%é", min_size=1, max_size=3)
NORTH, SOUTH = "https://north.example.org/live/master.m3u8", "https://south.example.org/master.m3u8"


@given(PARTS, PARTS, PARTS, PARTS)
def test_different_posts_have_different_ids(p1: str, i1: str, p2: str, i2: str) -> None:
    same = post_id_of(p1, i1, None, "u") == post_id_of(p2, i2, None, "u")
    assert same == ((p1, i1) == (p2, i2))


@given(PARTS, PARTS)
def test_no_post_has_the_id_of_a_later_clip_or_of_a_contested_post(platform: str, id_: str) -> None:
    assert not set("@#") & set(post_id_of(platform, id_, None, "u"))
    assert not set("@#") & set(post_id_of("generic", id_, f"https://x.org/@a/{id_}", "u"))


def test_no_metadata_makes_the_path_the_identity() -> None:
    ids = [
        post_id_of(platform, None, None, path)
        for platform, path in (("local", "a/b.mp4"), ("tube", "a/b.mp4"), ("local", "a/c.mp4"))
    ]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("local:")
    assert len(ids[0]) == len("local:") + 16


@pytest.mark.parametrize("id_", ["master", "index", "videoplayback", "12"])
def test_an_extractor_that_knows_no_site_gives_no_id_and_the_address_tells_pages_apart(
    id_: str,
) -> None:
    assert post_id_of("generic", id_, NORTH, "a") == NORTH
    assert post_id_of("generic", id_, SOUTH, "b") == SOUTH
    assert post_id_of("generic", id_, NORTH + "#t=5", "c") == NORTH
    assert post_id_of("generic", id_, None, "a") == post_id_of("local", None, None, "a")


def test_a_platform_that_is_named_is_believed_but_for_ids_that_name_nothing() -> None:
    assert post_id_of("tube", "abc", NORTH, "a") == "tube:abc"
    assert post_id_of("tube", "videoplayback", NORTH, "a") == NORTH


@pytest.mark.parametrize("id_", ["videoplayback", "NA", "None", "nan", "null", "0", "-", "#N/A"])
def test_ids_that_name_nothing_never_make_two_uploads_one(id_: str) -> None:
    assert post_id_of("tube", id_, None, "a") == post_id_of("local", None, None, "a")
    assert post_id_of("tube", id_, None, "a") != post_id_of("tube", id_, None, "b")


def test_the_address_of_a_whole_site_is_no_post() -> None:
    local = post_id_of("local", None, None, "a")
    assert post_id_of("generic", "index", "https://example.org/", "a") == local
    assert post_id_of("generic", "index", "https://example.org/?v=1", "a") != local
