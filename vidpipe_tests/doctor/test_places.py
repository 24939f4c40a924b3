"""Folders and buckets that are missing, full, forbidden, or lose what two runs write at once."""

import shutil
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import from_url

from vidpipe.doctor import places
from vidpipe.settings import load_settings
from vidpipe_tests.doctor.found import only, problems

GIB = 2**30
UNWRITABLE = Path("/proc/vidpipe")  # even root makes no files there


def test_a_home_that_is_not_there_yet_is_in_order_and_stays_away(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "new" / "home")
    for check in (places.home, places.lake, places.media):
        only(check(settings), "ok")
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_written_is_an_error() -> None:
    what, remedy = only(places.home(load_settings(home=UNWRITABLE)), "error")
    assert what.startswith("/proc cannot be written: ")
    assert "VIDPIPE_HOME" in remedy


def test_a_home_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    what, _ = only(places.home(load_settings(home=tmp_path / "home")), "error")
    assert what == f"{tmp_path / 'home'} cannot be written: Not a directory"


@pytest.mark.parametrize(
    ("free", "level"), [(GIB // 2, "error"), (5 * GIB, "warning"), (50 * GIB, "ok")]
)
def test_a_disk_with_little_room_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: str
) -> None:
    used = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: used._replace(free=free))
    [(found, what, _)] = places.home(load_settings(home=tmp_path))
    assert (found, what) == (level, f"{free / GIB:.1f} GiB are free in {tmp_path}")


def test_the_temporary_folder_holds_copies_of_uploads_in_buckets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    used = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: used._replace(free=5 * GIB))
    local = load_settings(uploads_url="/data", workers=2, max_upload_bytes=4 * GIB)
    only(places.temporary_folder(local), "ok")
    bucket = local.model_copy(update={"uploads_url": "s3://uploads"})
    what, remedy = only(places.temporary_folder(bucket), "warning")
    assert "each of 2 workers copies an upload of up to 4.0 GiB" in what
    assert "TMPDIR" in remedy


def test_a_system_without_a_temporary_folder_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    _, remedy = only(places.temporary_folder(load_settings()), "error")
    assert remedy == "set TMPDIR to one that can"


def test_vidpipes_own_database_on_a_network_disk_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "_file_system", lambda _folder: "nfs4")
    [what] = problems(places.home(load_settings(home=tmp_path)))
    assert "network file system (nfs4)" in what
    elsewhere = load_settings(home=tmp_path, database_url="postgresql://db/vidpipe")
    assert problems(places.home(elsewhere)) == []


def test_uploads_that_are_not_set_missing_or_a_file_are_told_apart(tmp_path: Path) -> None:
    assert "not set" in only(places.uploads(load_settings()), "warning")[0]
    missing = load_settings(uploads_url=str(tmp_path / "none"))
    assert "No such file or directory" in only(places.uploads(missing), "error")[0]
    (tmp_path / "file").touch()
    file = load_settings(uploads_url=f"file://{tmp_path}/file")
    assert "Not a directory" in only(places.uploads(file), "error")[0]
    only(places.uploads(load_settings(uploads_url=str(tmp_path))), "ok")


@pytest.fixture(scope="module")
def _server() -> Iterator[None]:
    """An S3 server with the bucket `videos`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        _point_at(patch, f"http://{host}:{port}")
        boto3.client("s3").create_bucket(Bucket="videos")
        yield
    server.stop()


def _point_at(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        patch.delenv(name, raising=False)
    patch.setenv("AWS_ENDPOINT_URL", endpoint)
    patch.setenv("AWS_ALLOW_HTTP", "true")
    patch.setenv("AWS_REGION", "us-east-1")
    patch.setenv("AWS_ACCESS_KEY_ID", "testing")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.mark.usefixtures("_server")
def test_a_bucket_that_works_is_in_order_and_nothing_is_left_in_it() -> None:
    url = "s3://videos/all of them"
    settings = load_settings(uploads_url=url, lake_url=url, media_url=url)
    for check in (places.uploads, places.lake, places.media):
        only(check(settings), "ok")
    assert obstore.list(from_url("s3://videos")).collect() == []


@pytest.mark.usefixtures("_server")
def test_a_bucket_that_does_not_exist_is_an_error_that_names_the_setting() -> None:
    url = "s3://nowhere/x"
    settings = load_settings(uploads_url=url, lake_url=url, media_url=url)
    for check in (places.uploads, places.lake, places.media):
        what, remedy = only(check(settings), "error")
        assert what == "s3://nowhere/x: the bucket does not exist"
        assert remedy == f"create it, or correct VIDPIPE_{check.__name__.upper()}_URL"


def test_a_server_that_does_not_answer_and_a_url_of_no_known_kind_are_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _point_at(monkeypatch, "http://127.0.0.1:9")
    what, remedy = only(places.lake(load_settings(lake_url="s3://videos")), "error")
    assert what.startswith("s3://videos cannot be used: ")
    assert "AWS_ENDPOINT_URL" in remedy
    what, _ = only(places.media(load_settings(media_url="s4://videos")), "error")
    assert "s4://videos" in what


def test_plain_http_that_is_not_allowed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _point_at(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    what, remedy = only(places.lake(load_settings(lake_url="s3://videos")), "error")
    assert what == "s3://videos: the endpoint is plain http, which is forbidden"
    assert "AWS_ALLOW_HTTP=true" in remedy


class _Answers(BaseHTTPRequestHandler):
    """A server that takes everything, whatever the conditions, or refuses everything."""

    status = 200
    body = b"<DeleteResult><Deleted><Key>x</Key></Deleted></DeleteResult>"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.status)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_DELETE = do_GET = do_POST = do_PUT  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Answers]]:
    """A server of that kind; its answers can be set."""

    class Answers(_Answers):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        _point_at(monkeypatch, f"http://127.0.0.1:{listening.server_address[1]}")
        yield Answers
        listening.shutdown()


@pytest.mark.usefixtures("server")
def test_a_server_that_ignores_conditions_would_lose_commits_and_is_an_error() -> None:
    what, remedy = only(places.lake(load_settings(lake_url="s3://videos")), "error")
    assert what.endswith("two runs at once would lose results")
    assert "If-None-Match" in remedy


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "these credentials may not do that"),
        ("InvalidAccessKeyId", "the server does not know this access key"),
        ("SignatureDoesNotMatch", "the secret key is wrong"),
    ],
)
def test_credentials_that_are_refused_are_told_in_words(
    server: type[_Answers], code: str, words: str
) -> None:
    server.status, server.body = 403, f"<Error><Code>{code}</Code></Error>".encode()
    what, _ = only(places.media(load_settings(media_url="s3://videos/x")), "error")
    assert what == f"s3://videos/x: {words}"
