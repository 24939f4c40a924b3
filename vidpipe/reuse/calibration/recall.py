"""Whether copies are still found as well as before.

Belongs here: comparing the newest calibration with the one before it.
Does not: measuring, Dagster's check (vidpipe.automation.calibration_checks).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vidpipe.reuse.calibration.figures import EditFigures

MOST_FALLEN = 0.15
"""Recall of an edit may fall this far between two calibrations."""
LEAST_RECALL = 0.7
"""Recall of all copies together."""
BY_CHANCE = 0.1
"""An edit has few copies: a fall that is more probable than this by chance is none."""


@dataclass(frozen=True)
class Fall:
    """An edit whose copies are found less often than before.

    Attributes:
        edit: name of the catalogue.
        before, now: recall, 0 to 1.
    """

    edit: str
    before: float
    now: float


def fallen(before: Mapping[str, EditFigures], now: Mapping[str, EditFigures]) -> list[Fall]:
    """Edits of both calibrations whose recall fell, by more than chance explains."""
    from scipy.stats import fisher_exact

    falls = []
    for edit in sorted(before.keys() & now.keys()):
        one, two = before[edit], now[edit]
        if one.recall - two.recall <= MOST_FALLEN:
            continue
        table = [[one.found, one.copies - one.found], [two.found, two.copies - two.found]]
        if fisher_exact(table, alternative="greater").pvalue <= BY_CHANCE:
            falls.append(Fall(edit, one.recall, two.recall))
    return falls


def overall(edits: Mapping[str, EditFigures]) -> float | None:
    """Share of all copies that were found, 0 to 1; None without copies."""
    copies = sum(one.copies for one in edits.values())
    return sum(one.found for one in edits.values()) / copies if copies else None
