"""An uploads folder of a few short videos of the demo world, for tests of the whole pipeline.

Belongs here: planning them. Does not: fixtures, assertions, files made in milliseconds (clips.py).
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from vidpipe.demo.compositions import Composition
from vidpipe.demo.edits import edited
from vidpipe.demo.plan import Edit, PlannedCaption, PlannedShot, PlannedVideo, Stretch, WorldPlan
from vidpipe.demo.world import UPLOADS, write_world
from vidpipe_tests.demo.planned_videos import planned

FIRST_DATE = date(2025, 3, 3)
DATES = 3
ACCOUNTS = (("street_views", "demotube"), ("sky_daily", "demotube"), ("harbour_news", "demogram"))
CAPTIONS = ("ROAD CLOSED", "STORM WARNING", "VOTE ON SUNDAY")
SHOWN = tuple(
    Composition.parse(name)
    for name in (
        "tank/burning/street/day/clear",
        "dog/running/beach/day/clear",
        "crowd/protesting/square/day/rain",
        "pizza/whole/kitchen/day/none",
        "plane/intact/desert/day/clear",
        "speaker/suit/office/day/none",
        "house/destroyed/field/day/snow",
        "cyclist/playing/mountains/day/clear",
    )
)


@dataclass(frozen=True)
class Upload:
    """One upload on the disk and the truth about it."""

    path: Path
    video: PlannedVideo

    @property
    def sidecar(self) -> Path | None:
        """Its metadata, if it has any."""
        return self.path.with_suffix(".json") if self.video.has_sidecar else None


def write_short_videos(uploads: Path, count: int) -> list[Upload]:
    """Renders an uploads folder of `count` >= 4 videos of 3 to 5 s on three ingest dates.

    The third has no sidecar. The last repeats the first byte for byte, by another account of
    another platform on the last date. Every other video carries a caption.
    """
    videos = [_original(number, count - 1) for number in range(count - 1)]
    videos.append(_repost(videos[0]))
    plan = WorldPlan(
        seed=0, weeks=1, first_date=FIRST_DATE, accounts=(), events=(), videos=tuple(videos)
    )
    world = uploads.with_name(f"{uploads.name}-world")
    write_world(world, plan)
    (world / UPLOADS).rename(uploads)
    return [Upload(uploads / video.path, video) for video in videos]


def _original(number: int, originals: int) -> PlannedVideo:
    account, platform = ACCOUNTS[number % len(ACCOUNTS)]
    day = FIRST_DATE + timedelta(days=number * DATES // originals)
    start_s = 0.5 if number % 3 == 0 else 0.0  # black before
    cuts = (start_s, start_s + 1.5 + 0.25 * (number % 3), start_s + 3.5)
    first = PlannedShot(cuts[0], cuts[1], SHOWN[number % len(SHOWN)])
    second = PlannedShot(
        cuts[1],
        cuts[2],
        SHOWN[(number + 3) % len(SHOWN)],
        blur=Stretch(cuts[1] + 0.5, cuts[1] + 0.8),
    )
    captions: tuple[PlannedCaption, ...] = ()
    if number % 2 == 0:
        text = CAPTIONS[number // 2 % len(CAPTIONS)]
        captions = (PlannedCaption(cuts[0], cuts[1], text, "en", "white_on_dark", 0.12, "bottom"),)
    name = f"a {first.composition.subject} {number + 1:02d}"  # a space in a name is ordinary
    return planned(
        name.replace(" ", "-"),
        video_id=f"{platform}:{name.replace(' ', '-')}",
        platform=platform,
        account=account,
        path=f"{day}/{account}/{name}.mp4",
        ingest_date=day,
        posted_at=datetime(day.year, day.month, day.day, 6 + number % 12, tzinfo=UTC),
        size=(360, 640) if number % 3 == 1 else (640, 360),
        fps=(24, 25, 30)[number % 3],
        duration_s=cuts[2],
        shots=(first, second),
        captions=captions,
        description=f"What a {first.composition.subject}!",
        hashtags=(first.composition.subject,),
        has_sidecar=number != 2,
        seed=number,
    )


def _repost(original: PlannedVideo) -> PlannedVideo:
    day = FIRST_DATE + timedelta(days=DATES - 1)
    account, platform = "borrowed_clips", "demogram"
    return replace(
        edited(original, [Edit("identical")]),
        video_id=f"{platform}:must-see",
        platform=platform,
        account=account,
        path=f"{day}/{account}/must see.mp4",
        ingest_date=day,
        posted_at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
        description=f"You will not believe this: {original.description}",
    )
