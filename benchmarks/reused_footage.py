"""Reused footage: recall by edit, false matches by set of strangers, and peers on the same files.

Belongs here: a laboratory of the size that the README quotes.
Does not: making and evaluating one (benchmarks.reuse_lab, where parts can be made and tried alone).

    python -m benchmarks.reused_footage [--folder DIR] [--shared ../shared/videos] [--full]
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.reuse_lab.corpus import searched
from benchmarks.reuse_lab.evaluation import evaluate
from benchmarks.reuse_lab.making import Order, make
from benchmarks.reuse_lab.peers import peers
from benchmarks.reuse_lab.shelf import EDITS
from vidpipe.reuse.comparison import compare

WORKERS = 2
PEER_PAIRS = 500
"""Peers are shown fewer pairs of strangers of each set, which is kinder to them."""
SHARED = Path(__file__).parent.parent.parent / "shared" / "videos"

QUICK = Order(
    folder=Path(),
    videos=None,
    demo_seeds=(7001,),
    sources=30,
    each=12,
    clips=60,
    templates=30,
    intros=40,
    stills=30,
    slides=15,
    workers=WORKERS,
)
"""Less than an hour."""
FULL = replace(
    QUICK,
    demo_seeds=(7001, 7002),
    demo_videos=150,
    sources=60,
    each=40,
    clips=650,
    templates=460,
    intros=500,
    stills=100,
    slides=50,
)
"""Many hours: 200,000 pairs of strangers, and 500,000 that wear the same template."""


def run(folder: Path | None = None, shared: Path = SHARED, order: Order = QUICK) -> dict[str, Any]:
    """Measures everything.

    Args:
        folder: where the laboratory stands or shall stand; by default it is thrown away.
        shared: uploads folder of real clips; left out where it is missing.
        order: how large it is.

    Returns:
        `compared`: each copy against its source (benchmarks.reuse_lab.evaluation); `searched`: all
        of it as a corpus (benchmarks.reuse_lab.corpus); `peers`: other methods on the same files.
    """
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        make(replace(order, folder=place, videos=shared if shared.is_dir() else None))
        return {
            "compared": evaluate(place, compare, workers=WORKERS, groups=[EDITS]),
            "searched": searched(place, WORKERS),
            "peers": peers(place, workers=WORKERS, most_pairs=PEER_PAIRS),
        }


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--full", action="store_const", const=FULL, default=QUICK, dest="order")
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.folder, arguments.shared, arguments.order), indent=1))


if __name__ == "__main__":
    main()
