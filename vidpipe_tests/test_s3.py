"""Uploads, lake and media in buckets: the same job as on folders, on moto's S3 server.

The tests of this module share one installation and run in order. Buckets are reached through the
usual `AWS_*` variables only, by this process and by the worker processes that it spawns.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import obstore
import pytest
from dagster import DagsterInstance, ExecuteInProcessResult
from moto.server import ThreadedMotoServer
from obstore.store import from_url

from vidpipe.erasure import erase, find_traces
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.search.question import Question
from vidpipe.search.searcher import open_searcher
from vidpipe.settings import Settings
from vidpipe.stores.lake import OCR_TEXT, TABLES, Lake
from vidpipe.stores.media_store import MediaStore
from vidpipe_tests.clips import COLOURS, tiny_clip
from vidpipe_tests.installation import Installation, computed

UPLOADS, LAKE, MEDIA = "s3://uploads/all of them", "s3://lake/vidpipe", "s3://media/frames"
DAYS = (date(2025, 3, 3), date(2025, 3, 4))
STAGES = ("raw_videos", "keyframes", "ocr_text", "clip_embeddings")
SIDECAR = b'{"id": "a1", "platform": "tube", "account": "harbour", "description": "a red boat"}'


@pytest.fixture(scope="module", autouse=True)
def _buckets() -> Iterator[None]:
    """A server with three empty buckets, named by the environment like any S3 endpoint."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ALLOW_HTTP", "true")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        import boto3

        client = boto3.client("s3")
        for bucket in ("uploads", "lake", "media"):
            client.create_bucket(Bucket=bucket)
        yield
    server.stop()


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    image, text = demo_pair()
    settings = module_database_settings.model_copy(
        update={
            "uploads_url": UPLOADS,
            "lake_url": LAKE,
            "media_url": MEDIA,
            "clip_image_model": str(image),
            "clip_text_model": str(text),
            "workers": 2,
        }
    )
    with DagsterInstance.ephemeral() as instance:
        yield Installation(settings, folder / "local", instance)


@pytest.fixture(scope="module")
def first_run(installation: Installation) -> ExecuteInProcessResult:
    """Three uploads on two dates; the last repeats the bytes of the first."""
    installation.uploads.mkdir()
    first = tiny_clip(installation.uploads / "first.mp4", colours=COLOURS[:2], seed=1)
    second = tiny_clip(installation.uploads / "second.mkv", colours=COLOURS[2:4], seed=2)
    uploads = from_url(UPLOADS)
    obstore.put(uploads, f"{DAYS[0]}/harbour/a boat.mp4", first.read_bytes())
    obstore.put(uploads, f"{DAYS[0]}/harbour/a boat.json", SIDECAR)
    obstore.put(uploads, f"{DAYS[0]}/other/second.mkv", second.read_bytes())
    obstore.put(uploads, f"{DAYS[1]}/copier/again.mp4", first.read_bytes())
    return installation.run()


