"""The accounts of a demo world, and which role each plays.

Belongs here: names, platforms, languages, how many videos each role and account has.
Does not: what they post (vidpipe.demo.story).
"""

from dataclasses import dataclass

import numpy as np

from vidpipe.demo.plan import PlannedAccount, Role

PLATFORMS = ("demotube", "demogram")
LANGUAGES = ("en", "ms", "hi", "zh")
SPEAKER_SHARE = 0.2
FEWEST_FOR_SPEAKER = 10
RING_SHARE = 0.2
RING_SIZE = 6
VIDEOS_A_SMALL_ACCOUNT = 30  # the world has one small account for so many videos
MOST_SMALL_ACCOUNTS = 4
VIDEOS_AN_ORDINARY_ACCOUNT = 10  # about so many
MOST_ORDINARY_ACCOUNTS = 24

NAMES: dict[Role, tuple[str, ...]] = {
    "one_speaker": ("voice_of_order",),
    "ring": (
        "eyes_on_site", "raw_footage_24", "citizen_alert", "what_they_hide", "uncut_daily",
        "street_truth",
    ),
    "small": ("my_first_posts", "grandpa_films", "one_day_only", "test_upload"),
    "ordinary": (
        "harbour_news", "kampung_life", "weekend_sport", "city_mosaic", "roads_and_skies",
        "daily_bites", "field_notes", "north_shore", "pasar_pagi", "morning_walks", "night_shift",
        "wheels_weekly", "open_kitchen", "village_green", "hill_station", "bandar_kita",
        "desert_diary", "forest_paths", "school_days", "ward_seven", "backstage_pass",
        "market_square", "coast_guard_fan", "animal_hour",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """An account and how many videos it posts; the members of a ring share theirs."""

    account: PlannedAccount
    videos: int


def draw_members(videos: int, rng: np.random.Generator) -> list[Member]:
    """Makes up all accounts of a world, which post `videos` together; the ring counts as one.

    A small world has no ring, no account about one speaker and no small accounts.
    """
    counts: dict[Role, list[int]] = {
        "one_speaker": [round(SPEAKER_SHARE * videos)] if videos >= FEWEST_FOR_SPEAKER else [],
        "ring": [],
        "small": list(range(1, min(MOST_SMALL_ACCOUNTS, videos // VIDEOS_A_SMALL_ACCOUNT) + 1)),
    }
    in_ring = round(RING_SHARE * videos)
    if in_ring > 1:
        counts["ring"] = [in_ring] + [0] * (RING_SIZE - 1)
    rest = videos - sum(map(sum, counts.values()))
    accounts = min(MOST_ORDINARY_ACCOUNTS, max(1, rest // VIDEOS_AN_ORDINARY_ACCOUNT))
    counts["ordinary"] = [(rest + number) // accounts for number in range(accounts)]
    languages = list(rng.permutation(LANGUAGES))
    members: list[Member] = []
    for role, wanted in counts.items():
        for number, count in enumerate(wanted):
            account = PlannedAccount(
                name=NAMES[role][number],
                platform=PLATFORMS[number % len(PLATFORMS)],
                role=role,
                language=str(languages[len(members) % len(languages)]),
            )
            members.append(Member(account, count))
    return members
