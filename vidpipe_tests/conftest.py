"""Fixtures that every test module may use: a real PostgreSQL server, fresh databases, a browser.

    def test_a_date_is_published_once(database_settings: Settings) -> None: ...

| fixture                      | lives for | gives                                             |
|------------------------------|-----------|---------------------------------------------------|
| `embedded_home`              | session   | a `VIDPIPE_HOME` whose embedded server runs       |
| `database_url`               | test      | libpq URL of an empty database of its own         |
| `module_database_url`        | module    | the same, shared by the module's tests            |
| `database_settings`          | test      | `Settings` with that database, home in `tmp_path` |
| `upgraded_database_settings` | test      | the same after `schema_upgrade.upgrade`           |
| `module_database_settings`   | module    | the same, shared by the module's tests            |
| `chromium`                   | module    | a running Chromium (vidpipe_tests/browser.py)     |

A database costs about 30 ms: it is copied from a template and dropped afterwards, together with
its `<name>_dagster` companion. The server is stopped by vidpipe's own `stop`.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from vidpipe.settings import Settings, load_settings
from vidpipe.stores.embedded import server as embedded_server
from vidpipe_tests.browser import chromium

__all__ = ["chromium"]  # pytest finds the fixture here

_numbers = itertools.count(1)

# CI judges a change, so it tries the same examples each time; new ones are found at a desk.
hypothesis_settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("ci")


# Modules that take a minute or more: begun first, so that no worker ends long after the others.
LONG_MODULES = ("test_killed_runs.py", "test_hostile_uploads.py", "test_document.py")


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests often wait for a process or the database."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the long modules first; within a module the order stays."""
    items.sort(key=lambda item: item.path.name not in LONG_MODULES)


@pytest.fixture(scope="session", autouse=True)
def _only_default_settings() -> Iterator[None]:
    """Forget the developer's own settings, or a test would write to their data."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("VIDPIPE_") or name == "DAGSTER_HOME":
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def embedded_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose embedded server runs for the whole test session.

    It does not wait for the disk (`fsync = off`): its data is thrown away.
    """
    home = tmp_path_factory.mktemp("vidpipe-home")
    server = embedded_server.start(home)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("alter system set full_page_writes = off")
        connection.execute("select pg_reload_conf()")
    try:
        yield home
    finally:
        embedded_server.stop(home)


@pytest.fixture
def database_url(embedded_home: Path) -> Iterator[str]:
    """libpq URL of an empty database that exists for one test."""
    yield from fresh_database(embedded_home, template="template1")


@pytest.fixture(scope="module")
def module_database_url(embedded_home: Path) -> Iterator[str]:
    """The same, for all tests of a module."""
    yield from fresh_database(embedded_home, template="template1")


@pytest.fixture
def database_settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings with an empty database of its own; home, lake and media lie in `tmp_path`."""
    return load_settings(home=tmp_path / "home", database_url=database_url)


@pytest.fixture
def upgraded_database_settings(
    embedded_home: Path, upgraded_template: str, tmp_path: Path
) -> Iterator[Settings]:
    """Like `database_settings`, with vidpipe's schemas in place."""
    for url in fresh_database(embedded_home, template=upgraded_template):
        yield load_settings(home=tmp_path / "home", database_url=url)


@pytest.fixture(scope="module")
def module_database_settings(
    embedded_home: Path, upgraded_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """One upgraded database for all tests of a module."""
    for url in fresh_database(embedded_home, template=upgraded_template):
        yield load_settings(home=tmp_path_factory.mktemp("home"), database_url=url)


@pytest.fixture(scope="session")
def upgraded_template(embedded_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database that was upgraded once and is only copied from."""
    from vidpipe.stores.schema_upgrade import upgrade

    name = "test_template"
    server = embedded_server.start(embedded_home)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    upgrade(load_settings(home=tmp_path_factory.mktemp("home"), database_url=server.url(name)))
    return name


def fresh_database(home: Path, *, template: str) -> Iterator[str]:
    """Creates a database, yields its URL, and drops it and its Dagster companion with force."""
    server = embedded_server.start(home)
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield server.url(name)
    finally:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            for created in (name, f"{name}_dagster"):
                connection.execute(
                    sql.SQL("drop database if exists {} with (force)").format(
                        sql.Identifier(created)
                    )
                )
