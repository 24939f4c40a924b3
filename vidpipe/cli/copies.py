"""`vidpipe copies`: posts that show the footage of a post or of a file.

Belongs here: what is printed. Does not: finding copies (vidpipe.reuse).
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.options import json_option, with_environment
from vidpipe.cli.output import print_json, print_line

if TYPE_CHECKING:
    from vidpipe.reuse.copies import Copies

UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


@click.command()
@click.argument("asked", metavar="VIDEO|FILE")
@click.option("-k", default=20, show_default=True, type=click.IntRange(1), help="Posts at most.")
@click.option(
    "--least-coverage",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Only pairs of which one video is covered this far, 0 to 1.",
)
@json_option
@with_environment
def copies(asked: str, k: int, least_coverage: float, as_json: bool) -> None:
    """Show which posts have the footage of VIDEO (platform:id), and who posted it first.

    A FILE from outside is compared with all posts, too; nothing of it is kept.
    """
    found = _found(asked, least_coverage)
    shown = replace(found, copies=found.copies[:k])
    if as_json:
        print_json(asdict(shown))
    else:
        print_copies(shown, more=len(found.copies) - len(shown.copies))


def _found(asked: str, least_coverage: float) -> "Copies":
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.reuse.copies import copies_of_file, copies_of_video
    from vidpipe.stores.database import connect

    settings = upgraded_settings()
    with connect(settings, autocommit=True) as connection:
        path = Path(asked)
        if not path.is_file():
            return copies_of_video(connection, asked, least_coverage=least_coverage)
        from vidpipe.pipeline.stages import Pipeline
        from vidpipe.reuse.corpus_odds import odds_in_force
        from vidpipe.reuse.outside import footage_of_file, matches_of_footage
        from vidpipe.reuse.run import footage_index

        pipeline = Pipeline.from_settings(settings)
        footage = footage_of_file(pipeline, path)
        matches = matches_of_footage(
            connection, footage_index(pipeline), footage, odds_in_force(connection)
        )
        return copies_of_file(connection, asked, footage, matches, least_coverage=least_coverage)


def print_copies(found: "Copies", *, more: int = 0) -> None:
    """Prints copies in the order of posting, two lines each."""
    from vidpipe.reuse.copies import PLAIN
    from vidpipe.reuse.matches import Verdict

    print_line(f"{found.asked} (content {found.content_sha256[:12]})")
    if found.outcome is None:
        print_line(
            "! it was not compared with other footage yet: materialise reused_footage for its date"
        )
    elif found.reason is not None:
        print_line(f"! {found.outcome.replace('_', ' ')}: {found.reason}")
    for row in found.copies:
        posted = f"{row['posted_at']:%Y-%m-%d %H:%M}" if row["posted_at"] else "time unknown"
        lag = "" if row["lag_s"] is None else f"  {lag_text(row['lag_s'])}"
        print_line(f"{posted}{lag}  {row['account'] or 'account unknown'}  {row['video_id']}")
        print_line(f"    {PLAIN[Verdict(row['verdict'])]}{_details(row)}")
    if more:
        print_line(f"… and {more} more; -k shows more")
    if not found.copies:
        print_line("no post shows its footage, as far as is known")
    for verdict, count in sorted(found.no_copies.items()):
        print_line(f"besides, {verdict.replace('_', ' ')} with {count} contents: no copies")
    for one in found.clusters:
        first = f"{one['first_account'] or 'account unknown'}, {one['first_video_id']}"
        when = f"{one['first_posted_at']:%Y-%m-%d %H:%M}" if one["first_posted_at"] else "unknown"
        print_line(
            f"cluster {one['cluster_id']}: {one['posts']} posts by {one['accounts']} accounts; "
            f"the first that is known here: {first}, {when}"
        )


def lag_text(lag_s: float) -> str:
    """A time between two posts, as in "2 h 5 min later"."""
    rest, parts = round(abs(lag_s)), []
    for unit, seconds in UNITS:
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count} {unit}")
    if not parts:
        return "at the same time"
    return f"{' '.join(parts[:2])} {'later' if lag_s > 0 else 'earlier'}"


def _details(row: dict[str, Any]) -> str:
    """Edits, coverage, the longest stretch and the E-value of a copy."""
    parts = [f": {', '.join(row['edits'])}" if row["edits"] else ""]
    parts.append(f"; {row['coverage']:.0%} of it, {row['copy_coverage']:.0%} of the post")
    if row["intervals"]:
        one = max(row["intervals"], key=lambda one: one["end_s"] - one["start_s"])
        parts.append(
            f"; {one['start_s']:.1f} to {one['end_s']:.1f} s of it are "
            f"{one['copy_start_s']:.1f} to {one['copy_end_s']:.1f} s of the post"
        )
        if len(row["intervals"]) > 1:
            parts.append(f", and {len(row['intervals']) - 1} stretches more")
    parts.append(f"; E-value {row['e_value']:.2g}")
    return "".join(parts)
