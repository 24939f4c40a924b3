"""Uploads that lie, attack or are broken, through the whole graph: one run takes them all.

Belongs here: that nothing crashes, hangs, reads or asks for anything else, that every upload's
outcome is recorded, and that what they say can be stored and shown.
Does not: how a single module refuses a file (the tests of vidpipe.media and vidpipe.uploads).
"""

import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult, MarkdownMetadataValue

from vidpipe.pipeline.workers.keyframes import KeyframeWorker
from vidpipe.pipeline.workers.raw_videos import RawVideoWorker
from vidpipe.resources import Stores
from vidpipe.settings import Settings
from vidpipe.stores.lake import KEYFRAMES, RAW_VIDEOS
from vidpipe_tests.clips import (
    bomb_clip,
    dash_clip,
    ffconcat_clip,
    hls_clip,
    sdp_clip,
    tiny_clip,
)
from vidpipe_tests.damage import DAMAGE, damaged_copies
from vidpipe_tests.installation import Installation, age, computed
from vidpipe_tests.pipeline.stage_workers import SabotagingEngine

SHARED = Path(__file__).resolve().parents[3] / "shared" / "videos"

TEXTS_DAY, NAMES_DAY, METADATA_DAY, LINKS_DAY, SABOTAGE_DAY, DAMAGE_DAY = (
    date(2025, 1, day) for day in range(1, 7)
)
# Long enough for a tiny clip on a busy machine, short enough to wait for twice.
HANG_TIMEOUT_S = 20.0
DAMAGED_COPIES = 6 * len(DAMAGE)

NAMES = (
    b"two words and more.mp4",
    b'it\'s "quoted" `here`.mp4',
    b"-i.mp4",
    b"--help",
    b"line\nbreak.mp4",
    b"tab\tand\rreturn.mp4",
    b"latin\xe9\xff\xfe.mp4",
    b"n" * 251 + b".mp4",
    "坦克在街上.mp4".encode(),
    b"100%25 %s %d {x} $HOME.mp4",
    b"'; drop table vidpipe.videos; --.mp4",
    b"http:127.0.0.1:9.mp4",
    b"file:secret.mp4",
    b"<b>bold<b> [link](x) | cell.mp4",
    b"no_suffix",
    b"pipe|.mp4",
)

SCRIPT = "<script>alert(1)</script>"
NASTY_METADATA = {
    "nul": {"account": "a\0b", "description": "before\0after", "hashtags": ["x\0y"]},
    "surrogates": {"account": "lone \ud800", "description": "\udfff and \ud83d\ude00"},
    "script": {"account": SCRIPT, "description": SCRIPT, "hashtags": [SCRIPT]},
    "cdata": {"account": "]]>", "description": "<![CDATA[ x ]]> & &amp; <!-- y -->"},
    "table": {"account": "a | b\n| --- |", "description": "| x |\n| --- |\n| ![i](u) | **b** `c`"},
    "controls": {"account": "\x1b[31mred\x07", "description": "\x1b]0;title\x07 \x08\x7f"},
    "link": {"account": "x", "description": "[y](javascript:z)", "url": "javascript:alert(1)"},
    "long": {"account": "w" * 100_000, "description": "v" * 200_000, "hashtags": ["u" * 5000] * 99},
    "types": {"account": ["a"], "description": {"a": 1}, "hashtags": 7, "posted_at": "yesterday"},
    "spoofed": {"id": "1' or '1'='1", "platform": "p:q@r", "account": "z"},
}


@dataclass
class Listener:
    """A server that notes who calls, and answers nothing."""

    server: socket.socket
    calls: list[object] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.getsockname()[1]}"

    def listen(self) -> None:
        while True:
            try:
                connection, caller = self.server.accept()
            except OSError:
                return
            self.calls.append(caller)
            connection.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server)
        threading.Thread(target=listener.listen, daemon=True).start()
        yield listener
        server.shutdown(socket.SHUT_RDWR)


