"""Whole folders as the programs leave them that people collect videos with, and what is right.

Each function writes a folder and gives what is to be found in it, by the upload's path below the
folder; everything else in the folder is a side file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vidpipe_tests.uploads.metadata import written

WriteClip = Callable[[Path], object]

POSTED_AT = datetime(2026, 11, 2, 16, tzinfo=UTC)


@dataclass(frozen=True)
class Left:
    """What is known of one video of a folder."""

    source: str
    post_id: str
    account_id: str
    account: str
    hashtags: tuple[str, ...]
    media_key: str | None = None
    media_number: int | None = None
    posted_at: datetime = POSTED_AT


_ANNA_TIKTOK = ("6800000000000000001", "anna.market")
_ANNA_X = ("44000001", "market_anna")
_PIAZZA = ("99000001", "piazza_daily")


def gallery_dl(folder: Path, write_clip: WriteClip) -> dict[str, Left]:
    """`gallery-dl --write-metadata` of a post with two clips, of a carousel, and of a TikTok."""
    x = "twitter/market_anna/1900000000000000001"
    for number in (1, 2):
        _clip(folder / f"{x}_{number}.mp4", write_clip)
        _write(folder / f"{x}_{number}.mp4.json", written.as_json(written.gallery_dl_tweet(number)))
    carousel = "instagram/piazza_daily/3300000000000000100_330000000000000010"
    for number, suffix in ((1, "mp4"), (2, "jpg"), (3, "mp4")):
        document = written.gallery_dl_instagram(number, extension=suffix)
        _write(folder / f"{carousel}{number}.{suffix}.json", written.as_json(document))
        if suffix == "mp4":
            _clip(folder / f"{carousel}{number}.{suffix}", write_clip)
        else:
            _write(folder / f"{carousel}{number}.{suffix}", b"\xff\xd8\xff\xe0 a picture")
    tiktok = "tiktok/anna.market/7400000000000000001 Slow food on the square.mp4"
    _clip(folder / tiktok, write_clip)
    _write(folder / f"{tiktok}.json", written.as_json(written.gallery_dl_tiktok()))
    info = {"category": "twitter", "subcategory": "info", "id": 44000001, "name": "market_anna"}
    _write(folder / "twitter/market_anna/info.json", written.as_json(info))
    post, code = "twitter:1900000000000000001", "instagram:DAbC-deF_02"
    return {
        f"{x}_1.mp4": Left("gallery-dl", post, *_ANNA_X, ("market",), "1899999999999999991", 1),
        f"{x}_2.mp4": Left("gallery-dl", post, *_ANNA_X, ("market",), "1899999999999999992", 2),
        f"{carousel}1.mp4": Left(
            "gallery-dl", code, *_PIAZZA, ("piazza",), "3300000000000000101", 1
        ),
        f"{carousel}3.mp4": Left(
            "gallery-dl", code, *_PIAZZA, ("piazza",), "3300000000000000103", 3
        ),
        tiktok: Left(
            "gallery-dl", "tiktok:7400000000000000001", *_ANNA_TIKTOK, ("SlowFoodWeek", "piazza")
        ),
    }


def instaloader(folder: Path, write_clip: WriteClip) -> dict[str, Left]:
    """`instaloader PROFILE`: a reel, a post of three media, captions, pictures, the profile."""
    reel, several = "2026-11-02_16-00-00_UTC", "2026-11-02_16-00-01_UTC"
    profile = folder / "piazza_daily"
    _clip(profile / f"{reel}.mp4", write_clip)
    _write(profile / f"{reel}.jpg", b"\xff\xd8\xff\xe0 a thumbnail")
    _write(profile / f"{reel}.txt", b"Bread at noon #piazza\n")
    _write(
        profile / f"{reel}.json.xz", written.as_xz(written.instaloader(written.instagram_node()))
    )
    for number in (1, 3):
        _clip(profile / f"{several}_{number}.mp4", write_clip)
    _write(profile / f"{several}_2.jpg", b"\xff\xd8\xff\xe0 a picture")
    _write(profile / f"{several}.txt", b"Bread at noon #piazza\n")
    _write(
        profile / f"{several}.json.xz",
        written.as_xz(written.instaloader(written.instagram_sidecar())),
    )
    _write(profile / "id", b"99000001\n")
    owner = {"id": "99000001", "username": "piazza_daily"}
    _write(
        profile / "piazza_daily_99000001.json.xz",
        written.as_xz(written.instaloader(owner, "Profile")),
    )
    code = "instagram:DAbC-deF_02"
    return {
        f"piazza_daily/{reel}.mp4": Left(
            "instaloader", "instagram:DAbC-deF_01", *_PIAZZA, ("piazza",)
        ),
        f"piazza_daily/{several}_1.mp4": Left(
            "instaloader", code, *_PIAZZA, ("piazza",), "3300000000000000101", 1
        ),
        f"piazza_daily/{several}_3.mp4": Left(
            "instaloader", code, *_PIAZZA, ("piazza",), "3300000000000000103", 3
        ),
    }


def four_cat(folder: Path, write_clip: WriteClip) -> dict[str, Left]:
    """A dataset of 4CAT beside the unpacked folder of its video downloader.

    One post has two videos, and a video belongs to no row of the dataset.
    """
    rows = [written.four_cat_tiktok_row(f"740000000000000000{n}") for n in (1, 2)]
    _write(folder / "tiktok-search-slow-food-0123456789.csv", written.as_csv(rows))
    listed = {
        "https://v16.tiktok.test/a": ("v16_tiktok_test_a.mp4", ["7400000000000000001"]),
        "https://v16.tiktok.test/b": ("v16_tiktok_test_b.mp4", ["7400000000000000002"]),
        "https://v16.tiktok.test/c": ("v16_tiktok_test_c.mp4", ["7400000000000000002"]),
    }
    downloads = folder / "video-downloader-0123456789"
    for name, _ in listed.values():
        _clip(downloads / name, write_clip)
    _write(downloads / ".metadata.json", written.as_json(written.four_cat_downloads(listed)))
    tags = ("SlowFoodWeek", "piazza")
    place, second = "video-downloader-0123456789", "tiktok:7400000000000000002"
    return {
        f"{place}/v16_tiktok_test_a.mp4": Left(
            "4cat", "tiktok:7400000000000000001", *_ANNA_TIKTOK, tags
        ),
        f"{place}/v16_tiktok_test_b.mp4": Left(
            "4cat", second, *_ANNA_TIKTOK, tags, "v16_tiktok_test_b.mp4", 1
        ),
        f"{place}/v16_tiktok_test_c.mp4": Left(
            "4cat", second, *_ANNA_TIKTOK, tags, "v16_tiktok_test_c.mp4", 2
        ),
    }


def zeeschuimer(folder: Path, write_clip: WriteClip) -> dict[str, Left]:
    """Exports of Zeeschuimer of TikTok and Instagram, and videos that bear the posts' ids."""
    first, second = "7400000000000000001", "7400000000000000002"
    tiktok = [
        written.zeeschuimer_line(written.tiktok_item(first), "tiktok.com"),
        written.zeeschuimer_line(written.tiktok_item(second), "tiktok.com"),
    ]
    _write(folder / "zeeschuimer-export-tiktok.com-20261102.ndjson", written.as_ndjson(tiktok))
    instagram = [written.zeeschuimer_line(written.instagram_item(), "instagram.com")]
    _write(
        folder / "zeeschuimer-export-instagram.com-20261102.ndjson", written.as_ndjson(instagram)
    )
    names = (
        f"{first}.mp4",
        f"videos/anna.market_{second}.mp4",
        "videos/DAbC-deF_03_1.mp4",
        "videos/DAbC-deF_03_2.mp4",
    )
    for name in names:
        _clip(folder / name, write_clip)
    tags = ("SlowFoodWeek", "piazza")
    code = "instagram:DAbC-deF_03"
    return {
        names[0]: Left("zeeschuimer", f"tiktok:{first}", *_ANNA_TIKTOK, tags),
        names[1]: Left("zeeschuimer", f"tiktok:{second}", *_ANNA_TIKTOK, tags),
        names[2]: Left("zeeschuimer", code, *_PIAZZA, ("piazza",), "3300000000000000201", 1),
        names[3]: Left("zeeschuimer", code, *_PIAZZA, ("piazza",), "3300000000000000202", 2),
    }


def _clip(path: Path, write_clip: WriteClip) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_clip(path)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
