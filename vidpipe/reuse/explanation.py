"""Why two videos are a copy of one another, or are not: every gate, in plain words.

Belongs here: reading a comparison step by step, and the sentences about it.
Does not: comparing (vidpipe.reuse.comparison), pictures of it (vidpipe.reuse.aligned_frames).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vidpipe.reuse.candidates import segment as segments
from vidpipe.reuse.candidates.code_table import CodeTable
from vidpipe.reuse.candidates.index import LEAST_HASH_VOTES, LEAST_KEYPOINT_VOTES
from vidpipe.reuse.candidates.segment import HASHES, KEYPOINTS, Codes, Segment
from vidpipe.reuse.comparison import compare
from vidpipe.reuse.comparison.alignment import Alignment
from vidpipe.reuse.comparison.gates import GATES, MOST_EXPECTED
from vidpipe.reuse.comparison.odds import Odds, surety
from vidpipe.reuse.comparison.pairs import USUAL_ODDS, segment_of, stretches
from vidpipe.reuse.comparison.verdicts import COVERED
from vidpipe.reuse.copies import PLAIN
from vidpipe.reuse.footage import LEAST_SAMPLES, Footage
from vidpipe.reuse.matches import Match
from vidpipe.reuse.matches import Segment as Stretch

BY_CHANCE = "stretches as sure that chance makes in this corpus"


@dataclass(frozen=True)
class Side:
    """One of the two.

    Attributes:
        name: what was asked for: a post's id, or the path of a file.
        content_sha256: its bytes.
        is_file: whether it is a file from outside.
        samples: moments that are neither dark nor flat; None without a footage print.
        effective_s: duration without dark and flat stretches (s); None without a print.
        is_static: whether nothing moves; None without a print.
    """

    name: str
    content_sha256: str
    is_file: bool
    samples: int | None = None
    effective_s: float | None = None
    is_static: bool | None = None

    @classmethod
    def of(cls, name: str, content: str, footage: Footage | None, *, is_file: bool) -> "Side":
        """What is told of one of the two."""
        if footage is None:
            return cls(name, content, is_file)
        return cls(
            name,
            content,
            is_file,
            int(footage.is_usable.sum()),
            float(footage.shown_s.sum()),
            footage.is_static,
        )


@dataclass(frozen=True)
class GateReading:
    """What one gate says of one stretch.

    Attributes:
        gate: what is measured.
        value: the measure of the stretch.
        limit: what it must reach; of what chance does, the most that it may be.
        lets_through: whether it does.
    """

    gate: str
    value: float
    limit: float
    lets_through: bool


@dataclass(frozen=True)
class ReadStretch:
    """One aligned stretch, and what every gate says of it."""

    stretch: Stretch
    cells: int
    is_accepted: bool
    gates: tuple[GateReading, ...]


@dataclass(frozen=True)
class Votes:
    """How much of the first video the second has, by what the index looks up."""

    hashes: float
    keypoints: float
    least_hashes: float = LEAST_HASH_VOTES
    least_keypoints: float = LEAST_KEYPOINT_VOTES

    @property
    def are_enough(self) -> bool:
        """Whether the pair is worth comparing."""
        return self.hashes >= self.least_hashes or self.keypoints >= self.least_keypoints


@dataclass(frozen=True)
class Explanation:
    """Everything about one pair.

    Attributes:
        a, b: the two.
        votes: None unless both have prints that can be compared.
        stretches: aligned stretches, those that were accepted first.
        match: what comparing says now; None if nothing.
        stored: what stands in the database; None if nothing does.
        are_compared: whether both are in the database as compared contents.
    """

    a: Side
    b: Side
    votes: Votes | None
    stretches: tuple[ReadStretch, ...]
    match: Match | None
    stored: Match | None
    are_compared: bool

    def sentences(self) -> Iterator[str]:
        """The explanation in plain words; what belongs to the line above is indented."""
        yield f"A  {_told(self.a)}"
        yield f"B  {_told(self.b)}"
        if self.a.content_sha256 == self.b.content_sha256:
            yield "verdict: identical. Both are the same bytes; there is nothing to compare."
            return
        if self.votes is None:
            yield "verdict: none. At least one of the two cannot be compared."
            return
        yield from _told_votes(self.votes)
        for number, one in enumerate(self.stretches, start=1):
            yield from _told_stretch(number, one)
        if not self.stretches:
            yield "stretches: none. No moments of the two lie on one line in time."
        yield from self._told_verdict()
        yield from self._told_stored()

    def _told_verdict(self) -> Iterator[str]:
        if self.match is None:
            yield "verdict: none. Nothing says that the two have to do with each other."
            return
        verdict = self.match.verdict
        yield f"verdict: {verdict.value}. B {PLAIN[verdict]}."
        if verdict.is_copy:
            yield (
                f"    {self.match.a_coverage:.0%} of A and {self.match.b_coverage:.0%} of B are "
                f"shared, dark and flat stretches left out; from {COVERED:.0%} on a video is "
                "covered"
            )
        if self.match.edits:
            yield f"    edits, as guessed: {', '.join(self.match.edits)}"

    def _told_stored(self) -> Iterator[str]:
        if self.a.is_file or self.b.is_file:
            yield "database: a file from outside does not stand there."
        elif not self.are_compared:
            yield (
                "database: at least one of the two was not compared yet; materialise "
                "reused_footage for its ingest date"
            )
        elif self.stored is None:
            yield "database: both were compared, and no match of the two stands there."
        else:
            yield (
                f"database: stands there as {self.stored.verdict.value}, with an E-value of "
                f"{self.stored.e_value:.2g}: so many matches as good as this one are expected "
                "among all unrelated pairs"
            )
            common = sum(one.is_common for one in self.stored.segments)
            if common:
                yield (
                    f"    {common} of {len(self.stored.segments)} stretches are shown by many "
                    "contents that share nothing else (an intro, a logo), and count for nothing"
                )


def explain(
    a: Side,
    b: Side,
    footages: tuple[Footage | None, Footage | None],
    stored: Match | None,
    *,
    are_compared: bool,
    odds: Odds = USUAL_ODDS,
) -> Explanation:
    """Compares two videos again, and keeps what every step says.

    Args:
        a, b: the two.
        footages: their prints; None for one without.
        stored: their match in the database, read from the first to the second.
        are_compared: whether both are in the database as compared contents.
        odds: what chance does in the corpus.
    """
    one, two = footages
    if a.content_sha256 == b.content_sha256 or one is None or two is None:
        return Explanation(a, b, None, (), None, stored, are_compared)
    if one.is_too_short or two.is_too_short:
        return Explanation(a, b, None, (), None, stored, are_compared)
    accepted, refused = stretches(one, two, odds)
    read = [_read(one, two, found, odds, is_accepted=True) for found in accepted]
    read += [_read(one, two, found, odds, is_accepted=False) for found in refused]
    match = compare(one, two, odds)
    return Explanation(a, b, votes_of(one, two), tuple(read), match, stored, are_compared)


def votes_of(asked: Footage, other: Footage) -> Votes:
    """The votes that another video has for one, as in an index that holds it alone."""
    kept = {HASHES: segments.hash_codes(other), KEYPOINTS: segments.keypoint_codes(other)}
    alone = Segment(
        [other.content],
        {kind: CodeTable.of(codes.codes) for kind, codes in kept.items()},
        {kind: np.zeros(len(codes.codes), np.uint32) for kind, codes in kept.items()},
    )

    def votes(kind: str, codes: Codes, most_bits: int) -> float:
        return alone.votes(kind, codes, most_bits).get(other.content, 0.0)

    return Votes(
        votes(HASHES, segments.both_ways(segments.hash_codes(asked)), segments.HASH_BITS),
        votes(KEYPOINTS, segments.keypoint_codes(asked), segments.KEYPOINT_BITS),
    )


def _read(
    a: Footage, b: Footage, found: Alignment, odds: Odds, *, is_accepted: bool
) -> ReadStretch:
    expected = odds.expected(surety(found.pictures, found.line.speed, found.cells))
    readings = (
        *(
            GateReading(
                gate.name, float(gate.measured(found)), gate.least, gate.lets_through(found)
            )
            for gate in GATES
        ),
        GateReading(BY_CHANCE, expected, MOST_EXPECTED, expected <= MOST_EXPECTED),
    )
    return ReadStretch(segment_of(a, b, found), found.cells, is_accepted, readings)


def _told(side: Side) -> str:
    kind = "a file from outside, " if side.is_file else ""
    told = f"{side.name}: {kind}content {side.content_sha256[:12]}"
    if side.samples is None or side.effective_s is None:
        return f"{told}; it has no footage print: it could not be decoded"
    told += f", {side.effective_s:.1f} s that are neither dark nor flat"
    if side.samples < LEAST_SAMPLES:
        return f"{told}; too short: of {LEAST_SAMPLES} moments to compare it has {side.samples}"
    told += f", {side.samples} moments to compare"
    return f"{told}; nothing moves in it" if side.is_static else told


def _told_votes(votes: Votes) -> Iterator[str]:
    yield (
        f"candidates: {votes.hashes:.1f} votes of hashes (from {votes.least_hashes:g} on a pair is "
        f"compared), {votes.keypoints:.1f} of keypoints (from {votes.least_keypoints:g} on)"
    )
    if not votes.are_enough:
        yield "    so few that a run does not compare the two; they are compared here all the same"


def _told_stretch(number: int, read: ReadStretch) -> Iterator[str]:
    one = read.stretch
    found_by = f"hashes of {one.a_view} and {one.b_view}" if one.a_view else "keypoints"
    yield (
        f"stretch {number}, {'accepted' if read.is_accepted else 'refused'}: "
        f"{one.a_start_s:.1f} to {one.a_end_s:.1f} s of A beside {one.b_start_s:.1f} to "
        f"{one.b_end_s:.1f} s of B, {one.speed:.2f} s of B in one of A"
        f"{', mirrored' if one.is_mirrored else ''}; found by {found_by}"
    )
    yield (
        f"    score of the hashes {one.score:.1f}; {read.cells} cells of agreeing keypoints; what "
        f"moves and what stands say {one.surety:.1f} nats for a copy"
    )
    for gate in read.gates:
        word = "passed" if gate.lets_through else "REFUSED"
        bound = "at most" if gate.gate == BY_CHANCE else "at least"
        yield f"    {word}: {gate.gate}: {gate.value:.3g}, must be {bound} {gate.limit:g}"