@dataclass
class Sabotaged(Installation):
    """An installation whose engine lets the uploads of SABOTAGE_DAY crash and hang."""

    @property
    def stores(self) -> Stores:
        stores = Stores(self.settings)
        stores.pipeline = replace(
            stores.pipeline,
            engine=SabotagingEngine(
                stores.pipeline.engine,
                {
                    RawVideoWorker: ((f"{SABOTAGE_DAY}/crashes_probe.mp4", "die"),),
                    KeyframeWorker: (
                        (f"{SABOTAGE_DAY}/crashes_decoder.mp4", "die"),
                        (f"{SABOTAGE_DAY}/hangs_decoder.mp4", "hang"),
                        (f"{SABOTAGE_DAY}/devours_memory.mp4", "devour memory"),
                    ),
                },
                timeout_s=HANG_TIMEOUT_S,
            ),
        )
        return stores


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory, listener: Listener
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    with DagsterInstance.ephemeral() as instance:
        # Nothing is written on these frames: looking for it at their own size is enough.
        settings = module_database_settings.model_copy(update={"ocr_detection_side_px": 160})
        installation = Sabotaged.make(settings, folder, instance)
        secret = tiny_clip(folder / "secret.mp4", colours=[(10, 200, 200)], seed=99)
        uploads = installation.uploads
        write_texts(uploads / str(TEXTS_DAY), secret, listener)
        write_names(uploads / str(NAMES_DAY))
        write_metadata(uploads / str(METADATA_DAY))
        write_links_and_bombs(uploads / str(LINKS_DAY), secret)
        write_victims(uploads / str(SABOTAGE_DAY))
        damaged_copies(
            damage_sources(folder / "sources"), uploads / str(DAMAGE_DAY), DAMAGED_COPIES, seed=5
        )
        age_all(uploads)
        yield installation


@pytest.fixture(scope="module")
def run(installation: Installation) -> ExecuteInProcessResult:
    return installation.run()


def write_texts(folder: Path, secret: Path, listener: Listener) -> None:
    """Playlists and scripts that make FFmpeg open files and addresses, under a video's name."""
    builders = {"ffconcat": ffconcat_clip, "hls": hls_clip, "dash": dash_clip}
    targets = {
        "absolute": str(secret),
        "file": f"file://{secret}",
        "relative": f"../../{secret.name}",
        "http": f"http://{listener.address}/segment.ts",
        "tcp": f"tcp://{listener.address}",
    }
    for format_name, build in builders.items():
        for target_name, target in targets.items():
            build(folder / f"{format_name}_{target_name}.mp4", target)
    sdp_clip(folder / "sdp.mp4")
    (folder / "html.mp4").write_text(f'<video src="http://{listener.address}/x"></video>')


def write_names(folder: Path) -> None:
    folder.mkdir(parents=True)
    data = tiny_clip(folder / "source.mp4").read_bytes()
    (folder / "source.mp4").unlink()
    for number, name in enumerate(NAMES):
        # Other bytes each, so that each is decoded under its own name.
        (folder / os.fsdecode(name)).write_bytes(data + b"\0" * (number + 1))


def write_metadata(folder: Path) -> None:
    folder.mkdir(parents=True)
    data = tiny_clip(folder / "source.mp4").read_bytes()
    (folder / "source.mp4").unlink()
    for number, (name, metadata) in enumerate(NASTY_METADATA.items()):
        (folder / f"{name}.mp4").write_bytes(data + b"\0" * (number + 100))
        (folder / f"{name}.json").write_text(json.dumps(metadata))


def write_links_and_bombs(folder: Path, secret: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "link_out.mp4").symlink_to(secret)
    (folder / "link_relative.mp4").symlink_to(f"../../{secret.name}")
    (folder / "link_to_nothing.mp4").symlink_to(folder / "nowhere.mp4")
    (folder / "folder_out").symlink_to(secret.parent, target_is_directory=True)
    os.mkfifo(folder / "pipe.mp4")
    (secret.parent / "secret.json").write_text(json.dumps({"account": "secret account"}))
    tiny_clip(folder / "sidecar_out.mp4", seed=7)
    (folder / "sidecar_out.json").symlink_to(secret.parent / "secret.json")
    bomb_clip(folder / "bomb.mp4")
    bomb_clip(folder / "bomb_in_disguise.mov", declared_size=(64, 64))
    bomb_clip(folder / "bomb_within_limits.mp4", size=(8000, 4400), frames=8)


