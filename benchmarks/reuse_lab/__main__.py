"""`python -m benchmarks.reuse_lab`: making a laboratory, printing it again, evaluating.

Belongs here: the command line. Does not: anything else.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.reuse_lab.corpus import searched
from benchmarks.reuse_lab.evaluation import EVALUATED, evaluate
from benchmarks.reuse_lab.making import Order, make, print_again
from benchmarks.reuse_lab.peers import peers
from benchmarks.reuse_lab.shelf import GROUPS
from benchmarks.reuse_lab.tables import table
from vidpipe.reuse.comparison import compare
from vidpipe.reuse.editing.catalogue import EDIT_NAMES


def main() -> None:
    """Does what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reuse_lab")
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make", help="make what is missing of a laboratory")
    making.add_argument("--out", type=Path, required=True)
    making.add_argument("--videos", type=Path, help="uploads folder of real clips")
    making.add_argument("--demo-seeds", type=int, nargs="*", default=[])
    making.add_argument("--demo-videos", type=int, default=40, help="of each world")
    making.add_argument("--sources", type=int, default=60)
    making.add_argument("--edits", nargs="*", default=list(EDIT_NAMES), choices=EDIT_NAMES)
    making.add_argument("--each", type=int, default=40, help="sources an edit")
    making.add_argument("--clips", type=int, default=0, help="short pieces of demo footage")
    making.add_argument("--templates", type=int, default=0, help="clips in every template")
    making.add_argument("--intros", type=int, default=0)
    making.add_argument("--stills", type=int, default=0)
    making.add_argument("--slides", type=int, default=0)
    making.add_argument("--seed", type=int, default=1)
    making.add_argument("--workers", type=int, default=2)
    printing = commands.add_parser("print", help="make every footage print anew")
    printing.add_argument("folder", type=Path)
    printing.add_argument("--workers", type=int, default=2)
    evaluating = commands.add_parser("evaluate", help="what is found, and what is mistaken")
    evaluating.add_argument("folder", type=Path)
    evaluating.add_argument("--workers", type=int, default=1)
    evaluating.add_argument("--most-pairs", type=int, help="of each set of strangers")
    evaluating.add_argument("--groups", nargs="*", default=list(EVALUATED), choices=EVALUATED)
    evaluating.add_argument("--peers", action="store_true", help="measure other methods, too")
    evaluating.add_argument("--json", type=Path, help="also write every figure here")
    searching = commands.add_parser("search", help="search it as a corpus is searched")
    searching.add_argument("folder", type=Path)
    searching.add_argument("--workers", type=int, default=2)
    searching.add_argument("--groups", nargs="*", default=list(GROUPS), choices=GROUPS)
    searching.add_argument("--json", type=Path, help="also write every figure here")
    arguments = parser.parse_args()
    if arguments.command == "make":
        make(
            Order(
                folder=arguments.out,
                videos=arguments.videos,
                demo_seeds=tuple(arguments.demo_seeds),
                demo_videos=arguments.demo_videos,
                sources=arguments.sources,
                edits=tuple(arguments.edits),
                each=arguments.each,
                clips=arguments.clips,
                templates=arguments.templates,
                intros=arguments.intros,
                stills=arguments.stills,
                slides=arguments.slides,
                seed=arguments.seed,
                workers=arguments.workers,
            )
        )
    elif arguments.command == "print":
        print_again(arguments.folder, arguments.workers)
    elif arguments.command == "search":
        figures = searched(arguments.folder, arguments.workers, arguments.groups)
        _tell(figures, arguments.json)
    else:
        figures = evaluate(
            arguments.folder,
            compare,
            workers=arguments.workers,
            most_pairs=arguments.most_pairs,
            groups=arguments.groups,
        )
        if arguments.peers:
            figures["peers"] = peers(
                arguments.folder, workers=arguments.workers, most_pairs=arguments.most_pairs
            )
        _tell(figures, arguments.json)


def _tell(figures: dict[str, Any], path: Path | None) -> None:
    if path:
        path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
