"""What the report of a weekly topic run shows, as plain values.

Belongs here: the parts of a report and what each of them means.
Does not: reading them from tables and the media store (gathering.py), or making a page of them
(document.py).
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class MappedVideo:
    """One video, a point of the map.

    Attributes:
        video_id: unique in a report.
        platform: the platform it was posted on; None: unknown.
        account: handle of the account that posted it; None: unknown.
        account_id: the account; None: unknown.
        posted_at: time of posting; one without a time zone counts as UTC; None: unknown.
        description: any text; the page shows its start.
        topic_id: main topic among those of the whole corpus; None: in none.
        account_topic_id: main topic among those of its account; None: in none.
        is_provisional: its topic was found without clustering again.
        x: place on the map, finite.
        y: place on the map, finite.
        thumbnail: small WebP, JPEG or PNG; empty: none.
        url: page of the post; None: unknown. Only http and https addresses become links.
        frame: address of the keyframe that the thumbnail is of, relative to the report; None: none.
    """

    video_id: str
    platform: str | None
    account: str | None
    account_id: str | None
    posted_at: datetime | None
    description: str
    topic_id: int | None
    account_topic_id: int | None
    is_provisional: bool
    x: float
    y: float
    thumbnail: bytes
    url: str | None = None
    frame: str | None = None


@dataclass(frozen=True)
class TopicCard:
    """One topic, of the whole corpus or of one account.

    Attributes:
        topic_id: unique among the topics of its corpus or account. Colour and shape on the map
            follow from it: a topic that keeps its id keeps both.
        platform: platform of the account; None with `account_id` None: a topic of the whole corpus.
        account: handle of the account whose topic it is; None: a topic of the whole corpus.
        account_id: the account whose topic it is; None: a topic of the whole corpus.
        label: a few words.
        words: the most typical first.
        contents: number of distinct videos, reposts counted once.
        videos: number of all videos.
        accounts: number of accounts that posted about it.
        medoid_video_id: the most typical video, one of the report's or not.
        pictures: pictures of keyframes that represent it, WebP, JPEG or PNG, about 280 px wide;
            the first ones are shown.
        days: day and number of posts, only days with some.
    """

    topic_id: int
    platform: str | None
    account: str | None
    account_id: str | None
    label: str
    words: tuple[str, ...]
    contents: int
    videos: int
    accounts: int
    medoid_video_id: str
    pictures: tuple[bytes, ...]
    days: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class LineageStep:
    """What became of one topic of the whole corpus since the last run.

    Attributes:
        event: kept, new, split, merged or gone.
        topic_id: id in this run; None: gone.
        previous_topic_id: id in the last run; None: new.
        label: label of the topic now, or before if it is gone.
        overlap: share of videos that both have, 0 to 1.
        videos: number of videos of the topic now, or before if it is gone.
    """

    event: str
    topic_id: int | None
    previous_topic_id: int | None
    label: str
    overlap: float
    videos: int


@dataclass(frozen=True)
class DatedEvent:
    """Something that happened, drawn as a line over the posts of accounts.

    Attributes:
        date: day, UTC.
        label: a few words.
        platform: the platform that it concerns; None: all.
        account: id, handle or name of the account that it concerns; None: all, of `platform` if
            that is given.
    """

    date: date
    label: str
    platform: str | None
    account: str | None


@dataclass(frozen=True)
class AccountPage:
    """What one account is about and when it posts.

    Attributes:
        platform: the platform it is on; None: unknown.
        account: its latest handle.
        account_id: what tells it apart on its platform.
        names: what else it is or was called, handles and names.
        videos: all of them.
        contents: distinct videos, reposts counted once.
        focus_topic_id: its largest topic: one of its own, or where it has none with that id, one
            of the whole corpus; None: none.
        focus_share: share of its contents in that topic, 0 to 1.
        focus_low: lower end of the share's 95 % Wilson interval.
        focus_high: upper end of it.
        entropy: entropy of its contents over its topics; 0: all are in one.
        insufficient_data: too few videos to tell a focus; the page says so instead.
        first_posted_at: None: no date is known. Times without a zone count as UTC.
        last_posted_at: None: no date is known.
        longest_gap_days: between two posts that follow one another; None: fewer than two.
        posts_by_hour: posts in 7 weekdays, Monday first, times 24 hours, UTC.
    """

    platform: str | None
    account: str
    account_id: str
    names: frozenset[str]
    videos: int
    contents: int
    focus_topic_id: int | None
    focus_share: float | None
    focus_low: float | None
    focus_high: float | None
    entropy: float | None
    insufficient_data: bool
    first_posted_at: datetime | None
    last_posted_at: datetime | None
    longest_gap_days: float | None
    posts_by_hour: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Report:
    """All that one page shows.

    Attributes:
        title: title of the page.
        week: first day of the week that the run is about.
        made_at: when the run was made; a time without a zone counts as UTC.
        model: the model that made the vectors.
        notes: problems that were met, shown first.
        videos: points of the map, in any order.
        topics: cards of all topics that videos and pages name.
        lineage: steps since the last run; empty for the first run, which has none to compare with.
        events: dated events, in any order.
        accounts: pages of accounts, in any order.
    """

    title: str
    week: date
    made_at: datetime
    model: str
    notes: tuple[str, ...]
    videos: tuple[MappedVideo, ...]
    topics: tuple[TopicCard, ...]
    lineage: tuple[LineageStep, ...]
    events: tuple[DatedEvent, ...]
    accounts: tuple[AccountPage, ...]
