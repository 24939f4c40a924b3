"""The asset graph from uploads to PostgreSQL on real, rendered videos, through Dagster.

The tests of this module share one installation and run in order: each adds to what the one before
it left, as days do.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg
import pytest
from dagster import DagsterInstance, ExecuteInProcessResult

from vidpipe.publication.dates import publish_dates
from vidpipe.search.question import Question
from vidpipe.search.searcher import open_searcher
from vidpipe.settings import Settings
from vidpipe.stores.lake import KEYFRAMES, RAW_VIDEOS
from vidpipe.stores.lake_backup import copy_to_lake, restore_from_lake
from vidpipe.stores.media_store import MediaStore
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe.uploads.registry.restoring import restore_registry
from vidpipe_tests.cli.command_line import call
from vidpipe_tests.installation import Installation, age, computed
from vidpipe_tests.short_videos import Upload, write_short_videos

STAGES = ("raw_videos", "keyframes", "ocr_text", "clip_embeddings")


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    with DagsterInstance.ephemeral() as instance:
        yield Installation.make(module_database_settings, folder, instance)


@pytest.fixture(scope="module")
def clips(installation: Installation) -> list[Upload]:
    """Five clips; the last is a byte-for-byte repost of another on another date."""
    installation.uploads.rmdir()
    return write_short_videos(installation.uploads, 5)


@pytest.fixture(scope="module")
def first_run(installation: Installation, clips: list[Upload]) -> ExecuteInProcessResult:
    assert len(clips) == 5
    return installation.run()


def test_every_upload_becomes_a_row_that_analysts_see(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    rows = installation.query(
        "select v.account, v.platform, v.ingest_date, count(k.*) from vidpipe.videos as v"
        " join vidpipe.keyframes as k using (content_sha256) group by v.video_id order by 1, 2, 3"
    )
    described = [clip for clip in clips if clip.sidecar is not None]
    assert len(rows) == 5
    assert all(1 <= frames <= 5 for *_, frames in rows)
    for clip in described:
        assert (clip.video.account, clip.video.platform, clip.video.ingest_date) in [
            row[:3] for row in rows
        ]
    assert computed(first_run, "raw_videos")["new"] == 5


def test_a_repost_is_decoded_once(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert computed(first_run, "keyframes") == {"seen": 4, "new": 4, "skipped": 0, "failed": 0}
    [(posts,)] = installation.query(
        "select count(*) from vidpipe.videos group by content_sha256 having count(*) > 1"
    )
    assert posts == 2


def test_all_asset_checks_pass(first_run: ExecuteInProcessResult) -> None:
    evaluations = first_run.get_asset_check_evaluations()
    assert len(evaluations) >= 10
    failed = [(one.check_name, one.metadata) for one in evaluations if not one.passed]
    assert failed == []


def test_captions_that_the_keyframes_show_are_read(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    assert first_run.success
    read = {
        "".join(text.split()).upper()
        for (text,) in installation.query("select text from vidpipe.ocr_lines where accepted")
    }
    captions = {
        "".join(caption.text.split()).upper() for clip in clips for caption in clip.video.captions
    }
    assert captions & read, f"none of {captions} is among {read}"


def test_a_search_with_its_own_frame_finds_the_clip(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    rows = installation.query(
        "select v.content_sha256, k.image_uri from vidpipe.videos as v join vidpipe.keyframes as k"
        " using (content_sha256) where not k.is_low_information"
    )
    media = MediaStore(installation.settings.media)
    with open_searcher(installation.settings) as searcher:
        for content, image_uri in rows[::4]:
            found = searcher.find(Question(picture=media.get(image_uri)), k=3)
            assert found[0]["content_sha256"] == content
            assert found[0]["score"] == pytest.approx(1, abs=0.01)


def test_a_second_run_computes_nothing_and_writes_no_tuple(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    assert installation.pending() == []
    days = [day for (day,) in installation.query("select distinct ingest_date from vidpipe.videos")]
    before = installation.query("select xmin::text, video_id from vidpipe.videos order by 2")
    again = installation.materialize(days)
    assert again.success
    for stage in STAGES:
        counts = computed(again, stage)
        assert counts["seen"] > 0
        assert (counts["new"], counts["failed"]) == (0, 0)
    for event in again.get_asset_materialization_events():
        if event.asset_key is not None and event.asset_key.to_user_string() == "pgvector_index":
            assert event.materialization.metadata["rows_written"].value == 0
    after = installation.query("select xmin::text, video_id from vidpipe.videos order by 2")
    assert after == before


def test_one_new_file_is_all_that_is_processed(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    assert first_run.success
    new = clips[0].path.with_name("again.mp4")
    data = clips[0].path.read_bytes()
    new.write_bytes(data + b"\0" * 16)  # other bytes, same pictures
    age(new)
    result = installation.run()
    assert computed(result, "raw_videos")["new"] == 1
    assert computed(result, "keyframes")["new"] == 1
    assert computed(result, "ocr_text")["new"] == 0, "the same frames are not read again"


def test_a_changed_sidecar_changes_metadata_without_a_decode(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    assert first_run.success
    sidecar = next(clip.sidecar for clip in clips if clip.sidecar is not None)
    metadata = json.loads(sidecar.read_text())
    metadata["description"] = "now described in other words"
    sidecar.write_text(json.dumps(metadata))
    age(sidecar)
    result = installation.run()
    assert computed(result, "raw_videos")["new"] == 1
    assert computed(result, "keyframes")["new"] == 0
    assert computed(result, "clip_embeddings")["new"] == 1
    [(count,)] = installation.query(
        "select count(*) from vidpipe.videos where description = 'now described in other words'"
    )
    assert count == 1


def test_a_replaced_file_is_processed_again(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    assert first_run.success
    replaced = clips[0].path.with_name("again.mp4")
    shutil.copyfile(clips[1].path, replaced)
    with replaced.open("ab") as file:
        file.write(b"\0" * 32)
    age(replaced)
    result = installation.run()
    assert computed(result, "keyframes")["new"] == 1
    [(count,)] = installation.query(
        "select count(*) from vidpipe.videos where upload_id like '%%/again.mp4'"
    )
    assert count == 1


def test_a_file_that_vanished_leaves_search_after_two_sweeps(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    assert first_run.success
    clips[0].path.with_name("again.mp4").unlink()
    assert installation.register().removed == 0
    assert installation.register().removed == 1
    assert installation.materialize(installation.pending()).success
    [(removed_at,)] = installation.query(
        "select removed_at from vidpipe.videos where upload_id like '%%/again.mp4'"
    )
    assert removed_at is not None
    [(frames,)] = installation.query(
        "select count(*) from vidpipe.videos join vidpipe.keyframes using (content_sha256)"
        " where upload_id like '%%/again.mp4'"
    )
    assert frames > 0, "its rows are kept"


def test_a_dropped_database_is_rebuilt_without_decoding_or_embedding(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    statement = (
        "select video_id, ingest_date, content_sha256 from vidpipe.videos"
        " where removed_at is null order by 1"
    )
    before = installation.query(statement)
    decoded = installation.last_commit(KEYFRAMES)
    with psycopg.connect(_url(installation.settings), autocommit=True) as connection:
        connection.execute("drop schema vidpipe cascade")
        connection.execute("drop schema vidpipe_ops cascade")
    upgrade(installation.settings)
    with installation.connect() as connection:
        session = installation.session(connection)
        restore_registry(installation.pipeline.lake, connection)
        days = [
            day
            for (day,) in connection.execute("select distinct ingest_date from vidpipe_ops.uploads")
        ]
        publish_dates(installation.pipeline, session, days)
    installation.register()
    installation.register()
    result = installation.materialize(days)
    assert result.success
    assert all(computed(result, stage)["new"] == 0 for stage in STAGES)
    assert installation.last_commit(KEYFRAMES) == decoded
    assert installation.query(statement) == before


def _url(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()


def test_dates_are_those_of_the_folders(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    assert first_run.success
    days = {day for (day,) in installation.query("select distinct ingest_date from vidpipe.videos")}
    assert days == {clip.video.ingest_date for clip in clips}
    assert all(isinstance(day, date) for day in days)
    assert all(clip.path.exists() for clip in clips)


def test_a_lost_registry_comes_back_from_the_copy_in_the_lake(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    statement = "select upload_id, ingest_date, first_seen_at from vidpipe_ops.uploads order by 1"
    before = installation.query(statement)
    copy_to_lake(installation.settings)
    installation.query("delete from vidpipe_ops.uploads returning 1")
    assert restore_from_lake(installation.settings)
    assert installation.query(statement) == before


def test_what_is_forgotten_is_gone_everywhere_and_stays_gone(
    installation: Installation, first_run: ExecuteInProcessResult, clips: list[Upload]
) -> None:
    assert first_run.success
    original = next(
        clip for clip in clips if clip.video.copy_of is None and clip.sidecar is not None
    )
    [(video_id, content, shared)] = installation.query(
        "select v.video_id, v.content_sha256,"
        " (select count(*) from vidpipe.videos as o where o.content_sha256 = v.content_sha256)"
        " from vidpipe.videos as v where v.account = %s and v.removed_at is null limit 1",
        original.video.account,
    )
    images = installation.query(
        "select image_uri from vidpipe.keyframes where content_sha256 = %s", content
    )
    assert images
    assert "neither a video" in call(installation.settings, "forget", "nobody:1").stderr
    declined = call(installation.settings, "forget", video_id, stdin="n\n")
    assert declined.output.startswith("erase 1 files, "), declined.output
    assert installation.query("select 1 from vidpipe.videos where video_id = %s", video_id)
    erased = call(installation.settings, "forget", original.video.account, "--yes")
    assert "they will not be ingested again" in erased.stdout, erased.output
    accounts = "select 1 from vidpipe.videos where account = %s"
    assert installation.query(accounts, original.video.account) == []
    uploads = installation.pipeline.lake.scan(RAW_VIDEOS).collect()
    left = uploads["metadata"].struct.field("account").to_list()
    assert original.video.account not in left
    if shared == 1:
        contents = installation.pipeline.lake.scan(KEYFRAMES).collect()["content_sha256"]
        assert content not in contents.to_list()
        assert not any(Path(uri).exists() for (uri,) in images)
    installation.register()
    assert installation.query(accounts, original.video.account) == []
    assert installation.pending() == [] or installation.materialize(installation.pending()).success
    assert installation.query(accounts, original.video.account) == []
