"""What a calibration does with its sample: who gets which edit, which pairs are compared.

Belongs here: drawing, all of it from one seed. Does not: doing it
(vidpipe.reuse.calibration.workers).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from vidpipe.pipeline.contract import Item
from vidpipe.reuse.calibration.sampling import Strangers
from vidpipe.reuse.calibration.workers import Piece
from vidpipe.reuse.editing.catalogue import CATALOGUE, EDIT_NAMES, draw
from vidpipe.reuse.editing.templates import TEMPLATES

COPIES = 120
CONTENTS = 40
FEWEST_CONTENTS = 5
PAIRS_A_COPY = 2
"""Unrelated pairs of each kind that are compared for each edited copy."""
HALVES = 2
PIECES_A_TEMPLATE = 20
"""So that enough pairs wear the same; another calibration draws other templates."""


@dataclass(frozen=True)
class Effort:
    """How much a calibration does.

    Attributes:
        copies: edited copies.
        contents: the most contents that are edited.
        edits: names of the catalogue.
        seed: another seed draws others.
    """

    copies: int = COPIES
    contents: int = CONTENTS
    edits: tuple[str, ...] = field(default=EDIT_NAMES)
    seed: int = 1

    @property
    def pairs(self) -> int:
        """Unrelated pairs of each kind, as they are and wearing templates."""
        return self.copies * PAIRS_A_COPY


def planned_copies(
    effort: Effort, pieces: Sequence[Piece], strangers: Strangers, rng: np.random.Generator
) -> list[Item]:
    """Copies to make: every edit about as often, of sources that it makes sense of.

    Edits that need more other footage than there is are left out.
    """
    items: list[Item] = []
    turns = {name: _in_turns(pieces, rng) for name in effort.edits}
    order: list[str] = []
    while len(order) < effort.copies and effort.edits:
        order += [effort.edits[int(index)] for index in rng.permutation(len(effort.edits))]
    for number, name in enumerate(order[: effort.copies]):
        edit = draw(name, rng)
        source = turns[name](partial(_fits, name))
        if source is None:
            continue
        others = [one for one in pieces if strangers.are(source.content, one.content)]
        if len(others) < edit.other_footage:
            continue
        chosen = rng.permutation(len(others))[: edit.other_footage]
        items.append(
            {
                "number": number,
                "name": name,
                "edit": edit,
                "source": source,
                "others": [others[int(index)].path for index in chosen],
            }
        )
    return items


def planned_templates(pieces: Sequence[Piece], rng: np.random.Generator) -> list[Item]:
    """Pieces that shall wear a template, each of them one out of a few random ones."""
    few = max(1, len(pieces) // PIECES_A_TEMPLATE)
    names = [str(name) for name in rng.permutation(list(TEMPLATES))[:few]]
    # A template is worn in both halves of the sources, which are every other piece.
    return [
        {"piece": piece, "template": names[(place // HALVES) % len(names)]}
        for place, piece in enumerate(pieces)
    ]


def planned_pairs(
    effort: Effort,
    contents: Sequence[str],
    corpus: Sequence[str],
    worn: dict[str, str],
    strangers: Strangers,
    rng: np.random.Generator,
) -> list[Item]:
    """Unrelated pairs to compare, those with and without templates in turns.

    Args:
        effort: how many.
        contents: contents whose pieces were cut, in the order in which they are halved.
        corpus: all contents that were compared.
        worn: the template that each piece wears.
        strangers: tells what is unrelated.
        rng: draws.

    Returns:
        Items `{a, b, template, half}`; the template is None for the contents as they are. The
        halves share no source.
    """
    half = {content: place % HALVES for place, content in enumerate(contents)}
    templated: list[Item] = [
        {"a": a, "b": b, "template": worn[a], "half": half[a]}
        for place, a in enumerate(contents)
        for b in contents[:place]
        if worn.get(a, "") == worn.get(b) and half[a] == half[b] and strangers.are(a, b)
    ]
    bare: dict[tuple[str, str], Item] = {}
    for _ in range(4 * effort.pairs if len(corpus) > 1 and contents else 0):
        a = contents[int(rng.integers(len(contents)))]
        b = corpus[int(rng.integers(len(corpus)))]
        is_apart = half.get(b, half[a]) == half[a]
        if is_apart and strangers.are(a, b):
            bare[min(a, b), max(a, b)] = {"a": a, "b": b, "template": None, "half": half[a]}
        if len(bare) == effort.pairs:
            break
    chosen = [templated[int(index)] for index in rng.permutation(len(templated))[: effort.pairs]]
    both = [*chosen, *bare.values()]
    return [both[int(index)] for index in rng.permutation(len(both))]


def _fits(edit: str, piece: Piece) -> bool:
    kind = CATALOGUE.get(edit)
    return kind is None or kind.fits(*piece.size)


def _in_turns(
    pieces: Sequence[Piece], rng: np.random.Generator
) -> Callable[[Callable[[Piece], bool]], Piece | None]:
    """Gives one fitting piece after the other, and begins anew at the end."""
    waiting = [pieces[int(index)] for index in rng.permutation(len(pieces))]

    def take(fits: Callable[[Piece], bool]) -> Piece | None:
        for place, piece in enumerate(waiting):
            if fits(piece):
                waiting.append(waiting.pop(place))
                return piece
        return None

    return take