def write_victims(folder: Path) -> None:
    names = ("crashes_probe", "crashes_decoder", "hangs_decoder", "devours_memory", "innocent")
    for number, name in enumerate(names):
        tiny_clip(folder / f"{name}.mp4", seed=20 + number)


def damage_sources(folder: Path) -> list[Path]:
    """Tiny clips of several codecs and containers."""
    return [
        tiny_clip(folder / "a.mp4", seed=1),
        tiny_clip(folder / "b.mkv", seed=2),
        tiny_clip(folder / "c.webm", codec="vp9", seed=3),
        tiny_clip(folder / "d.avi", codec="mpeg4", seed=4),
        tiny_clip(folder / "e.mov", rotation=90, seed=5),
        tiny_clip(folder / "f.mp4", timestamps="variable", seed=6),
    ]


def age_all(uploads: Path) -> None:
    for path in uploads.rglob("*"):
        if path.is_file() and not path.is_symlink():
            age(path)


def outcomes(installation: Installation, day: date) -> dict[str, tuple[str, str]]:
    """Status and message of `raw_videos` by file name."""
    with installation.connect() as connection:
        snapshot = installation.pipeline.snapshot(installation.session(connection), [day])
        rows = snapshot.outcomes(RAW_VIDEOS).select("upload_id", "status", "error_message")
    return {
        upload.rpartition("/")[2]: (status, message or "")
        for upload, status, message in rows.iter_rows()
    }


def unrecorded(installation: Installation, days: list[date]) -> tuple[list[str], list[str]]:
    """Uploads without a row of `raw_videos`, and contents without one of `keyframes`."""
    with installation.connect() as connection:
        snapshot = installation.pipeline.snapshot(installation.session(connection), days)
        uploads = snapshot.registered.join(
            snapshot.outcomes(RAW_VIDEOS), on="upload_id", how="anti"
        )
        contents = snapshot.contents.join(
            snapshot.outcomes(KEYFRAMES), on="content_sha256", how="anti"
        )
    return uploads["upload_id"].to_list(), contents["content_sha256"].to_list()


def markdown_of(result: ExecuteInProcessResult) -> list[str]:
    """Every Markdown text that the run shows in Dagster."""
    shown = [
        event.materialization.metadata for event in result.get_asset_materialization_events()
    ] + [one.metadata for one in result.get_asset_check_evaluations()]
    return [
        value.value or ""
        for metadata in shown
        for value in metadata.values()
        if isinstance(value, MarkdownMetadataValue)
    ]


