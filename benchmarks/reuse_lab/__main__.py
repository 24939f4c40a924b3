"""`python -m benchmarks.reuse_lab`: making a laboratory, printing it again, evaluating.

Belongs here: the command line. Does not: anything else.
"""

import argparse
from pathlib import Path

from benchmarks.reuse_lab.making import Order, make, print_again
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


if __name__ == "__main__":
    main()
