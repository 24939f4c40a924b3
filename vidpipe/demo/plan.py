"""What a demo world consists of, before anything is drawn: accounts, events, videos, shots.

Belongs here: the words in which a world is planned, and checking that they make sense.
Does not: making a plan up (vidpipe.demo.story), drawing it (vidpipe.demo.video).

Times within a video are presentation times in seconds; a stretch includes its start and excludes
its end.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Literal

from vidpipe.demo.compositions import Composition
from vidpipe.errors import SettingsError

Role = Literal["one_speaker", "ring", "ordinary", "small"]
EditKind = Literal[
    "re_encoded",
    "resized",
    "cropped",
    "letterboxed",
    "logo",
    "caption_overlay",
    "grey",
    "mirrored",
    "trimmed",
    "sped_up",
    "identical",
]
CaptionStyle = Literal[
    "white_on_dark", "black_on_bright", "white_outlined", "yellow_outlined", "faint"
]


@dataclass(frozen=True)
class Stretch:
    """A part of a video."""

    start_s: float
    end_s: float

    def holds(self, time_s: float) -> bool:
        """Whether a moment lies in it."""
        return self.start_s <= time_s < self.end_s


@dataclass(frozen=True)
class PlannedShot(Stretch):
    """One uncut stretch.

    Attributes:
        composition: what it shows.
        blur: where it is out of focus.
        static: where the picture stands still.
    """

    composition: Composition
    blur: Stretch | None = None
    static: Stretch | None = None

    def __post_init__(self) -> None:
        """Refuses what cannot be drawn before hours of drawing.

        Raises:
            UnknownName: there is no such subject, state, place, time or weather.
        """
        Composition.parse(str(self.composition))


@dataclass(frozen=True)
class PlannedCaption(Stretch):
    """A text burnt into the picture.

    Attributes:
        text: letters of Pillow's bundled font only; wrapped when drawn.
        language: "en" or "ms".
        style: its colours.
        size_share: height of a line as a share of the frame's shorter side.
        edge: where it stands.
        is_added: a copier put it over the footage.
        is_whole: False where an edit mirrored the text or may have cut it off.
    """

    text: str
    language: str
    style: CaptionStyle
    size_share: float
    edge: Literal["top", "bottom"]
    is_added: bool = False
    is_whole: bool = True


@dataclass(frozen=True)
class Edit:
    """What a copier did to the footage.

    `amount` is for `re_encoded` the encoder's rate factor, for `resized` the factor of both sides,
    for `cropped` the share cut off at each side, for `letterboxed` the factor by which bars make
    the shorter side longer, for `logo` its height as a share of the shorter side, for `trimmed`
    the share of the time cut off at the start and again at the end, for `sped_up` the factor of
    the speed; else 0.
    """

    kind: EditKind
    amount: float = 0.0


@dataclass(frozen=True)
class PlannedVideo:
    """One upload and the truth about it.

    Attributes:
        video_id: as vidpipe will call it.
        platform: "local" when there is no sidecar to say it.
        path: below the uploads folder.
        ingest_date: UTC date of `posted_at`.
        size: (width_px, height_px).
        fps: frames a second; for a variable rate the most there are.
        shots: the shots, in order and without gaps; before the first and after the last, black.
        description: empty when there is no sidecar to say it; so are the hashtags.
        topic_subject: what is shown for at least three quarters of the time.
        topic_setting: "place/time" of most of the time.
        copy_of: the video_id whose footage this is, with `edits`; else None.
        seed: decides how the shots look.
    """

    video_id: str
    platform: str
    account: str
    account_role: Role
    path: str
    ingest_date: date
    posted_at: datetime
    size: tuple[int, int]
    fps: int
    is_variable_rate: bool
    duration_s: float
    shots: tuple[PlannedShot, ...]
    captions: tuple[PlannedCaption, ...]
    description: str
    hashtags: tuple[str, ...]
    has_sidecar: bool
    topic_subject: str
    topic_setting: str
    seed: int
    copy_of: str | None = None
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        """Refuses what cannot be written.

        Raises:
            SettingsError: sides that H.264 cannot halve, shots with gaps, nothing to show.
        """
        if any(side < 2 or side % 2 for side in self.size):
            raise SettingsError(f"{self.path}: {self.size} px are not two positive even numbers")
        if not self.shots or self.fps < 1:
            raise SettingsError(f"{self.path}: a video needs a shot and at least 1 frame a second")
        cuts = [(one.end_s, other.start_s) for one, other in pairwise(self.shots)]
        ends = [0.0, *(side for shot in self.shots for side in (shot.start_s, shot.end_s))]
        ends.append(self.duration_s)
        if sorted(ends) != ends or any(end != start for end, start in cuts):
            raise SettingsError(f"{self.path}: its shots leave gaps, overlap or go on too long")

    @property
    def black_lead_in_s(self) -> float:
        """The length of the black stretch before the first shot."""
        return self.shots[0].start_s

    @property
    def black_lead_out_s(self) -> float:
        """The length of the black stretch after the last shot."""
        return self.duration_s - self.shots[-1].end_s


@dataclass(frozen=True)
class PlannedAccount:
    """An account of the world; `language` is that of most of its descriptions."""

    name: str
    platform: str
    role: Role
    language: str


@dataclass(frozen=True)
class PlannedEvent:
    """Something that happened in the world on a day and shows in the videos of an account.

    Attributes:
        name: one short English sentence.
        account: whose videos change.
        change: how they change.
    """

    date: date
    name: str
    account: str
    change: str


@dataclass(frozen=True)
class WorldPlan:
    """A whole world; videos in order of ingest date and path."""

    seed: int
    weeks: int
    first_date: date
    accounts: tuple[PlannedAccount, ...]
    events: tuple[PlannedEvent, ...]
    videos: tuple[PlannedVideo, ...]
