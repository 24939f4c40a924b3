"""The id that metadata claim for a video."""

from hypothesis import given
from hypothesis import strategies as st

from vidpipe.uploads.video_ids import video_id_of

PARTS = st.text("ab:@%é", min_size=1, max_size=3)


@given(PARTS, PARTS, PARTS, PARTS)
def test_different_posts_have_different_ids(p1: str, i1: str, p2: str, i2: str) -> None:
    same = video_id_of(p1, i1, "u") == video_id_of(p2, i2, "u")
    assert same == ((p1, i1) == (p2, i2))


def test_no_metadata_makes_the_path_the_identity() -> None:
    assert video_id_of("local", None, "a/b.mp4") == video_id_of("tube", None, "a/b.mp4")
    assert video_id_of("local", None, "a/b.mp4").startswith("local:")
    assert len(video_id_of("local", None, "a/b.mp4")) == len("local:") + 16
    assert video_id_of("local", None, "a/b.mp4") != video_id_of("local", None, "a/c.mp4")