def test_the_run_succeeds_and_every_outcome_is_recorded(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    listed = {
        os.fsencode(path.relative_to(installation.uploads))
        for path in installation.uploads.rglob("*")
        if path.name == "folder_out" or not (path.is_dir() or path.suffix == ".json")
    }
    registered = installation.query("select upload_id, held_reason from vidpipe_ops.uploads")
    assert {upload for upload, _ in registered} == {quote_from_bytes(path) for path in listed}
    held = {upload for upload, reason in registered if reason is not None}
    days = [date(2025, 1, day) for day in range(1, 7)]
    assert unrecorded(installation, days) == ([], [])
    read = sum(len(outcomes(installation, day)) for day in days)
    assert read == len(registered) - len(held)


def test_playlists_and_scripts_named_like_videos_are_refused_unread(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    found = outcomes(installation, TEXTS_DAY)
    assert len(found) == 17
    for name, (status, message) in found.items():
        assert (status, "is not a video" in message) == ("failed", True), name


def test_no_upload_makes_a_request(run: ExecuteInProcessResult, listener: Listener) -> None:
    assert run.success
    with socket.create_connection(listener.server.getsockname()) as own:
        caller = own.getsockname()
        while caller not in listener.calls:  # the listener does hear calls
            pass
    assert listener.calls == [caller]


def test_files_of_any_name_are_read_and_shown(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    found = outcomes(installation, NAMES_DAY)
    assert found == {quote_from_bytes(name): ("ok", "") for name in NAMES}
    rows = installation.query(
        "select upload_id, count(k.*) from vidpipe.videos join vidpipe.keyframes as k"
        " using (content_sha256) where ingest_date = %s group by upload_id",
        NAMES_DAY,
    )
    assert {upload.rpartition("/")[2] for upload, _ in rows} == set(found)
    assert all(frames > 0 for _, frames in rows)


def test_text_from_the_wild_is_stored_as_it_was_posted_without_what_breaks_stores(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    rows = {
        upload.rpartition("/")[2].removesuffix(".mp4"): (account, description, hashtags, url)
        for upload, account, description, hashtags, url in installation.query(
            "select upload_id, account, description, hashtags, url from vidpipe.videos"
            " where ingest_date = %s",
            METADATA_DAY,
        )
    }
    assert rows.keys() == NASTY_METADATA.keys()
    assert rows["nul"] == ("ab", "beforeafter", ["xy"], None)
    assert rows["surrogates"][:2] == ("lone \ufffd", "\ufffd and 😀")
    assert rows["script"] == (SCRIPT, SCRIPT, [SCRIPT], None)
    assert rows["cdata"][:2] == ("]]>", "<![CDATA[ x ]]> & &amp; <!-- y -->")
    assert "\x1b" not in rows["controls"][0] + rows["controls"][1]
    assert rows["link"][3] is None
    assert len(rows["long"][1]) == 64 * 1024
    assert rows["types"][0] == str(METADATA_DAY) or rows["types"][0]
    failures = installation.query(
        "select upload_id from vidpipe.video_failures where stage = 'metadata'"
        " and ingest_date = %s order by 1",
        METADATA_DAY,
    )
    assert [upload.rpartition("/")[2] for (upload,) in failures] == ["link.mp4", "types.mp4"]


def test_text_from_the_wild_cannot_leave_its_table_cell_in_dagster(
    run: ExecuteInProcessResult,
) -> None:
    texts = markdown_of(run)
    tables = [text for text in texts if text.startswith("| upload_id")]
    assert any("alert" in table for table in tables), "the hostile rows are among those shown"
    for text in texts:
        assert "<" not in text
        assert "](javascript" not in text
    for table in tables:
        lines = table.split("\n")
        assert {line.count("|") for line in lines} == {lines[0].count("|")}
        assert all(line.startswith("|") and line.endswith("|") for line in lines)


def test_links_out_of_the_folder_and_pipes_are_held_and_never_opened(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    held = dict(
        installation.query(
            "select upload_id, held_reason from vidpipe_ops.uploads where held_reason is not null"
        )
    )
    reasons = {upload.rpartition("/")[2]: reason for upload, reason in held.items()}
    assert reasons.keys() == {
        "link_out.mp4",
        "link_relative.mp4",
        "link_to_nothing.mp4",
        "folder_out",
        "pipe.mp4",
    }
    assert "leaves the uploads folder" in reasons["link_out.mp4"]
    assert "not a regular file" in reasons["pipe.mp4"]
    [(account,)] = installation.query(
        "select account from vidpipe.videos where upload_id like '%%/sidecar_out.mp4'"
    )
    assert account != "secret account"
    [(error,)] = installation.query(
        "select error_message from vidpipe.video_failures"
        " where stage = 'metadata' and upload_id like '%%/sidecar_out.mp4'"
    )
    assert "leaves the uploads folder" in error


def test_decompression_bombs_are_refused_by_their_pixels(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    found = outcomes(installation, LINKS_DAY)
    status, message = found["bomb.mp4"]
    assert status == "failed"
    assert "VIDPIPE_MAX_FRAME_PIXELS" in message
    sentences = {
        upload.rpartition("/")[2]: sentence
        for upload, sentence in installation.query(
            "select upload_id, sentence from vidpipe.video_failures where ingest_date = %s",
            LINKS_DAY,
        )
    }
    assert "VIDPIPE_MAX_FRAME_PIXELS" in sentences["bomb_in_disguise.mov"]
    [(frames,)] = installation.query(
        "select count(k.*) from vidpipe.videos join vidpipe.keyframes as k using (content_sha256)"
        " where upload_id like '%%/bomb_within_limits.mp4'"
    )
    assert frames >= 1


def test_an_upload_that_crashes_or_hangs_its_worker_is_named_and_its_neighbours_are_kept(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    rows = installation.query(
        "select stage, upload_id, error_class, error_message from vidpipe.video_failures"
        " where ingest_date = %s",
        SABOTAGE_DAY,
    )
    found = {
        upload.rpartition("/")[2]: (stage, error_class, message)
        for stage, upload, error_class, message in rows
    }
    assert found == {
        "crashes_probe.mp4": (
            "raw_videos",
            "WorkerLost",
            "the worker was ended by SIGSEGV, though tried alone",
        ),
        "crashes_decoder.mp4": (
            "keyframes",
            "WorkerLost",
            "the worker was ended by SIGSEGV, though tried alone",
        ),
        "hangs_decoder.mp4": (
            "keyframes",
            "WorkerLost",
            f"no answer within {HANG_TIMEOUT_S:.0f} s, though tried alone",
        ),
        "devours_memory.mp4": (
            "keyframes",
            "WorkerLost",
            "out of memory (VIDPIPE_WORKER_MEMORY_BYTES), though tried alone",
        ),
    }
    shown = installation.query(
        "select upload_id from vidpipe.videos where ingest_date = %s", SABOTAGE_DAY
    )
    assert shown == [(f"{SABOTAGE_DAY}/innocent.mp4",)]


def test_damaged_copies_are_kept_or_refused_with_a_reason(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    check_damaged(installation, DAMAGE_DAY, DAMAGED_COPIES)


def test_nothing_of_all_this_is_tried_again(
    installation: Installation, run: ExecuteInProcessResult
) -> None:
    assert run.success
    assert installation.query("select * from vidpipe_ops.attempts") == []
    assert installation.pending() == []
    again = installation.materialize([TEXTS_DAY, DAMAGE_DAY])
    assert again.success
    for stage in ("raw_videos", "keyframes", "ocr_text", "clip_embeddings"):
        counts = computed(again, stage)
        assert (counts["new"], counts["failed"]) == (0, 0)


def check_damaged(installation: Installation, day: date, copies: int) -> None:
    """Every copy has an outcome; a failed one has a reason that is no fault of vidpipe."""
    assert unrecorded(installation, [day]) == ([], [])
    found = outcomes(installation, day)
    assert len(found) == copies
    failures = installation.query(
        "select stage, status, error_class, sentence from vidpipe.video_failures"
        " where ingest_date = %s",
        day,
    )
    assert {error_class for _, _, error_class, _ in failures} <= {"UploadRejected", "DecodeError"}
    assert all(sentence for *_, sentence in failures)
    [(shown,)] = installation.query(
        "select count(*) from vidpipe.videos where ingest_date = %s", day
    )
    accounted = dict(
        installation.query(
            "select outcome, count(*) from vidpipe.upload_outcomes where ingest_date = %s"
            " group by outcome",
            day,
        )
    )
    assert accounted.get("shown") == shown
    assert set(accounted) <= {"shown", "version", "failed", "no_video", "side_file"}
    assert sum(accounted.values()) - accounted.get("side_file", 0) == copies
    assert 0 < accounted["failed"] < copies


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not SHARED.is_dir(), reason="the real clips (../shared/videos) are absent")
def test_two_hundred_damaged_copies_of_real_clips_are_kept_or_refused_with_a_reason(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    sources = [path for path in sorted(SHARED.rglob("*.*")) if is_video(path)]
    # What is written on these frames does not matter here, only that they are looked at.
    settings = upgraded_database_settings.model_copy(update={"ocr_detection_side_px": 64})
    with DagsterInstance.ephemeral() as instance:
        installation = Installation.make(settings, tmp_path, instance)
        damaged_copies(sources, installation.uploads / str(DAMAGE_DAY), 200, seed=11)
        age_all(installation.uploads)
        result = installation.run()
        assert result.success
        check_damaged(installation, DAMAGE_DAY, 200)
        assert installation.query("select * from vidpipe_ops.attempts") == []


def is_video(path: Path) -> bool:
    return path.suffix not in {".json", ".md"} and path.stat().st_size > 0