def test_uploads_in_a_bucket_become_rows_of_their_dates(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert computed(first_run, "raw_videos")["new"] == 3
    assert computed(first_run, "keyframes") == {"seen": 2, "new": 2, "skipped": 0, "failed": 0}
    rows = installation.query(
        "select v.account, v.ingest_date, v.upload_id, count(k.*) > 0 from vidpipe.videos as v"
        " join vidpipe.keyframes as k using (content_sha256) group by v.video_id order by 1"
    )
    assert rows == [
        ("copier", DAYS[1], f"{DAYS[1]}/copier/again.mp4", True),
        ("harbour", DAYS[0], f"{DAYS[0]}/harbour/a%20boat.mp4", True),
        ("other", DAYS[0], f"{DAYS[0]}/other/second.mkv", True),
    ]
    [(description,)] = installation.query(
        "select description from vidpipe.videos where video_id = 'tube:a1'"
    )
    assert description == "a red boat"


def test_all_asset_checks_pass_on_buckets(first_run: ExecuteInProcessResult) -> None:
    evaluations = first_run.get_asset_check_evaluations()
    assert len(evaluations) >= 10
    assert [(one.check_name, one.metadata) for one in evaluations if not one.passed] == []


def test_keyframes_are_read_from_the_media_bucket(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    uris = [uri for (uri,) in installation.query("select image_uri from vidpipe.keyframes")]
    assert len(uris) >= 2
    media = MediaStore(MEDIA)
    for uri in uris:
        assert uri.startswith(f"{MEDIA}/")
        assert media.get(uri).startswith(b"\xff\xd8"), "a JPEG"
    sheets = [
        str(event.materialization.metadata["contact_sheet"].value)
        for event in first_run.get_asset_materialization_events()
        if "contact_sheet" in event.materialization.metadata
    ]
    assert sheets
    assert all("data:image/jpeg;base64," in sheet for sheet in sheets)


def test_the_lake_lies_in_its_bucket_and_nowhere_else(
    installation: Installation, first_run: ExecuteInProcessResult, tmp_path: Path
) -> None:
    assert first_run.success
    names = {entry["path"].split("/")[0] for entry in obstore.list(from_url(LAKE)).collect()}
    assert names >= {table.name for table in TABLES}
    assert not list(Path.cwd().glob("s3:*")), "a URL was taken for a folder"
    assert not (installation.settings.home / "lake").exists()
    assert not (installation.settings.home / "media").exists()
    assert not list(tmp_path.iterdir())


def test_a_search_with_its_own_frame_finds_the_clip_in_the_bucket(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    [(content, uri), *_] = installation.query(
        "select content_sha256, image_uri from vidpipe.keyframes join vidpipe.videos"
        " using (content_sha256) where account = 'other' and not is_low_information"
    )
    picture = MediaStore(MEDIA).get(uri)
    with open_searcher(installation.settings) as searcher:
        found = searcher.find(Question(picture=picture), k=1)
    assert [row["content_sha256"] for row in found] == [content]
    assert found[0]["score"] == pytest.approx(1, abs=0.01)


def test_a_second_run_on_buckets_computes_nothing(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    commits = [installation.last_commit(table) for table in TABLES]
    installation.register()
    assert installation.pending() == []
    again = installation.materialize(DAYS)
    assert again.success
    for stage in STAGES:
        counts = computed(again, stage)
        assert counts["seen"] == counts["skipped"] > 0
    assert [installation.last_commit(table) for table in TABLES] == commits


def test_concurrent_commits_to_a_bucket_are_all_kept() -> None:
    """The first ones also create the table; a lost commit would be a lost batch."""

    def commit(writer: int) -> None:
        own = Lake("s3://lake/concurrent")
        for number in range(3):
            own.append(OCR_TEXT, [{**row, "keyframe_sha256": f"{writer}-{number}"}])

    row: dict[str, object] = {
        "lines": [],
        "status": "ok",
        "error_class": None,
        "error_message": None,
        "limits_digest": "0",
        "stage_version": "v",
        "ingest_date": DAYS[0],
    }
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(commit, range(4)))
    lake = Lake("s3://lake/concurrent")
    keys = lake.scan(OCR_TEXT).select("keyframe_sha256").collect()["keyframe_sha256"]
    assert sorted(keys) == sorted(
        f"{writer}-{number}" for writer in range(4) for number in range(3)
    )


def test_a_forgotten_account_leaves_no_bytes_in_the_buckets(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    media = MediaStore(MEDIA)
    [*uris] = installation.query(
        "select image_uri from vidpipe.keyframes join vidpipe.videos using (content_sha256)"
        " where account = 'other'"
    )
    with installation.connect() as connection:
        session, pipeline = installation.session(connection), installation.pipeline
        erase(pipeline, session, find_traces(pipeline, session, "other"))
    left = {entry["path"] for entry in obstore.list(from_url(MEDIA)).collect()}
    assert left, "the frames of others are kept"
    for (uri,) in uris:
        assert uri.removeprefix(f"{media.url}/") not in left
    accounts = installation.query("select account from vidpipe.videos order by 1")
    assert accounts == [("copier",), ("harbour",)]
