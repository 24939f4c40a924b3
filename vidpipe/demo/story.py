"""Making up a demo world: who posts what and when.

Belongs here: the story that an investigation shall find (one speaker, a ring that reposts, events)
and the ordinary posts around it.
Does not: technical properties and shots of a video (vidpipe.demo.footage), drawing.

    plan = plan_world(seed=7, videos=150, weeks=10)

Everything lies in the past and on fixed dates; the same arguments give the same plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

import numpy as np

from vidpipe.demo.accounts import Member, draw_members
from vidpipe.demo.compositions import SUBJECT_STATES, Composition
from vidpipe.demo.dealing import deal, deal_share, shuffled
from vidpipe.demo.edits import edited
from vidpipe.demo.footage import Form, Setting, Theme, draw_footage, draw_forms, settings_of
from vidpipe.demo.headlines import HEADLINES
from vidpipe.demo.language import describe
from vidpipe.demo.plan import (
    CaptionStyle,
    Edit,
    EditKind,
    PlannedAccount,
    PlannedCaption,
    PlannedEvent,
    PlannedVideo,
    WorldPlan,
)
from vidpipe.errors import SettingsError
from vidpipe.uploads.post_ids import post_id_of

FIRST_DATE = date(2025, 3, 3)  # a Monday
BARE_SHARE = 1 / 25  # share of uploads that have no sidecar
PHRASINGS = 6
ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
ID_LENGTH = 11

SPEAKER = "speaker"
SPEAKER_SHARE = 0.9  # how much of the videos of the account about one speaker shows him
# The parts of its videos that fall into each week; then it is silent.
SPEAKER_WEEKS = (2, 4, 7, 5, 4, 3, 3, 2)
SPEAKER_SETTINGS: tuple[Setting, ...] = (
    ("office", "day"),
    ("stage", "night"),
    ("street", "night"),
    ("square", "day"),
    ("hospital", "day"),
)
BEFORE_EMERGENCY, AFTER_EMERGENCY = ("suit", "smiling_suit"), ("uniform",)
AROUND_SPEAKER = ("crowd", "soldier", "doctor")
EMERGENCY_WEEK, EMERGENCY_WEEKDAY = 2, 2  # Wednesday of the third week
SILENCE_WEEK = len(SPEAKER_WEEKS)

RING_FOOTAGE = 5  # about so many posts show one footage, the original among them
RING_SUBJECTS = ("tank", "crowd", "house", "soldier", "helicopter", "bus")
DEPOT_FIRE = Theme("truck", ("burning",), (("harbour", "day"), ("harbour", "night")))
ALARMING_STATES = ("burning", "destroyed", "protesting", "running")
REPOST_MINUTES = (2, 15)
EDIT_AMOUNTS: dict[EditKind, tuple[float, float]] = {
    "re_encoded": (33, 38),
    "resized": (0.6, 0.8),
    "cropped": (0.05, 0.1),
    "letterboxed": (1.25, 1.4),
    "logo": (0.14, 0.2),
    "caption_overlay": (0, 0),
    "grey": (0, 0),
    "mirrored": (0, 0),
    "trimmed": (0.08, 0.18),
    "sped_up": (1.1, 1.5),
}
SECOND_EDIT_SHARE = 0.5
OVERLAY_STYLES: tuple[CaptionStyle, ...] = ("white_on_dark", "black_on_bright", "white_outlined")


@dataclass(frozen=True)
class Post:
    """Footage by an account at a time, before it is known how the video looks.

    `copies` are the accounts that repost it, with the minutes after which they do.
    """

    account: PlannedAccount
    posted_at: datetime
    theme: Theme
    copies: tuple[tuple[PlannedAccount, float], ...] = ()


def plan_world(*, seed: int, videos: int, weeks: int = 10) -> WorldPlan:
    """Plans a world; draws and writes nothing.

    Args:
        seed: another seed tells the same story with other videos.
        videos: number of uploads, at least 1. Small worlds have fewer roles.
        weeks: length of the story from `FIRST_DATE` on.

    Raises:
        SettingsError: a number is out of range.
    """
    _refuse(seed=seed, videos=videos, weeks=weeks)
    rng = np.random.default_rng((seed, videos, weeks))
    members = draw_members(videos, rng)
    posts = [
        post
        for role, draw in _STORIES.items()
        for post in draw([one for one in members if one.account.role == role], weeks, rng)
    ]
    forms = draw_forms([bool(post.copies) for post in posts], videos, rng)
    planned = [_plan_video(post, form, rng) for post, form in zip(posts, forms, strict=True)]
    planned = _without_sidecars(planned, round(videos * BARE_SHARE), rng)
    planned += _plan_copies(list(zip(posts, planned, strict=True)), rng)
    posting = {video.account for video in planned}
    planned.sort(key=lambda video: (video.ingest_date, video.path))
    return WorldPlan(
        seed=seed,
        weeks=weeks,
        first_date=FIRST_DATE,
        accounts=tuple(one.account for one in members if one.account.name in posting),
        events=tuple(_events(posts, weeks)),
        videos=tuple(planned),
    )


def upload_id_of(path: str) -> str:
    """The upload_id of a file at a path below the uploads folder."""
    return quote(path)


def _refuse(*, seed: int, videos: int, weeks: int) -> None:
    if videos < 1:
        raise SettingsError(f"cannot plan {videos} videos: ask for at least 1")
    if weeks < 1:
        raise SettingsError(f"cannot plan {weeks} weeks: ask for at least 1")
    if seed < 0:
        raise SettingsError(f"the seed {seed} is negative: give 0 or a positive number")


# -- who posts what and when ----------------------------------------------------------------------


def _one_speaker(members: list[Member], weeks: int, rng: np.random.Generator) -> Iterator[Post]:
    for member in members:
        posted = _times(rng, SPEAKER_WEEKS[:weeks], member.videos)
        subjects = deal_share(SPEAKER_SHARE, member.videos, rng)
        settings = deal(dict.fromkeys(SPEAKER_SETTINGS, 1.0), member.videos, rng)
        for moment, is_speaker, setting in zip(posted, subjects, settings, strict=True):
            subject = SPEAKER if is_speaker else str(rng.choice(AROUND_SPEAKER))
            states = SUBJECT_STATES[subject]
            if is_speaker:
                is_before = moment.date() < _emergency_date()
                states = BEFORE_EMERGENCY if is_before else AFTER_EMERGENCY
            ordered = dict.fromkeys((setting, *SPEAKER_SETTINGS))
            possible = [one for one in ordered if one in settings_of(subject)]
            yield Post(member.account, moment, Theme(subject, states, tuple(possible)))


def _ring(members: list[Member], weeks: int, rng: np.random.Generator) -> Iterator[Post]:
    posts = sum(member.videos for member in members)
    if not posts:
        return
    accounts = [member.account for member in members]
    pieces = -(-posts // RING_FOOTAGE)
    starts = _times(rng, (1,) * weeks, pieces)
    for number, moment in enumerate(starts):
        copies = (posts + number) // pieces - 1
        author, *others = np.roll(np.array(accounts, object), -number)
        copiers = rng.permutation(np.array(others, object))[:copies]
        minutes = np.sort(rng.uniform(*REPOST_MINUTES, copies))
        subject = RING_SUBJECTS[number % len(RING_SUBJECTS)]
        states = tuple(one for one in SUBJECT_STATES[subject] if one in ALARMING_STATES)
        theme = Theme(subject, states, shuffled(settings_of(subject), rng))
        if number == pieces // 2:
            theme = DEPOT_FIRE
        yield Post(author, moment, theme, tuple(zip(copiers, map(float, minutes), strict=True)))


def _ordinary(members: list[Member], weeks: int, rng: np.random.Generator) -> Iterator[Post]:
    """Deals each account up to four favourites, dealt so that all subjects occur evenly."""
    subjects = shuffled(tuple(SUBJECT_STATES), rng)
    favourites: list[list[str]] = [[] for _ in members]
    for number in range(max(len(subjects), 3 * len(members))):
        liked = favourites[number % len(members)]
        if len(liked) < 4:
            liked.append(subjects[number % len(subjects)])
    for member, liked in zip(members, favourites, strict=True):
        posted = _times(rng, (1,) * weeks, member.videos)
        for moment, subject in zip(
            posted, deal(dict.fromkeys(liked, 1.0), member.videos, rng), strict=True
        ):
            yield Post(member.account, moment, _any_theme(subject, rng, others=liked))


def _small(members: list[Member], weeks: int, rng: np.random.Generator) -> Iterator[Post]:
    for member in members:
        for moment in _times(rng, (1,) * weeks, member.videos):
            subject = str(rng.choice(list(SUBJECT_STATES)))
            yield Post(member.account, moment, _any_theme(subject, rng))


_STORIES = {"one_speaker": _one_speaker, "ring": _ring, "ordinary": _ordinary, "small": _small}


def _any_theme(subject: str, rng: np.random.Generator, others: Sequence[str] = ()) -> Theme:
    states = shuffled(SUBJECT_STATES[subject], rng)
    return Theme(subject, states, shuffled(settings_of(subject), rng), tuple(others))


def _times(rng: np.random.Generator, week_weights: Sequence[float], count: int) -> list[datetime]:
    """Draws moments in order, spread over weeks by weight, around hours typical of an account."""
    typical_hour = rng.uniform(6, 19)
    weeks = deal(dict(enumerate(week_weights)), count, rng)
    moments = []
    for week in weeks:
        hour = float(np.clip(rng.normal(typical_hour, 1.5), 0, 23))
        day = FIRST_DATE + timedelta(days=7 * week + int(rng.integers(7)))
        second = timedelta(seconds=round(hour * 3600))
        moments.append(datetime.combine(day, time(), UTC) + second)
    return sorted(moments)


def _emergency_date() -> date:
    return FIRST_DATE + timedelta(days=7 * EMERGENCY_WEEK + EMERGENCY_WEEKDAY)


def _events(posts: Sequence[Post], weeks: int) -> list[PlannedEvent]:
    speakers = [post.account.name for post in posts if post.account.role == "one_speaker"]
    fires = [post for post in posts if post.theme == DEPOT_FIRE]
    events = [
        PlannedEvent(
            date=post.posted_at.date(),
            name="A depot at the harbour burns",
            account=post.account.name,
            change="posts a burning truck at the harbour, which the ring reposts within minutes",
        )
        for post in fires
    ]
    if speakers and weeks > EMERGENCY_WEEK:
        change = "the speaker wears a uniform from this day on, and a suit before"
        name = "A state of emergency is declared"
        events.append(PlannedEvent(_emergency_date(), name, speakers[0], change))
    if speakers and weeks > SILENCE_WEEK:
        day = FIRST_DATE + timedelta(days=7 * SILENCE_WEEK)
        name, change = "The speaker is dismissed", "posts nothing from this day on"
        events.append(PlannedEvent(day, name, speakers[0], change))
    return sorted(events, key=lambda event: event.date)


# -- posts become videos --------------------------------------------------------------------------


def _plan_video(post: Post, form: Form, rng: np.random.Generator) -> PlannedVideo:
    footage = draw_footage(post.theme, form, post.account.language, rng)
    account, topic = post.account, footage.topic
    return _posted(
        PlannedVideo(
            video_id="",
            platform=account.platform,
            account=account.name,
            account_role=account.role,
            path="",
            ingest_date=post.posted_at.date(),
            posted_at=post.posted_at,
            size=form.size,
            fps=form.fps,
            is_variable_rate=form.is_variable_rate,
            duration_s=footage.duration_s,
            shots=footage.shots,
            captions=footage.captions,
            description="",
            hashtags=(),
            has_sidecar=True,
            topic_subject=topic.subject,
            topic_setting=f"{topic.place}/{topic.time}",
            seed=int(rng.integers(2**32)),
        ),
        account,
        topic,
        post.posted_at,
        rng,
    )


def _posted(
    video: PlannedVideo,
    account: PlannedAccount,
    topic: Composition,
    posted_at: datetime,
    rng: np.random.Generator,
) -> PlannedVideo:
    """The video as a post of an account: identity, place in the uploads folder, words."""
    post_id = "".join(rng.choice(list(ID_LETTERS), ID_LENGTH))
    # A space in a name is ordinary in the wild, so the demo has some too.
    stem = f"video {post_id}" if len(account.name) % 2 else post_id
    path = f"{posted_at.date().isoformat()}/{account.name}/{stem}.mp4"
    return replace(
        video,
        video_id=post_id_of(account.platform, post_id, None, upload_id_of(path)),
        platform=account.platform,
        account=account.name,
        account_role=account.role,
        path=path,
        ingest_date=posted_at.date(),
        posted_at=posted_at,
        description=describe(topic, account.language, int(rng.integers(PHRASINGS))),
        hashtags=(topic.subject.replace("_", ""), topic.place),
    )


def _without_sidecars(
    videos: list[PlannedVideo], count: int, rng: np.random.Generator
) -> list[PlannedVideo]:
    """The videos, of which some by ordinary accounts lack what only a sidecar can say."""
    ordinary = [n for n, video in enumerate(videos) if video.account_role == "ordinary"]
    bare = list(videos)
    for number in rng.permutation(ordinary)[:count]:
        video = videos[number]
        bare[number] = replace(
            video,
            video_id=post_id_of("local", None, None, upload_id_of(video.path)),
            platform="local",
            description="",
            hashtags=(),
            has_sidecar=False,
        )
    return bare


def _plan_copies(
    originals: Sequence[tuple[Post, PlannedVideo]], rng: np.random.Generator
) -> list[PlannedVideo]:
    """Plans the reposts: one of them byte for byte, the others with edits that go round."""
    count = sum(len(post.copies) for post, _ in originals)
    first = deal(dict.fromkeys(EDIT_AMOUNTS, 1.0), count, rng)
    second = deal(dict.fromkeys(EDIT_AMOUNTS, 1.0), count, rng)
    copies: list[PlannedVideo] = []
    for post, original in originals:
        topic = _topic(original)
        for account, minutes in post.copies:
            number = len(copies)
            kinds = [first[number]]
            if second[number] != kinds[0] and rng.random() < SECOND_EDIT_SHARE:
                kinds.append(second[number])
            edits = [Edit(kind, float(rng.uniform(*EDIT_AMOUNTS[kind]))) for kind in kinds]
            if count > 1 and not copies:
                edits = [Edit("identical")]
            copy = edited(original, edits)
            if any(edit.kind == "caption_overlay" for edit in edits):
                copy = _with_overlay(copy, account.language, rng)
            moment = post.posted_at + timedelta(seconds=round(minutes * 60))
            copies.append(_posted(copy, account, topic, moment, rng))
    return copies


def _topic(video: PlannedVideo) -> Composition:
    """The composition of the longest shot of what the video is about."""
    about = [
        shot
        for shot in video.shots
        if shot.composition.subject == video.topic_subject
        and f"{shot.composition.place}/{shot.composition.time}" == video.topic_setting
    ]
    return max(about, key=lambda shot: shot.end_s - shot.start_s).composition


def _with_overlay(copy: PlannedVideo, language: str, rng: np.random.Generator) -> PlannedVideo:
    """Puts a text of the copier's over all of the copy, away from the footage's own."""
    is_bottom_taken = any(caption.edge == "bottom" for caption in copy.captions)
    texts_in = language if language in HEADLINES else "en"
    added = PlannedCaption(
        start_s=0.0,
        end_s=copy.duration_s,
        text=str(rng.choice(HEADLINES[texts_in])),
        language=texts_in,
        style=OVERLAY_STYLES[int(rng.integers(len(OVERLAY_STYLES)))],
        size_share=float(rng.uniform(0.08, 0.12)),
        edge="top" if is_bottom_taken else "bottom",
        is_added=True,
    )
    return replace(copy, captions=(*copy.captions, added))
