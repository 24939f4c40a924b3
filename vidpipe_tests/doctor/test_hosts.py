"""An installation on several hosts, of which some settings still name a folder of one."""

import socket

import pytest

from vidpipe.doctor.hosts import is_this_host, several
from vidpipe.settings import load_settings
from vidpipe_tests.doctor.found import only, problems

REMOTE = "postgresql://vidpipe:secret@db.example.org/vidpipe"
BUCKETS = {"uploads_url": "s3://u", "lake_url": "s3://l", "media_url": "s3://m"}


def test_everything_may_lie_on_the_host_of_the_database() -> None:
    only(several(load_settings()), "ok")
    only(several(load_settings(database_url="postgresql://me@localhost/vidpipe")), "ok")


def test_what_other_hosts_cannot_read_is_named_each(tmp_path: object) -> None:
    settings = load_settings(database_url=REMOTE, uploads_url=f"file://{tmp_path}")
    found = list(several(settings))
    assert [level for level, _, _ in found] == ["warning"] * 3
    for (_, what, remedy), setting in zip(
        found, ("VIDPIPE_UPLOADS_URL", "VIDPIPE_LAKE_URL", "VIDPIPE_MEDIA_URL"), strict=True
    ):
        assert what.startswith("the database is on db.example.org, but ")
        assert f"set {setting} to a bucket" in remedy
        assert "secret" not in what


def test_with_buckets_nothing_is_left_on_one_host() -> None:
    only(several(load_settings(database_url=REMOTE, **BUCKETS)), "ok")
    [what] = problems(several(load_settings(database_url=REMOTE, **{**BUCKETS, "media_url": "/m"})))
    assert what == "the database is on db.example.org, but /m is a folder of this host"


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("", True),
        ("/run/postgresql", True),
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        (socket.gethostname(), True),
        ("10.1.2.3", False),
        ("db", False),
        ("db1.example.org,db2.example.org", False),
    ],
)
def test_sockets_loopback_and_the_own_name_are_this_host(host: str, here: bool) -> None:
    assert is_this_host(host) is here
