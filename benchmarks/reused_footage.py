"""Reused footage: recall by edit, false matches by set of strangers, and peers on the same files.

Belongs here: a laboratory of the size that the README quotes.
Does not: making and evaluating one (benchmarks.reuse_lab, where parts can be made and tried alone).

    python -m benchmarks.reused_footage [--folder DIR] [--shared ../shared/videos]
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.reuse_lab.evaluation import evaluate
from benchmarks.reuse_lab.making import Order, make
from benchmarks.reuse_lab.peers import peers
from vidpipe.reuse.comparison import compare

DEMO_SEEDS = (7001, 7002)
DEMO_VIDEOS = 150
WORKERS = 2
PEER_PAIRS = 2000
"""Peers are shown fewer pairs of strangers of each set, which is kinder to them."""
SHARED = Path(__file__).parent.parent.parent / "shared" / "videos"


def run(folder: Path | None = None, shared: Path = SHARED) -> dict[str, Any]:
    """Measures everything; hours.

    Args:
        folder: where the laboratory stands or shall stand; by default it is thrown away.
        shared: uploads folder of real clips; left out where it is missing.

    Returns:
        See `benchmarks.reuse_lab.evaluation.evaluate`; other methods stand under `peers`.
    """
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        make(
            Order(
                folder=place,
                videos=shared if shared.is_dir() else None,
                demo_seeds=DEMO_SEEDS,
                demo_videos=DEMO_VIDEOS,
                clips=650,
                templates=460,
                intros=500,
                stills=100,
                slides=50,
                workers=WORKERS,
            )
        )
        figures = evaluate(place, compare, workers=WORKERS)
        figures["peers"] = peers(place, workers=WORKERS, most_pairs=PEER_PAIRS)
        return figures


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--shared", type=Path, default=SHARED)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.folder, arguments.shared), indent=1))


if __name__ == "__main__":
    main()
