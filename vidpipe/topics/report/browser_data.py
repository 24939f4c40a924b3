"""A report as the browser gets it: columns of plain values, topics and accounts by number.

Belongs here: layout of the data, cutting of texts, colours. Does not: escaping (document.py)
or showing (page/).

Columns instead of an object for every video: a third of the size, and read in a tenth of a second.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from vidpipe.topics.report.contents import (
    AccountPage,
    DatedEvent,
    LineageStep,
    MappedVideo,
    Report,
    TopicCard,
)
from vidpipe.topics.report.pictures import Pictures

# All contrast with white by 3:1 or more; neighbours differ in lightness as well as in hue.
COLOURS = (
    "#1f5fa8",
    "#e06c00",
    "#137a4b",
    "#d6409f",
    "#5b2c83",
    "#2f9e9e",
    "#8f1d2c",
    "#7f9a1b",
    "#2b3a8f",
    "#b98500",
    "#0b5563",
    "#e5534b",
    "#6d4c2f",
    "#3d8bd9",
    "#9a4fd1",
    "#3f6212",
)
SHAPES = ("circle", "square", "diamond", "triangle-up")
NONE = -1
DESCRIPTION_CHARACTERS = 200
LABEL_CHARACTERS = 120
NAME_CHARACTERS = 80
LONGEST_ADDRESS = 2_000
WORDS = 12
PICTURES = 6
WEEKDAYS, HOURS = 7, 24

Scope = tuple[str | None, str | None]
Columns = dict[str, Any]
CORPUS: Scope = (None, None)


def browser_data(report: Report) -> Columns:
    """Everything that the page shows, as JSON can hold it.

    Raises:
        ValueError: see `vidpipe.topics.report.document.render`.
    """
    cards = sorted(report.topics, key=lambda card: (-card.videos, card.topic_id))
    numbers = _numbers([(_scope(card), card.topic_id) for card in cards], "topic")
    scoped: list[MappedVideo | TopicCard | AccountPage] = [
        *report.videos,
        *report.accounts,
        *(card for card in cards if _scope(card) != CORPUS),
    ]
    names = {_scope(one): one.account for one in scoped}
    ordered = sorted(names, key=lambda scope: (names[scope] or "", scope[0] or "", scope[1] or ""))
    accounts = {scope: number for number, scope in enumerate(ordered)}
    # The order is that of importance: what comes last may find no room.
    pictures = Pictures()
    corpus_pictures = _pictures([card for card in cards if _scope(card) == CORPUS], pictures)
    videos = _videos(report.videos, numbers, accounts, pictures)
    own_pictures = _pictures([card for card in cards if _scope(card) != CORPUS], pictures)
    topics = _topics(cards, accounts, _numbers([v.video_id for v in report.videos], "video"))
    topics["pictures"] = [(corpus_pictures | own_pictures)[key] for key in numbers]
    return {
        "title": _text(report.title, LABEL_CHARACTERS),
        "week": report.week.isoformat(),
        "made": _minute(report.made_at),
        "model": _text(report.model, LABEL_CHARACTERS),
        "notes": [_text(note, 2 * DESCRIPTION_CHARACTERS) for note in report.notes],
        "left_out": pictures.left_out,
        "colours": COLOURS,
        "shapes": SHAPES,
        "pictures": pictures.uris,
        "accounts": {
            "platform": [_maybe(platform) for platform, _ in ordered],
            "name": [_maybe(name) for name in _told_apart(ordered, names)],
        },
        "topics": topics,
        "videos": videos,
        "events": _events(report.events),
        "pages": _pages(report.accounts, numbers, accounts, report.events),
        "lineage": _lineage(report.lineage),
    }


def _scope(one: MappedVideo | TopicCard | AccountPage) -> Scope:
    return (one.platform, one.account_id)


def _told_apart(scopes: Sequence[Scope], names: Mapping[Scope, str | None]) -> list[str | None]:
    """Names of accounts; those that share one on a platform have their ids beside it."""
    shared = Counter((platform, names[platform, key]) for platform, key in scopes)
    return [
        name if shared[platform, name := names[platform, key]] == 1 else f"{name} ({key})"
        for platform, key in scopes
    ]


def _numbers(keys: Sequence[Any], what: str) -> dict[Any, int]:
    numbers = {key: number for number, key in enumerate(keys)}
    if len(numbers) != len(keys):
        twice = next(key for number, key in enumerate(keys) if numbers[key] != number)
        raise ValueError(f"{what} {twice!r} is in the report twice")
    return numbers


def _topic_number(numbers: Mapping[Any, int], scope: Scope, topic: int | None, whose: str) -> int:
    if topic is None:
        return NONE
    if (scope, topic) not in numbers:
        of = "the corpus" if scope == CORPUS else f"account id {scope[1]!r}"
        raise ValueError(f"{whose} names topic {topic} of {of}, which has no card in the report")
    return numbers[scope, topic]


def _videos(
    videos: Sequence[MappedVideo],
    numbers: Mapping[Any, int],
    accounts: Mapping[Scope, int],
    pictures: Pictures,
) -> Columns:
    for video in videos:
        if not (math.isfinite(video.x) and math.isfinite(video.y)):
            raise ValueError(f"video {video.video_id!r} has no finite place on the map")
    return {
        "id": [_text(video.video_id, DESCRIPTION_CHARACTERS) for video in videos],
        "account": [accounts[_scope(video)] for video in videos],
        "posted": [_maybe_minute(video.posted_at) for video in videos],
        "text": [_text(video.description, DESCRIPTION_CHARACTERS) for video in videos],
        "topic": [
            _topic_number(numbers, CORPUS, video.topic_id, f"video {video.video_id!r}")
            for video in videos
        ],
        "own_topic": [
            NONE
            if video.account_id is None
            else _topic_number(
                numbers,
                _scope(video),
                video.account_topic_id,
                f"video {video.video_id!r}",
            )
            for video in videos
        ],
        "provisional": [int(video.is_provisional) for video in videos],
        "x": [round(video.x, 4) for video in videos],
        "y": [round(video.y, 4) for video in videos],
        "picture": [pictures.number(video.thumbnail) for video in videos],
        "url": [_address(video.url) for video in videos],
        "frame": [video.frame for video in videos],
    }


def _pictures(cards: Sequence[TopicCard], pictures: Pictures) -> dict[Any, list[int]]:
    """Numbers of each card's pictures; all first pictures have room before any second one."""
    found: dict[Any, list[int]] = {(_scope(card), card.topic_id): [] for card in cards}
    for place in range(PICTURES):
        for card in cards:
            number = pictures.number(card.pictures[place]) if place < len(card.pictures) else NONE
            if number != NONE:
                found[_scope(card), card.topic_id].append(number)
    return found


