"""`vidpipe demo-world`: a rendered world of accounts and videos, with its truth.

Belongs here: what is said at the terminal. Does not: planning and drawing (vidpipe.demo).
"""

import sys
import time
from collections import Counter
from pathlib import Path

import click


@click.command("demo-world")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New or empty folder.")
@click.option("--seed", default=0, show_default=True, help="Another seed, other videos.")
@click.option("--videos", default=150, show_default=True, help="Uploads to render.")
@click.option("--weeks", default=10, show_default=True, help="Length of the story.")
@click.option("--workers", type=int, help="Processes that draw [one for each CPU].")
def demo_world(out: Path, seed: int, videos: int, weeks: int, workers: int | None) -> None:
    """Render a world of accounts and videos: an uploads folder and what is true of it.

    The same seed and numbers give the same bytes on one machine.
    """
    from vidpipe.cli.progress import stage_progress
    from vidpipe.demo.queries import QUERIES
    from vidpipe.demo.world import TRUTH, UPLOADS, render_world

    started = time.monotonic()
    try:
        with stage_progress() as bars:
            plan = render_world(
                out,
                seed=seed,
                videos=videos,
                weeks=weeks,
                workers=workers,
                progress=lambda done, total: bars("videos", done, total),
            )
    except KeyboardInterrupt:
        click.echo("\nstopped; nothing was written", err=True)
        sys.exit(130)
    roles = Counter(video.account_role for video in plan.videos)
    counted = ", ".join(f"{count} {role}" for role, count in sorted(roles.items()))
    click.echo(
        f"{len(plan.videos)} videos by {len(plan.accounts)} accounts ({counted}) in "
        f"{time.monotonic() - started:.0f} s"
    )
    click.echo(f"uploads: {out / UPLOADS}\ntruth:   {out / TRUTH}\nqueries: {out / QUERIES}")
