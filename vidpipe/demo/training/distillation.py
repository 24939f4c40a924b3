"""The multilingual text tower, learned from the English one.

Belongs here: the loss and the loop. Does not: what is said (examples.py).

A text in any language shall lie where the English tower puts its English counterpart (Reimers and
Gurevych, "Making monolingual sentence embeddings multilingual using knowledge distillation", EMNLP
2020). The aim is the mean of two English wordings, which evens out what a wording adds; beside the
distance to it counts that a text is nearer to its own aim than to those of similar texts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidpipe.demo.compositions import Composition, neighbours
from vidpipe.demo.language import LANGUAGES, PARTS, VARIANTS, describe, phrasings, words
from vidpipe.demo.training.contrastive import EVERY, Schedule, contrast
from vidpipe.demo.training.examples import PARTIAL, training_compositions, word_list
from vidpipe.demo.training.towers import Towers

SCALE = 40.0  # by which cosines are multiplied before the softmax
FULL_SHARE = 0.6  # share of texts that describe a composition in full


@dataclass(frozen=True)
class Statement:
    """What is said, in no language yet: parts of a composition."""

    composition: Composition
    parts: frozenset[str]

    def text(self, language: str, rng: np.random.Generator) -> str:
        """One wording that training may see."""
        known = phrasings(language, held_out=False)
        phrasing, variant = int(rng.integers(len(known))), int(rng.integers(VARIANTS))
        return describe(self.composition, language, phrasing, parts=self.parts, variant=variant)


def distil(
    towers: Towers, schedule: Schedule, seed: int, report: Callable[[dict[str, float]], None]
) -> None:
    """Trains the multilingual text tower in place; the English tower stays as it is."""
    import torch

    rng = np.random.default_rng(seed)
    student = torch.nn.ModuleList([towers.distilbert, towers.dense])
    optimizer = torch.optim.AdamW(student.parameters(), lr=schedule.rate, fused=True)
    student.train()
    for step in range(schedule.steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate_at(step)
        texts, aims, same = _batch(towers, schedule.rows // len(LANGUAGES), rng)
        vectors = towers.multilingual(texts)
        distance = (1 - (vectors * aims).sum(-1)).mean()
        contrasted = contrast(SCALE * vectors @ aims.T, same)
        optimizer.zero_grad(set_to_none=True)
        (10 * distance + contrasted).backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        if step % EVERY == 0 or step == schedule.steps - 1:
            figures = {"distance": distance.item(), "contrast": contrasted.item()}
            report({"step": step, "samples": (step + 1) * schedule.rows, **figures})
    student.eval()


def _batch(towers: Towers, count: int, rng: np.random.Generator) -> tuple[list[str], Any, Any]:
    """Draws texts of all languages, the vectors they shall have, and which rows say the same."""
    import torch
    from torch.nn.functional import normalize

    statements = _statements(count, rng)
    known = word_list(rng)
    with torch.no_grad():
        wordings = [[one.text("en", rng) for one in statements] for _ in range(2)]
        vectors = towers.captions([*wordings[0], *wordings[1], *(word for *_, word in known)])
        first, second, of_words = vectors.split([count, count, len(known)])
        aims = torch.cat([normalize(first + second, dim=-1), of_words])
    texts = [one.text(language, rng) for language in LANGUAGES for one in statements]
    language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    texts += [str(rng.choice(words(attribute, value, language))) for attribute, value, _ in known]
    said: list[Any] = [*statements] * len(LANGUAGES) + [(a, v) for a, v, _ in known]
    aim_of = torch.cat(
        [torch.arange(count).repeat(len(LANGUAGES)), count + torch.arange(len(known))]
    )
    same = torch.tensor([[one == other for other in said] for one in said])
    return texts, aims[aim_of.to(aims.device)], same.to(aims.device)


def _statements(count: int, rng: np.random.Generator) -> list[Statement]:
    """Draws statements in pairs of neighbours, so that small differences count."""
    known = training_compositions()
    statements: list[Statement] = []
    while len(statements) < count:
        one = known[int(rng.integers(len(known)))]
        close = [other for other in neighbours(one) if other.split == "seen"]
        other = close[int(rng.integers(len(close)))]
        is_full = rng.random() < FULL_SHARE
        parts = PARTS if is_full else PARTIAL[int(rng.integers(len(PARTIAL)))]
        statements += [Statement(one, parts), Statement(other, parts)]
    return statements[:count]
