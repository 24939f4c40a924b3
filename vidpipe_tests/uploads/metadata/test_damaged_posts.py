"""A thousand damaged files of gallery-dl, instaloader, Zeeschuimer and 4CAT: always a result.

Damage is what happens to files: bytes lost at the end, bytes turned over, parts of another file in
between, and values of another type than was meant.
"""

import json
import random
from typing import Any

import pytest

from vidpipe_tests.uploads.metadata import written
from vidpipe_tests.uploads.metadata.sidecars import found, sidecar

ID = "7400000000000000001"
NOISE: list[Any] = [None, True, 7, -1, 1e300, "", "\udcff\0", [], [[]], {}, {"a": []}, "9" * 400]

LISTED = {f"https://www.tiktok.com/@anna.market/video/{ID}": (f"{ID}.mp4", [ID])}
OBJECTS = {
    "gallery-dl": [
        written.gallery_dl_tweet(),
        written.gallery_dl_instagram(),
        written.gallery_dl_tiktok(),
    ],
    "instaloader": [
        written.instaloader(written.instagram_node()),
        written.instaloader(written.instagram_sidecar()),
    ],
    "post-list": [
        written.zeeschuimer_line(written.tiktok_item(), "tiktok.com"),
        written.zeeschuimer_line(written.instagram_item(), "instagram.com"),
        written.zeeschuimer_line(written.tweet_item(), "x.com"),
        written.four_cat_item(written.tiktok_item(), "tiktok.com"),
    ],
    "4cat-table": [written.four_cat_tiktok_row()],
    "4cat-downloads": [written.four_cat_downloads(LISTED), written.four_cat_archive(LISTED)],
}
UPLOADS = [f"a/{name}.mp4" for name in (ID, "DAbC-deF_03_2", "1900000000000000001", "one_2")]


@pytest.mark.parametrize("kind", OBJECTS)
def test_a_damaged_file_is_never_fatal_and_its_problems_are_named(kind: str) -> None:
    chance = random.Random(kind)
    named = 0
    for round_number in range(1000):
        document = chance.choice(OBJECTS[kind])
        if round_number % 2:
            document = _with_noise(document, chance)
        data = _written(kind, document)
        if round_number % 4 != 1:
            data = _damaged(data, chance)
        one = sidecar(kind, data)
        for upload_id in UPLOADS:
            result = found(one, upload_id=upload_id)
            assert result.metadata.video_id
            assert result.metadata.account
            assert result.error is None or one.sidecar.name in result.error
            named += result.error is not None
    assert named > 200, "much of this damage is to be noticed"


def _written(kind: str, document: Any) -> bytes:
    match kind:
        case "instaloader":
            return written.as_xz(document)
        case "post-list":
            return written.as_ndjson([document])
        case "4cat-table":
            return written.as_csv([document if isinstance(document, dict) else {"id": document}])
        case _:
            return written.as_json(document)


def _with_noise(document: Any, chance: random.Random) -> Any:
    """The document with some of its values, however deep, replaced by others."""
    if chance.random() < 0.05:
        return chance.choice(NOISE)
    if isinstance(document, dict):
        return {name: _with_noise(value, chance) for name, value in document.items()}
    if isinstance(document, list):
        return [_with_noise(value, chance) for value in document]
    return document


def _damaged(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    match chance.randrange(4):
        case 0:
            return data[:place]
        case 1:
            broken = bytearray(data)
            for _ in range(chance.randrange(1, 20)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            return bytes(broken)
        case 2:
            return data[:place] + json.dumps({"id": ID}).encode() + data[place:]
        case _:
            return data[:place] + data[chance.randrange(len(data) + 1) :]
