"""Image tower and English text tower, learned together.

Belongs here: the losses and the loop. Does not: what is shown and said (examples.py).

The base is CLIP's contrast of images with their captions (Radford et al., "Learning transferable
visual models from natural language supervision", ICML 2021), with four more contrasts in the same
space. All take the temperature of the first:

    caption     an image and its full caption, against the batch
    word        an image and the word of each of its attributes, against the attribute's other words
    partial     an image and captions of parts, of which several may be true
    image       two renderings of one composition (Khosla et al., "Supervised contrastive learning",
                NeurIPS 2020)
    navigation  image + new word - old word, against images of the neighbour that it describes
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from vidpipe.demo.language import agrees
from vidpipe.demo.training.examples import (
    ATTRIBUTES,
    Batch,
    Batches,
    Pool,
    as_input,
    caption,
    partial_caption,
    word_list,
)
from vidpipe.demo.training.optimizer import Optimizer
from vidpipe.demo.training.towers import Towers

WEIGHTS = {"caption": 1.0, "word": 1.0, "partial": 0.5, "image": 0.5, "navigation": 0.5}
LARGEST_SCALE = 60.0  # by which cosines are multiplied before the softmax, at most
EVERY = 50  # steps between two reports
ALIKE = 4  # compositions of one place, time and weather that stand together in hard batches


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn.

    Attributes:
        samples: stills shown in all.
        rows: stills of a batch.
        rate: highest learning rate.
        warm_up: share of steps until it is reached.
        fall: share of steps at the end in which it falls to nothing.
        patches: share of its patches that a still shows until then (Li et al., "Scaling
            language-image pre-training via masking", CVPR 2023).
        easy: share of steps at the start whose batches are of any places and weathers; later ones
            hold stills alike in both, which only their subjects tell apart.
        decay: weight decay.
        memory: how slowly the running mean of weights, which is kept in the end, forgets.
    """

    samples: int = 560_000
    rows: int = 128
    rate: float = 3e-3
    warm_up: float = 0.03
    fall: float = 0.3
    patches: float = 0.5
    easy: float = 0.25
    decay: float = 0.05
    memory: float = 0.999

    @property
    def steps(self) -> int:
        """The number of batches in all."""
        return max(1, self.samples // self.rows)

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        left = (self.steps - step) / self.steps
        return self.rate * min(1.0, (1 - left + 1 / self.steps) / self.warm_up, left / self.fall)

    def patches_at(self, step: int) -> float:
        """The share of its patches that a still shows."""
        return self.patches if step < self.steps * (1 - self.fall) else 1.0

    def alike_at(self, step: int) -> int:
        """How many compositions of a batch at a time are alike in all but their subjects."""
        return 1 if step < self.steps * self.easy else ALIKE


def learn(
    towers: Towers,
    pool: Pool,
    schedule: Schedule,
    seed: int,
    report: Callable[[dict[str, float]], None],
) -> None:
    """Trains image tower and English text tower in place, on a pool of stills."""
    import torch

    rng = np.random.default_rng(seed)
    batches = Batches(pool, towers.size.image_px, seed + 1)
    clip = towers.clip
    optimizer = Optimizer(clip, schedule.decay)
    mean = torch.optim.swa_utils.AveragedModel(
        clip,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(  # type: ignore[no-untyped-call]
            schedule.memory
        ),
    )
    clip.train()
    for step in range(schedule.steps):
        batch = batches.draw(schedule.rows, schedule.alike_at(step))
        losses = batch_losses(towers, batch, rng, schedule.patches_at(step))
        loss = sum(WEIGHTS[name] * value for name, value in losses.items())
        optimizer.clear()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(clip.parameters(), 1.0)
        optimizer.step(schedule.rate_at(step))
        clip.logit_scale.data.clamp_(max=log(LARGEST_SCALE))
        mean.update_parameters(clip)
        if step % EVERY == 0 or step == schedule.steps - 1:
            figures = {name: value.item() for name, value in losses.items()}
            report({"step": step, "samples": (step + 1) * schedule.rows, **figures})
    clip.load_state_dict(mean.module.state_dict())
    clip.eval()


def batch_losses(
    towers: Towers, batch: Batch, rng: np.random.Generator, patches: float = 1.0
) -> dict[str, Any]:
    """The five contrasts of one batch, each a scalar tensor.

    Args:
        towers: what learns.
        batch: stills; its second half shows what its first half shows.
        rng: chooses wordings.
        patches: share of its patches that each still shows.
    """
    import torch

    shown, device = batch.shown, towers.device
    known = word_list(rng)
    described = shown[: len(shown) // 2]
    partial = [partial_caption(one, rng) for one in described[: len(described) // 2]]
    captions = towers.captions([caption(one, rng) for one in described])
    partials = towers.captions([text for text, _ in partial])
    words = towers.captions([word for *_, word in known])
    images = towers.images(as_input(batch.stills, device), patches)
    scale = towers.clip.logit_scale.exp()

    same = torch.tensor([[one == other for other in shown] for one in shown], device=device)
    is_described = same[:, : len(described)]
    to_captions = scale * images @ captions.T
    of_captions = to_captions.T
    own = same & ~torch.eye(len(shown), dtype=torch.bool, device=device)
    among_images = (scale * images @ images.T).masked_fill(
        torch.eye(len(shown), dtype=torch.bool, device=device), float("-inf")
    )
    true = [
        [agrees(told, one, parts) for one in shown]
        for told, (_, parts) in zip(described, partial, strict=False)
    ]
    to_partials = scale * partials @ images.T
    return {
        "caption": (contrast(to_captions, is_described) + contrast(of_captions, is_described.T))
        / 2,
        "word": _word_loss(images, words, known, shown, scale),
        "partial": contrast(to_partials, torch.tensor(true, device=device)),
        "image": contrast(among_images, own),
        "navigation": _navigation_loss(images, words, known, batch, scale, same),
    }


def contrast(scores: Any, is_true: Any) -> Any:
    """The mean over rows of the mean negative log probability of the row's true columns.

    Args:
        scores: (rows, columns), logits; -inf leaves a column out.
        is_true: bool, same shape; a row without a true column does not count.
    """
    logs = scores.log_softmax(-1).masked_fill(~is_true, 0.0)
    counts = is_true.sum(-1)
    return -(logs.sum(-1) / counts.clamp(min=1))[counts > 0].mean()


def _word_loss(
    images: Any,
    words: Any,
    known: Sequence[tuple[str, str, str]],
    shown: Sequence[Any],
    scale: Any,
) -> Any:
    """The loss of telling attributes by their words; images without an attribute are left out."""
    import torch
    from torch.nn.functional import cross_entropy

    losses = []
    for name in ATTRIBUTES:
        columns = [index for index, (attribute, *_) in enumerate(known) if attribute == name]
        values = {known[index][1]: place for place, index in enumerate(columns)}
        rows = [index for index, one in enumerate(shown) if getattr(one, name) in values]
        if rows:
            aims = [values[getattr(shown[index], name)] for index in rows]
            scores = scale * images[rows] @ words[columns].T
            losses.append(cross_entropy(scores, torch.tensor(aims, device=images.device)))
    return torch.stack(losses).mean()


def _navigation_loss(
    images: Any,
    words: Any,
    known: Sequence[tuple[str, str, str]],
    batch: Batch,
    scale: Any,
    same: Any,
) -> Any:
    """The loss of finding a partner's images from an image, less one word, plus the partner's."""
    import torch
    from torch.nn.functional import normalize

    place = {(attribute, value): index for index, (attribute, value, _) in enumerate(known)}
    rows, old, new = [], [], []
    for row, (name, partner) in enumerate(zip(batch.changed, batch.partners, strict=True)):
        before, after = getattr(batch.shown[row], name), getattr(batch.shown[partner], name)
        if (name, before) in place and (name, after) in place:
            rows.append(row)
            old.append(place[name, before])
            new.append(place[name, after])
    asked = normalize(images[rows] + words[new] - words[old], dim=-1)
    itself = torch.zeros(len(rows), len(images), dtype=torch.bool, device=images.device)
    itself[torch.arange(len(rows)), rows] = True
    scores = (scale * asked @ images.T).masked_fill(itself, float("-inf"))
    return contrast(scores, same[batch.partners[rows]])