def _topics(
    cards: Sequence[TopicCard], accounts: Mapping[Scope, int], videos: Mapping[str, int]
) -> Columns:
    return {
        "id": [str(card.topic_id) for card in cards],
        "account": [NONE if _scope(card) == CORPUS else accounts[_scope(card)] for card in cards],
        "label": [_text(card.label, LABEL_CHARACTERS) for card in cards],
        "words": [[_text(word, NAME_CHARACTERS) for word in card.words[:WORDS]] for card in cards],
        "contents": [card.contents for card in cards],
        "videos": [card.videos for card in cards],
        "accounts": [card.accounts for card in cards],
        "medoid": [videos.get(card.medoid_video_id, NONE) for card in cards],
        "medoid_id": [_text(card.medoid_video_id, DESCRIPTION_CHARACTERS) for card in cards],
        "days": [[[_day(day), posts] for day, posts in sorted(card.days)] for card in cards],
        "colour": [card.topic_id % len(COLOURS) for card in cards],
        "shape": [card.topic_id // len(COLOURS) % len(SHAPES) for card in cards],
    }


def _events(events: Sequence[DatedEvent]) -> Columns:
    return {
        "day": [_day(event.date) for event in events],
        "label": [_text(event.label, LABEL_CHARACTERS) for event in events],
    }


def _pages(
    pages: Sequence[AccountPage],
    numbers: Mapping[Any, int],
    accounts: Mapping[Scope, int],
    events: Sequence[DatedEvent],
) -> Columns:
    ordered = sorted(pages, key=lambda page: (-page.videos, page.account, page.platform or ""))
    return {
        "account": [accounts[_scope(page)] for page in ordered],
        "videos": [page.videos for page in ordered],
        "contents": [page.contents for page in ordered],
        "focus": [_focus(page, numbers) for page in ordered],
        "share": [page.focus_share for page in ordered],
        "low": [page.focus_low for page in ordered],
        "high": [page.focus_high for page in ordered],
        "entropy": [page.entropy for page in ordered],
        "insufficient": [page.insufficient_data for page in ordered],
        "first": [_maybe_minute(page.first_posted_at) for page in ordered],
        "last": [_maybe_minute(page.last_posted_at) for page in ordered],
        "gap_days": [page.longest_gap_days for page in ordered],
        "hours": [_hours(page) for page in ordered],
        "events": [
            [number for number, event in enumerate(events) if _concerns(event, page)]
            for page in ordered
        ],
    }


def _focus(page: AccountPage, numbers: Mapping[Any, int]) -> int:
    own = _scope(page)
    scope = own if (own, page.focus_topic_id) in numbers else CORPUS
    return _topic_number(numbers, scope, page.focus_topic_id, f"account {page.account!r}")


def _hours(page: AccountPage) -> list[list[int]]:
    hours = [list(day) for day in page.posts_by_hour]
    if [len(day) for day in hours] != [HOURS] * WEEKDAYS:
        raise ValueError(f"posts of account {page.account!r} are not of 7 days times 24 hours")
    return hours


def _concerns(event: DatedEvent, page: AccountPage) -> bool:
    called = {page.account, page.account_id, *page.names}
    return event.platform in (None, page.platform) and (
        event.account is None
        or not called.isdisjoint({event.account, bare := event.account.lstrip("@"), f"@{bare}"})
    )


def _lineage(steps: Sequence[LineageStep]) -> Columns:
    return {
        "event": [_text(step.event, NAME_CHARACTERS) for step in steps],
        "topic": [None if step.topic_id is None else str(step.topic_id) for step in steps],
        "previous": [
            None if step.previous_topic_id is None else str(step.previous_topic_id)
            for step in steps
        ],
        "label": [_text(step.label, LABEL_CHARACTERS) for step in steps],
        "overlap": [step.overlap for step in steps],
        "videos": [step.videos for step in steps],
    }


def _text(text: str, characters: int) -> str:
    """The start of a text on one line, with an ellipsis if it is cut; half characters are dropped.

    A lone surrogate (half of a character) cannot be written as UTF-8: the report would be lost.
    """
    line = " ".join(text[: 4 * characters].split()).encode("utf-8", "ignore").decode()
    is_cut = len(line) > characters or len(text) > 4 * characters
    return line[: characters - 1].rstrip() + "…" if is_cut else line


def _address(url: str | None) -> str | None:
    """An address that a reader may follow; None for anything but a page of the web."""
    cleaned = (url or "").strip()
    is_page = cleaned.lower().startswith(("https://", "http://")) and cleaned.isprintable()
    return cleaned if is_page and len(cleaned) <= LONGEST_ADDRESS and " " not in cleaned else None


def _maybe(name: str | None) -> str | None:
    return None if name is None else _text(name, NAME_CHARACTERS)


def _day(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _minute(moment: datetime) -> int:
    """Minutes since 1970-01-01 00:00 UTC."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(zoned.timestamp() // 60)


def _maybe_minute(moment: datetime | None) -> int | None:
    return None if moment is None else _minute(moment)
