"""Comparing contents in worker processes: items of contents in, outcomes and matches out.

Belongs here: what one worker opens, and what becomes of one content.
Does not: which contents are compared when (vidpipe.reuse.run).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vidpipe.pipeline.contract import BatchFunction, Item, Row
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.store import ComparedContent, Outcome

if TYPE_CHECKING:
    from vidpipe.reuse.candidates import FootageIndex
    from vidpipe.reuse.footage import Footage


@dataclass(frozen=True)
class ComparisonWorker:
    """Compares items `{content_sha256}` with their candidates; rows `{content, matches, pairs}`.

    Attributes:
        folder: where the index is.
        segments: its segments.
        earlier: contents that were compared before.
        wave: contents that are compared now: of two of them, the later one by name has the pair.
        versions: version of the print of each content of the wave.
        odds: what chance does in the corpus.
    """

    folder: str
    segments: tuple[str, ...]
    earlier: frozenset[str]
    wave: frozenset[str]
    versions: tuple[tuple[str, str], ...]
    odds: Odds

    def open(self) -> BatchFunction:
        """Opens the index; called once in a worker process."""
        from vidpipe.reuse.candidates import FootageIndex

        index = FootageIndex(Path(self.folder), self.segments)
        versions = dict(self.versions)

        def compare_batch(items: list[Item]) -> list[Row]:
            return [self._row(index, item["content_sha256"], versions) for item in items]

        return compare_batch

    def _row(self, index: "FootageIndex", content: str, versions: dict[str, str]) -> Row:
        from vidpipe.reuse.comparison import compare

        footage = index.footage(content)
        row: Row = {"content": outcome_of(footage, versions[content]), "matches": [], "pairs": 0}
        if footage.is_too_short:
            return row
        for found in index.candidates(footage):
            is_mine = found.content in self.wave and found.content < content
            if not (is_mine or found.content in self.earlier):
                continue
            row["pairs"] += 1
            match = compare(footage, index.footage(found.content), self.odds)
            if match is not None:
                row["matches"].append(match)
        return row


def outcome_of(footage: "Footage", version: str | None) -> ComparedContent:
    """What becomes of a content with a print."""
    from vidpipe.reuse.footage import LEAST_SAMPLES

    samples = int(footage.is_usable.sum())
    outcome, reason = Outcome.COMPARED, None
    if footage.is_too_short:
        outcome = Outcome.TOO_SHORT
        reason = (
            f"it has {samples} moments that are neither dark nor flat; {LEAST_SAMPLES} are "
            "the fewest that can be compared"
        )
    elif footage.is_static:
        outcome = Outcome.STATIC
        reason = "nothing moves in it: pictures cannot tell whether it is a copy"
    return ComparedContent(
        footage.content, outcome, samples, float(footage.shown_s.sum()), version, reason
    )
