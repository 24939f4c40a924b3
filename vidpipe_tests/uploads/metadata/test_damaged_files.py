"""A thousand damaged info files, native sidecars and manifests: always a result, problems named.

Damage is what happens to files: bytes lost, turned over or doubled, another encoding, fields that
are missing or of another type.
"""

import csv
import io
import json
import random
from typing import Any

import pytest

from vidpipe_tests.uploads.metadata import info_files
from vidpipe_tests.uploads.metadata.sidecars import UPLOAD, found, sidecar

NATIVE = {
    "id": "c1",
    "platform": "sample",
    "media_number": 2,
    "account_id": 7001,
    "account": "cartoon_corner",
    "account_name": "Cartoon Corner",
    "posted_at": "2026-11-02T10:00:00Z",
    "description": "früh at the #market with @anna",
    "hashtags": ["market"],
    "mentions": "@anna",
    "url": "https://example.org/c1",
    "language": "de",
    "sound_id": "s9",
    "views": "1,234",
    "likes": 1.2e3,
    "engagement_read_at": 1793721600,
    "reply_to": "c0",
}
ROWS = [{"file": name} | NATIVE for name in ("one.mp4", "C:\\v\\zwölf.mp4", "three.mp4")]
INFO_FILES = (
    info_files.youtube,
    info_files.tiktok,
    info_files.twitter,
    info_files.instagram,
    info_files.reddit,
    info_files.telegram,
)
NOISE: list[Any] = [None, True, -1, 0, 1e300, 10**40, "", "\udcff\0", "9" * 400, [], [[]], {}, [{}]]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32", "cp037")


def _table(rows: list[dict[str, Any]], delimiter: str) -> str:
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _written(kind: str, chance: random.Random) -> tuple[str, str]:
    """Name and text of a file of a kind, some of whose values are others or missing."""
    if kind == "yt-dlp":
        return "one.info.json", json.dumps(_with_noise(chance.choice(INFO_FILES)(), chance))
    if kind == "native":
        return "one.json", json.dumps(_with_noise(NATIVE, chance), indent=chance.choice((None, 2)))
    rows = [_with_noise(row, chance) for row in ROWS]
    match chance.randrange(3):
        case 0:
            return "manifest.ndjson", "\n".join(map(json.dumps, rows))
        case 1:
            return "manifest.json", json.dumps(rows, ensure_ascii=chance.random() < 0.5)
        case _:
            return "manifest.csv", _table(rows, chance.choice(",;\t"))


def _with_noise(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    rate = chance.choice((0.0, 0.1, 0.5))
    noisy = {
        name: chance.choice(NOISE) if chance.random() < rate else value
        for name, value in document.items()
    }
    return {name: value for name, value in noisy.items() if chance.random() >= rate / 3}


def _damaged(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    match chance.randrange(5):
        case 0:
            return data[:end]
        case 1:
            return data[:start] + data[end:]
        case 2:
            return data[:end] + data[start:]
        case 3:
            broken = bytearray(data)
            for _ in range(chance.randrange(1, 20)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            return bytes(broken)
        case _:
            return data[:start] + bytes(chance.choices(b'"\\\0\n,;{}[]\xff', k=3)) + data[start:]


@pytest.mark.parametrize("kind", ["native", "yt-dlp", "manifest"])
def test_a_damaged_file_is_never_fatal_and_its_problems_name_it(kind: str) -> None:
    chance = random.Random(kind)
    named = 0
    for _ in range(1000):
        name, text = _written(kind, chance)
        encoding = chance.choice(ENCODINGS) if chance.random() < 0.3 else "utf-8"
        data = text.encode(encoding, "replace")
        if chance.random() < 0.7:
            data = _damaged(data, chance)
        one = sidecar(kind, data, name)
        for upload_id in (UPLOAD, "2026-11-02/alice/zw%C3%B6lf.mp4"):
            result = found(one, upload_id=upload_id)
            metadata = result.metadata
            assert metadata.video_id
            assert metadata.account
            assert metadata.posted_at_precision in ("second", "day", "file")
            for count in (metadata.views, metadata.likes, metadata.reposts, metadata.comments):
                assert count is None or 0 <= count < 2**63
            assert result.error is None or one.sidecar.name in result.error
            assert result.source != "none" or result.error or kind == "manifest"
            named += result.error is not None
    assert named > 500, "most of this damage is to be noticed"
