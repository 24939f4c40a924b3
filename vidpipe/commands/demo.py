"""`vidpipe demo`: a few rendered clips through the whole pipeline, then searches.

Belongs here: the story that the demo tells at a terminal.
Does not: rendering (vidpipe.demo), the pipeline (the same as `vidpipe run`).
"""

import os
import subprocess
import sys
import time

import click

from vidpipe.commands.environment import prepare_environment
from vidpipe.settings import load_settings

RENDER = (
    "import sys; from pathlib import Path; from vidpipe.demo.clips import render_uploads; "
    "render_uploads(Path(sys.argv[1]), clips=int(sys.argv[2]))"
)


def demo(clips: int, port: int) -> int:
    """Renders clips under VIDPIPE_HOME/demo (once), indexes and searches them; the exit code."""
    home = load_settings().home.absolute() / "demo"
    uploads = home / "uploads"
    os.environ["VIDPIPE_HOME"] = str(home)
    started = time.monotonic()
    if not uploads.exists():
        click.echo(f"rendering {clips} clips into {uploads} …")
        # In a process of its own: the run process must not hold OpenCV and FFmpeg.
        subprocess.run([sys.executable, "-c", RENDER, str(uploads), str(clips)], check=True)
    prepare_environment(uploads=str(uploads), demo_models=True)
    from vidpipe.commands.run import run

    code = run(as_json=False)
    if code == 0:
        _search_for_a_frame()
        click.echo(f"\nthe demo took {time.monotonic() - started:.0f} s. To look around:")
        click.echo(f"  VIDPIPE_HOME={home} vidpipe up --demo-models --uploads {uploads}")
        click.echo(f"  then open http://127.0.0.1:{port}")
        click.echo("  vidpipe run --uploads YOUR_FOLDER --demo-models   takes your own videos")
    return code


def _search_for_a_frame() -> None:
    from vidpipe.commands.search import Filters, find, show
    from vidpipe.stores.database import connect
    from vidpipe.stores.media_store import MediaStore

    settings = load_settings()
    with connect(settings, autocommit=True) as connection:
        row = connection.execute(
            "select v.video_id, k.timestamp_s, k.image_uri from vidpipe.videos as v"
            " join vidpipe.keyframes as k using (content_sha256)"
            " where not k.is_low_information order by v.video_id, k.segment desc limit 1"
        ).fetchone()
    if row is None:
        return
    video_id, timestamp_s, image = row
    click.echo(f"\nsearching with a frame of {video_id} ({timestamp_s:.1f} s): {image}")
    picture = MediaStore(settings.media).get(image)
    show(find(settings, text=None, picture=picture, filters=Filters(), k=5))
