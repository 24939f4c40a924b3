"""What a calibration found: chance, and recall by edit.

Belongs here: the figures, and summing up single copies. Does not: rows (store.py), pictures
(curve.py), whether recall fell (recall.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from vidpipe.reuse.calibration.tail import Check, Tail


@dataclass(frozen=True)
class EditedCopy:
    """How one edited copy was found.

    Attributes:
        edit: name of the catalogue.
        is_found: whether comparing it with its source says that footage was reused.
        is_proposed: whether the index proposes its source.
        is_right: whether the verdict is a right one.
        offset_error_s: how far off the source's time is (s); None if it was not found.
    """

    edit: str
    is_found: bool
    is_proposed: bool
    is_right: bool
    offset_error_s: float | None


@dataclass(frozen=True)
class EditFigures:
    """How the copies of one edit were found.

    Attributes:
        edit: name of the catalogue.
        copies: how many there were.
        found, proposed, verdict_right: as in `EditedCopy`, counted.
        offset_error_s: median over those that were found; None if none was.
    """

    edit: str
    copies: int
    found: int
    proposed: int
    verdict_right: int
    offset_error_s: float | None

    @property
    def recall(self) -> float:
        """Share of the copies that were found, 0 to 1."""
        return self.found / self.copies


@dataclass(frozen=True)
class Calibration:
    """All that a calibration found.

    Attributes:
        contents: how many were edited.
        corpus: how many contents are compared with one another.
        tail: what E-values are made of from now on.
        check: the tail of one half of the sources, held against the other half.
        sureties: of all unrelated pairs that are in the tail (nats).
        corpus_pairs: pairs of the corpus.
        needed_nats: surety that a match needs in this corpus.
        edits: figures of each edit.
        unknown_copies: pairs of contents that were no match and are copies when compared: found
            now, or mistaken; they count as neither chance nor copies.
        left_out: what could not be edited or compared, a sentence each.
        seconds: how long it took.
    """

    contents: int
    corpus: int
    tail: Tail
    check: Check
    sureties: tuple[float, ...]
    corpus_pairs: float
    needed_nats: float
    edits: tuple[EditFigures, ...]
    unknown_copies: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def copies(self) -> int:
        """How many edited copies there were."""
        return sum(one.copies for one in self.edits)

    @property
    def recall(self) -> float | None:
        """Share of all copies that were found, 0 to 1; None without copies."""
        return sum(one.found for one in self.edits) / self.copies if self.copies else None


def by_edit(copies: Iterable[EditedCopy]) -> tuple[EditFigures, ...]:
    """Sums up copies by their edit, the edits in the order of their names."""
    groups: dict[str, list[EditedCopy]] = {}
    for copy in copies:
        groups.setdefault(copy.edit, []).append(copy)
    return tuple(_summed(edit, groups[edit]) for edit in sorted(groups))


def _summed(edit: str, copies: Sequence[EditedCopy]) -> EditFigures:
    errors = [one.offset_error_s for one in copies if one.offset_error_s is not None]
    return EditFigures(
        edit,
        len(copies),
        sum(one.is_found for one in copies),
        sum(one.is_proposed for one in copies),
        sum(one.is_right for one in copies),
        median(errors) if errors else None,
    )
