"""Connections: URLs that people write, and what is said when there is no server."""

from pathlib import Path

import psycopg
import pytest

from vidpipe.errors import DatabaseError, SettingsError
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.database import connect, dagster_database_url, database_url, shown, with_login


def test_a_database_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    settings = load_settings(
        home=tmp_path, database_url="postgresql://me:hunter2@127.0.0.1:1/nowhere"
    )
    with pytest.raises(DatabaseError) as caught:
        connect(settings)
    assert "127.0.0.1:1/nowhere" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["mysql://u:hunter2@h/d", "postgresql://u:hunter2@h:port/d?%zz", "postgresql://u:hunter2@h/"],
)
def test_a_malformed_url_is_refused_without_showing_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        database_url(load_settings(home=tmp_path, database_url=url))
    assert "hunter2" not in str(caught.value)


def test_urls_of_sqlalchemy_and_of_sockets_are_understood(tmp_path: Path) -> None:
    def normal(url: str) -> str:
        return database_url(load_settings(home=tmp_path, database_url=url))

    assert normal("postgresql+psycopg2://u:p%40ss@h:5/d") == "postgresql://u:p%40ss@h:5/d"
    assert shown(normal("postgresql://u@/d?host=/run/pg")) == "/run/pg:5432/d"
    assert with_login("postgresql://u:p@h:5/d?sslmode=require", user="x", password="a/b") == (
        "postgresql://x:a%2Fb@h:5/d?sslmode=require"
    )


def test_dagster_gets_a_database_of_its_own(database_settings: Settings) -> None:
    url = dagster_database_url(database_settings)
    assert url == dagster_database_url(database_settings)
    with psycopg.connect(url) as connection:
        assert connection.info.dbname.endswith("_dagster")
