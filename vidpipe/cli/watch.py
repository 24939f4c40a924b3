"""`vidpipe watch`: footage that is told of when it comes back.

Belongs here: what is said at the terminal. Does not: finding hits (vidpipe.reuse.watching), watched
queries (query.py).
"""

import click

from vidpipe.cli.options import json_option, with_environment
from vidpipe.cli.output import print_fitted, print_json


@click.group()
def watch() -> None:
    """Watched footage: a new post that shows it again is told of."""


@watch.command("save")
@click.argument("name")
@click.argument("video")
@click.option("--note", help="Why it is watched.")
@with_environment
def save(name: str, video: str, note: str | None) -> None:
    """Watch the footage of a post (platform:id) under NAME, from now on."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.reuse.copies import content_of_video
    from vidpipe.reuse.watching import watch as watch_content
    from vidpipe.stores.database import connect

    with connect(upgraded_settings(), autocommit=True) as connection:
        video_id, content = content_of_video(connection, video)
        watch_content(connection, name, content, note)
    click.echo(f"watched: new posts that show the footage of {video_id} are told of")


@watch.command("list")
@json_option
@with_environment
def list_watched(as_json: bool) -> None:
    """Show all watched footage, and how often it came back."""
    from psycopg.rows import dict_row
    from rich.table import Table
    from rich.text import Text

    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.database import connect

    with (
        connect(upgraded_settings(), autocommit=True) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        rows = cursor.execute(
            "select f.name, f.content_sha256, f.note, f.created_by, f.watched_since,"
            " (select min(v.video_id) from vidpipe.videos as v"
            " where v.content_sha256 = f.content_sha256) as video_id,"
            " count(h.video_id) as hits, max(h.found_at) as newest_hit_at"
            " from vidpipe.watched_footage as f"
            " left join vidpipe.footage_watch_hits as h on f.name = h.name"
            " group by f.name order by f.name"
        ).fetchall()
    if as_json:
        print_json(rows)
        return
    table = Table("name", "post", "since", "hits", "newest hit", "note", box=None)
    for row in rows:
        table.add_row(
            Text(row["name"]),
            Text(row["video_id"] or row["content_sha256"][:12]),
            f"{row['watched_since']:%Y-%m-%d}",
            str(row["hits"]),
            f"{row['newest_hit_at']:%Y-%m-%d %H:%M}" if row["newest_hit_at"] else "",
            Text(row["note"] or ""),
        )
    print_fitted(table if rows else "no footage is watched yet: vidpipe watch save NAME VIDEO")


@watch.command("remove")
@click.argument("name")
@with_environment
def remove(name: str) -> None:
    """Watch a footage no longer; what was found of it goes, too."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.reuse.watching import unwatch
    from vidpipe.stores.database import connect

    with connect(upgraded_settings(), autocommit=True) as connection:
        unwatch(connection, name)
