"""What comparing two contents says: a verdict, and the aligned stretches behind it.

Belongs here: the words of the answer. Does not: finding it (vidpipe.reuse.comparison), storing it
(vidpipe.reuse.store).
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Verdict(StrEnum):
    """What two contents have to do with each other, read from the first to the second."""

    IDENTICAL = "identical"
    """The same bytes."""
    NEAR_DUPLICATE = "near_duplicate"
    """Both are covered by what they share."""
    CLIP_OF = "clip_of"
    """The first is covered, the second is not: it was taken out of the second."""
    CONTAINS = "contains"
    """The second is covered, the first is not."""
    SHARES_FOOTAGE = "shares_footage"
    """They share footage, and neither is covered: compilations."""
    SAME_SCENE = "same_scene"
    """They look alike, but the moving pictures are not the same."""
    COMMON_SEGMENT = "common_segment"
    """They share only what many unrelated contents show: an intro, a logo, a lead-in."""
    STATIC = "static"
    """They show the same picture, and nothing moves: pictures cannot tell whether it is a copy."""

    @property
    def mirrored_roles(self) -> "Verdict":
        """The verdict read from the second content to the first."""
        return {Verdict.CLIP_OF: Verdict.CONTAINS, Verdict.CONTAINS: Verdict.CLIP_OF}.get(
            self, self
        )

    @property
    def is_copy(self) -> bool:
        """Whether it says that footage was reused."""
        return self in COPIES


COPIES = frozenset(
    {
        Verdict.IDENTICAL,
        Verdict.NEAR_DUPLICATE,
        Verdict.CLIP_OF,
        Verdict.CONTAINS,
        Verdict.SHARES_FOOTAGE,
    }
)


READ_BACK = {"faster": "slower", "slower": "faster"}
"""Edits that are another one when they are read from the second content to the first."""


@dataclass(frozen=True)
class Segment:
    """One aligned stretch: `b_time = b_start_s + speed * (a_time - a_start_s)`.

    Attributes:
        a_start_s, a_end_s: the stretch in the first content (s).
        b_start_s, b_end_s: the stretch in the second content (s).
        speed: seconds of the second content in one of the first; 1 for the same pace.
        is_mirrored: whether left and right are exchanged between the two.
        a_box, b_box: the parts of the two frames that show the same: left, top, right, bottom, as
            shares of width and height of the upright frame.
        signal: what found it: `bytes`, `hashes` or `keypoints`.
        a_view, b_view: names of the views whose hashes agreed best; None for keypoints.
        score: novelty-weighted evidence of the hashes along the run.
        motion: correlation of what moves, -1 to 1.
        likeness: correlation of the pictures themselves where something moves, -1 to 1.
        surety: what both say for a copy, in nats; 0 for chance.
        samples: number of compared samples that are neither dark nor flat.
        a_coverage, b_coverage: share of each content's effective duration that lies in it, 0 to 1.
        is_common: whether it stands in many contents that share nothing else.
    """

    a_start_s: float
    a_end_s: float
    b_start_s: float
    b_end_s: float
    speed: float
    is_mirrored: bool
    a_box: tuple[float, float, float, float]
    b_box: tuple[float, float, float, float]
    signal: str
    a_view: str | None
    b_view: str | None
    score: float
    motion: float
    likeness: float
    surety: float
    samples: int
    a_coverage: float
    b_coverage: float
    is_common: bool = False

    @property
    def offset_s(self) -> float:
        """Where the first content's beginning lies in the second (s), at this pace."""
        return self.b_start_s - self.speed * self.a_start_s

    @property
    def exchanged(self) -> "Segment":
        """The stretch read from the second content to the first."""
        return replace(
            self,
            a_start_s=self.b_start_s,
            a_end_s=self.b_end_s,
            b_start_s=self.a_start_s,
            b_end_s=self.a_end_s,
            speed=1 / self.speed,
            a_box=self.b_box,
            b_box=self.a_box,
            a_view=self.b_view,
            b_view=self.a_view,
            a_coverage=self.b_coverage,
            b_coverage=self.a_coverage,
        )


@dataclass(frozen=True)
class Match:
    """What is known of a pair of contents that have something to do with each other.

    Attributes:
        a, b: `content_sha256` of the two.
        verdict: read from `a` to `b`.
        a_coverage, b_coverage: share of each content's effective duration (dark and flat stretches
            do not count) that lies in its segments, 0 to 1.
        segments: the aligned stretches, the strongest first.
        e_value: how many matches as good as this are expected among all unrelated pairs of the
            corpus; 0 for equal bytes.
        edits: what was done to the footage between the two, as guessed: `mirrored`, `cropped`,
            `laid out` (each shows more than the other: a window, a layout), `faster` and `slower`
            (read from `a` to `b`), `trimmed`, `joined` (other footage before or after).
    """

    a: str
    b: str
    verdict: Verdict
    a_coverage: float
    b_coverage: float
    segments: tuple[Segment, ...]
    e_value: float
    edits: tuple[str, ...] = ()

    @property
    def exchanged(self) -> "Match":
        """The match read from the second content to the first."""
        return replace(
            self,
            a=self.b,
            b=self.a,
            verdict=self.verdict.mirrored_roles,
            a_coverage=self.b_coverage,
            b_coverage=self.a_coverage,
            segments=tuple(segment.exchanged for segment in self.segments),
            edits=tuple(READ_BACK.get(edit, edit) for edit in self.edits),
        )
