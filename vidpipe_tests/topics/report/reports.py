"""Reports for tests: a small one whose counts are known, and a large one.

Belongs here: made-up contents of reports. Does not: looking at pages
(test_document.py).
"""

import io
import math
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from PIL import Image

from vidpipe.topics.report.contents import (
    AccountPage,
    DatedEvent,
    LineageStep,
    MappedVideo,
    Report,
    TopicCard,
)

MONDAY = date(2025, 3, 3)
FIRST_POST = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
NO_POSTS = ((0,) * 24,) * 7
SUBJECTS = (
    ("Harbour at night", ("harbour", "ship", "crane", "night")),
    ("Cooking soup", ("soup", "pot", "kitchen", "recipe")),
    ("Street protests", ("crowd", "banner", "police", "street")),
    ("Cats", ("cat", "sofa", "paw")),
)
READY = "document.documentElement?.dataset.ready !== undefined"  # the page can be used
EMPTY = Report("Topics", MONDAY, FIRST_POST, "demo", (), (), (), (), (), ())


def picture(number: int, *, width_px: int = 96, height_px: int = 64, quality: int = 50) -> bytes:
    """A WebP that differs from that of any other number."""
    left = Image.new("RGB", (width_px, height_px), (number * 37 % 256, number * 91 % 256, 120))
    left.paste((240, number % 256, number // 256 % 256), (8, 8, width_px // 2, height_px // 2))
    encoded = io.BytesIO()
    left.save(encoded, "WEBP", quality=quality)
    return encoded.getvalue()


def small() -> Report:
    """60 videos: 15 in each of topics 0 to 2, 15 in none.

    `anna` has 30, all of topic 0 among them, which are her own topic 7; `béla` has 15, and too few
    to tell a focus; 15 are of nobody. `carl` has a page but no video.
    """
    videos = tuple(_small_video(number) for number in range(60))
    own = TopicCard(
        7,
        "tiktok",
        "anna",
        "1",
        "Anna's harbour",
        ("harbour",),
        14,
        15,
        1,
        "v0",
        (picture(1),),
        _days(),
    )
    anna = AccountPage(
        platform="tiktok",
        account="anna",
        account_id="1",
        names=frozenset({"anna", "anna2019", "Anna"}),
        videos=30,
        contents=28,
        focus_topic_id=7,
        focus_share=14 / 28,
        focus_low=0.326,
        focus_high=0.674,
        entropy=0.53,
        insufficient_data=False,
        first_posted_at=FIRST_POST,
        last_posted_at=FIRST_POST + timedelta(days=57),
        longest_gap_days=3.04,
        posts_by_hour=tuple(tuple((day * hour) % 5 for hour in range(24)) for day in range(7)),
    )
    few = replace(
        anna,
        account="béla",
        account_id="2",
        names=frozenset({"béla"}),
        videos=15,
        contents=6,
        insufficient_data=True,
        focus_topic_id=None,
        focus_share=None,
    )
    return Report(
        title="Topics of the week",
        week=MONDAY,
        made_at=datetime(2025, 3, 10, 4, 0, tzinfo=UTC),
        model="ViT-B-32 demo",
        notes=("3 videos had no keyframes and are left out.",),
        videos=videos,
        topics=(*(_corpus_topic(number) for number in range(4)), own),
        lineage=(
            LineageStep("kept", 0, 0, "Harbour at night", 0.97, 15),
            LineageStep("split", 1, 4, "Cooking soup", 0.55, 15),
            LineageStep("gone", None, 5, "Snow", 0.0, 9),
        ),
        events=(
            DatedEvent(date(2025, 1, 20), "Election", None, None),
            DatedEvent(date(2025, 2, 10), "Anna's interview", "tiktok", "anna"),
            DatedEvent(date(2025, 2, 11), "Béla's holiday", "tiktok", "béla"),
        ),
        accounts=(
            anna,
            few,
            replace(
                few, account="carl", account_id="3", names=frozenset(), platform=None, videos=3
            ),
        ),
    )


def large(videos: int, accounts: int) -> Report:
    """`videos` of `accounts`, in 60 topics of the corpus and 4 of each account.

    Long descriptions in a script of three bytes a character, and more pictures than find room.
    """
    dice = random.Random(4)
    corpus = tuple(
        replace(
            _corpus_topic(number % 4),
            topic_id=number,
            label=f"{SUBJECTS[number % 4][0]} {number}",
            videos=dice.randrange(20, 200),
            medoid_video_id=f"tiktok/account/{number:09}",
            pictures=tuple(
                _padded(picture(7 * number + place, width_px=160, height_px=120), 2500, dice)
                for place in range(6)
            ),
        )
        for number in range(60)
    )
    own = tuple(
        replace(
            corpus[number],
            platform="tiktok",
            account=f"account {account:03}",
            account_id=str(account),
            pictures=tuple(
                _padded(picture(5000 + 12 * account + 3 * number + place), 2500, dice)
                for place in range(3)
            ),
        )
        for account in range(accounts)
        for number in range(4)
    )
    page = small().accounts[0]
    pages = tuple(
        replace(
            page,
            account=f"account {account:03}",
            account_id=str(account),
            names=frozenset(),
            focus_topic_id=account % 4,
        )
        for account in range(accounts)
    )
    # A video is in one of 60 topics or, one in five, in none.
    drawn = tuple(_large_video(number, dice, accounts) for number in range(videos))
    return replace(small(), videos=drawn, topics=corpus + own, accounts=pages)


def _days() -> tuple[tuple[date, int], ...]:
    return tuple((MONDAY - timedelta(days=3 * place), 1 + place % 4) for place in range(16))


def _corpus_topic(number: int) -> TopicCard:
    label, words = SUBJECTS[number]
    pictures = tuple(picture(10 * number + place) for place in range(3))
    return TopicCard(
        number, None, None, None, label, words, 14, 15, 3, f"v{number}", pictures, _days()[number:]
    )


def _small_video(number: int) -> MappedVideo:
    group, place = number % 4, number // 4
    angle = place * 2.4
    is_annas_topic = group == 0
    account = ("anna", "béla", None)[place % 3] if not is_annas_topic else "anna"
    return MappedVideo(
        video_id=f"v{number}",
        platform="tiktok" if account else None,
        account=account,
        account_id={"anna": "1", "béla": "2"}.get(account or ""),
        posted_at=None if number == 59 else FIRST_POST + timedelta(days=number, hours=number % 24),
        description=f"{SUBJECTS[group][0]} number {number} #{SUBJECTS[group][1][0]}",
        topic_id=None if group == 3 else group,
        account_topic_id=7 if is_annas_topic else None,
        is_provisional=number % 10 == 0,
        x=group % 2 * 6 + math.cos(angle) * math.sqrt(place) / 2,
        y=group // 2 * 6 + math.sin(angle) * math.sqrt(place) / 2,
        thumbnail=picture(number),
    )


def _large_video(number: int, dice: random.Random, accounts: int) -> MappedVideo:
    topic = number % 75
    thumbnail = picture(number, width_px=64, height_px=48)
    return MappedVideo(
        video_id=f"tiktok/account/{number:09}",
        platform="tiktok",
        account=f"account {number % accounts:03}",
        account_id=str(number % accounts),
        posted_at=FIRST_POST + timedelta(minutes=dice.randrange(200 * 1440)),
        description=f"動画 {number}: " + "とても長い説明です。" * 30,
        topic_id=topic if topic < 60 else None,
        account_topic_id=number // accounts % 5 if number // accounts % 5 < 4 else None,
        is_provisional=dice.random() < 0.1,
        x=topic % 10 * 5 + dice.gauss(0, 0.9),
        y=topic // 10 * 5 + dice.gauss(0, 0.9),
        thumbnail=_padded(thumbnail, 700, dice),
    )


def _padded(encoded: bytes, size_bytes: int, dice: random.Random) -> bytes:
    """As large as a real picture, which these flat ones are not; what follows is never read."""
    return encoded + dice.randbytes(max(0, size_bytes - len(encoded)))
