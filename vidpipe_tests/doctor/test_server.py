"""Databases that do not answer, lack a schema or UTF-8; vidpipe's own server stays as it is."""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import psycopg
import pytest

from vidpipe.doctor import server
from vidpipe.errors import SettingsError
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.database import database_url, with_login
from vidpipe.stores.schema_upgrade import pending
from vidpipe_tests.doctor.found import only, problems


def test_a_database_that_was_upgraded_is_in_order(upgraded_database_settings: Settings) -> None:
    assert problems(server.database(upgraded_database_settings)) == []


def test_a_database_without_the_schema_is_a_warning_and_stays_without(
    database_settings: Settings,
) -> None:
    [what] = problems(server.database(database_settings))
    assert what.endswith("files of the schema are not applied yet")
    with psycopg.connect(database_url(database_settings)) as connection:
        assert len(pending(connection)) > 10


def test_a_server_that_does_not_answer_and_a_url_that_is_none_are_told() -> None:
    nowhere = load_settings(database_url="postgresql://me:secret@127.0.0.1:9/vidpipe")
    what, _ = only(server.database(nowhere), "error")
    assert what.startswith("PostgreSQL at 127.0.0.1:9/vidpipe cannot be reached")
    assert "secret" not in what
    with pytest.raises(SettingsError, match="it must be postgresql"):
        list(server.database(load_settings(database_url="mysql://db/vidpipe")))


def test_a_database_that_is_not_in_utf_8_is_an_error(database_url: str) -> None:
    name = "test_latin"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            f"create database {name} encoding 'LATIN1' locale 'C' template template0"
        )
        try:
            settings = load_settings(database_url=with_login(database_url, database=name))
            [what] = problems(server.database(settings))
        finally:
            connection.execute(f"drop database {name} with (force)")
    assert what.startswith("database test_latin has encoding LATIN1")


def test_clocks_that_differ_are_a_warning(
    upgraded_database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) - timedelta(minutes=5)

    monkeypatch.setattr(server, "datetime", Late)
    [what] = problems(server.database(upgraded_database_settings))
    assert what == "the clocks of this host and of the database are 300 s apart"


def test_vidpipes_own_server_is_found_and_not_started(tmp_path: Path, embedded_home: Path) -> None:
    what, _ = only(server.database(load_settings(home=tmp_path / "home")), "ok")
    assert "PostgreSQL) 18" in what
    assert list(tmp_path.iterdir()) == []
    what, _ = only(server.database(load_settings(home=embedded_home)), "ok")
    assert what.startswith("vidpipe's own PostgreSQL runs on port ")


def test_a_program_of_postgresql_that_cannot_be_run_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "installed_binaries", lambda: tmp_path)
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho 'version GLIBC_2.99 not found' >&2\nexit 1\n")
    settings = load_settings(home=tmp_path / "home")
    assert "Permission denied" in only(server.database(settings), "error")[0]
    program.chmod(0o755)
    what, remedy = only(server.database(settings), "error")
    assert what == f"{program} cannot be run: version GLIBC_2.99 not found"
    assert "VIDPIPE_DATABASE_URL" in remedy
