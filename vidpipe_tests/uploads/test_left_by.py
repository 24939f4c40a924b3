"""Folders as gallery-dl, instaloader, 4CAT and Zeeschuimer leave them: every post is right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vidpipe.uploads.names import is_video_name
from vidpipe_tests.uploads import left_by
from vidpipe_tests.uploads.metadata.sidecars import found_in


@pytest.mark.parametrize(
    "leave", [left_by.gallery_dl, left_by.instaloader, left_by.four_cat, left_by.zeeschuimer]
)
def test_every_video_of_a_folder_is_the_post_that_it_is(
    tmp_path: Path, leave: Callable[[Path, left_by.WriteClip], dict[str, left_by.Left]]
) -> None:
    left = leave(tmp_path, lambda path: path.write_bytes(b"clip"))
    uploads = [p for p in tmp_path.rglob("*") if p.is_file() and is_video_name(p.name.encode())]
    names = {p.relative_to(tmp_path).as_posix() for p in uploads}
    assert names == left.keys()
    for upload, right in left.items():
        result = found_in(tmp_path, upload)
        metadata = result.metadata
        assert result.error is None
        assert (
            left_by.Left(
                source=result.source,
                post_id=metadata.video_id,
                account_id=metadata.account_id,
                account=metadata.account,
                hashtags=metadata.hashtags,
                media_key=metadata.media_key,
                media_number=metadata.media_number,
                posted_at=metadata.posted_at,
            )
            == right
        ), upload
        assert (metadata.account_source, metadata.posted_at_precision) == ("id", "second")
