"""What is true of a source and its edited copy, for judging what was found.

Belongs here: the truth, and which verdicts are right by it.
Does not: making copies (vidpipe.reuse.editing.copying).
"""

from dataclasses import dataclass

from vidpipe.reuse.editing.placement import Box
from vidpipe.reuse.matches import Verdict

COVERED = 0.8
"""From this share on a content counts as covered by what it shares."""
BORDER = 0.05
"""Within this of `COVERED` either verdict is right: whole samples do not tell."""


@dataclass(frozen=True)
class OtherStretch:
    """A stretch of the copy that shows other footage: `number` counts `others` from 0."""

    number: int
    copy_start_s: float
    copy_end_s: float


@dataclass(frozen=True)
class Truth:
    """What is true of a copy and its source.

    Attributes:
        edits: names of the catalogue.
        source_duration_s, copy_duration_s: lengths.
        copy_black_s: seconds of the copy that are black, before its footage.
        source_start_s, source_end_s: the stretch of the source that the copy shows.
        copy_start_s, copy_end_s: where it stands in the copy.
        speed: seconds of the source in one of the copy; above 1 for a faster copy.
        is_mirrored: whether left and right are exchanged.
        source_box: the part of the source's frame that is seen, as shares.
        copy_box: the part of the copy's frame in which it is seen, as shares; overlays may cover
            some of it.
        width_px, height_px, fps: of the copy.
        others: stretches that show other footage before, after or beside it.
    """

    edits: tuple[str, ...]
    source_duration_s: float
    copy_duration_s: float
    copy_black_s: float
    source_start_s: float
    source_end_s: float
    copy_start_s: float
    copy_end_s: float
    speed: float
    is_mirrored: bool
    source_box: Box
    copy_box: Box
    width_px: int
    height_px: int
    fps: float
    others: tuple[OtherStretch, ...] = ()

    @property
    def copy_coverage(self) -> float:
        """The share of the copy, black apart, that shows the source."""
        shown_s = self.copy_duration_s - self.copy_black_s
        return min(1.0, (self.copy_end_s - self.copy_start_s) / max(1e-3, shown_s))

    @property
    def source_coverage(self) -> float:
        """The share of the source that the copy shows."""
        return min(1.0, (self.source_end_s - self.source_start_s) / self.source_duration_s)

    @property
    def offset_s(self) -> float:
        """Where the copy's beginning lies in the source, at this pace; may be negative."""
        return self.source_start_s - self.speed * self.copy_start_s

    @property
    def verdicts(self) -> frozenset[Verdict]:
        """The verdicts that are right, read from the copy to the source."""
        return verdicts_of(self.copy_coverage, self.source_coverage)


def verdicts_of(copy_coverage: float, source_coverage: float) -> frozenset[Verdict]:
    """The verdicts that are right of a copy and its source that are covered so far (0 to 1)."""
    return frozenset(
        _BY_COVERED[copy_covered, source_covered]
        for copy_covered in _is_covered(copy_coverage)
        for source_covered in _is_covered(source_coverage)
    )


_BY_COVERED = {
    (True, True): Verdict.NEAR_DUPLICATE,
    (True, False): Verdict.CLIP_OF,
    (False, True): Verdict.CONTAINS,
    (False, False): Verdict.SHARES_FOOTAGE,
}


def _is_covered(share: float) -> set[bool]:
    return {share >= COVERED - BORDER, share >= COVERED + BORDER}
