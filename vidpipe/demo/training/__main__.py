"""`python -m vidpipe.demo.training --out FOLDER`: the demo pair from nothing, in one go.

Belongs here: the order of work and what is told about it. Figures are measured afterwards, on
other stills, by `vidpipe bench demo-models`.
"""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from vidpipe.demo.compositions import compositions
from vidpipe.demo.training.contrastive import Schedule, learn
from vidpipe.demo.training.distillation import distil
from vidpipe.demo.training.examples import (
    LITTLE_WEAR,
    MUCH_WEAR,
    Pool,
    Wear,
    render_pool,
    training_compositions,
)
from vidpipe.demo.training.towers import Towers
from vidpipe.errors import SettingsError
from vidpipe.models.bundled_pair import HELD_OUT_FILE, TRAINING_FILE


@dataclass
class Log:
    """Tells what goes on, with the time since the start."""

    started_s: float

    def __call__(self, what: str, figures: dict[str, float]) -> None:
        shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        seconds = time.monotonic() - self.started_s
        sys.stderr.write(f"{seconds:7.0f} s  {what}: {shown}\n")


def train(
    folder: Path,
    *,
    samples: int,
    worn_samples: int,
    renderings: int,
    texts: int,
    seed: int,
    start: Path | None = None,
) -> None:
    """Renders the stills, learns both models and writes them below `folder`.

    Args:
        folder: must not exist yet.
        samples: stills shown to the image tower, as good as fresh from the camera.
        worn_samples: stills shown after these, worn by posting.
        renderings: stills rendered of each composition, for either.
        texts: texts shown to the multilingual text tower.
        seed: seed of everything. The benchmark takes others.
        start: folder of a pair to begin with; its first samples count as shown.

    Raises:
        SettingsError: `folder` exists.
    """
    if folder.exists():
        raise SettingsError(f"{folder} exists: remove it or choose another folder for the pair")
    log = Log(time.monotonic())
    towers = Towers.fresh(seed)
    if start is None:
        pool = _stills(renderings, seed, LITTLE_WEAR, log)
        learn(towers, pool, Schedule(samples=samples), seed, lambda it: log("image and text", it))
    else:
        towers.load(start)
    pool = _stills(renderings, seed + 1, MUCH_WEAR, log)
    worn = Schedule(samples=worn_samples, rate=1.5e-3, fall=0.5, easy=0.0)
    learn(towers, pool, worn, seed + 1, lambda it: log("image and text, worn", it))
    del pool
    schedule = Schedule(samples=texts, rows=512, rate=2e-3)
    distil(towers, schedule, seed, lambda figures: log("languages", figures))
    towers.save(folder)
    held_out = "\n".join(str(one) for one in compositions("unseen"))
    (folder / HELD_OUT_FILE).write_text(held_out + "\n", encoding="utf-8")
    pools, before = 2, {"stills": 0, "texts": 0, "seconds": 0}
    if start is not None:
        pools, before = 1, json.loads((start / TRAINING_FILE).read_text(encoding="utf-8"))
    made = {
        "samples": samples,
        "worn_samples": worn_samples,
        "stills": before["stills"] + pools * len(training_compositions()) * renderings,
        "texts": before["texts"] + texts,
        "seed": seed,
        "seconds": before["seconds"] + round(time.monotonic() - log.started_s),
        "machine": f"{os.cpu_count()} cores ({platform.machine()}), {towers.device.type}",
    }
    (folder / TRAINING_FILE).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def _stills(renderings: int, seed: int, wear: Wear, log: Log) -> Pool:
    return render_pool(
        training_compositions(),
        renderings,
        seed,
        wear=wear,
        progress=lambda done, total: (
            log("stills", {"done": done, "of": total})
            if done % 6400 == 0 or done == total
            else None
        ),
    )


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m vidpipe.demo.training", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write the pair to")
    parser.add_argument("--samples", type=int, default=560_000, help="stills shown")
    parser.add_argument("--worn-samples", type=int, default=160_000, help="worn stills shown then")
    parser.add_argument("--renderings", type=int, default=10, help="stills of each composition")
    parser.add_argument("--texts", type=int, default=120_000, help="texts shown")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=Path, help="pair that has seen the first samples already")
    options = parser.parse_args()
    try:
        train(
            options.out,
            samples=options.samples,
            worn_samples=options.worn_samples,
            renderings=options.renderings,
            texts=options.texts,
            seed=options.seed,
            start=options.start,
        )
    except SettingsError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
