"""A cluster of the embedded server: what is in it, and that it is made whole or not at all."""

import contextlib
import os
import shutil
import signal
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server as embedded_server
from vidpipe_tests.stores.embedded.live_server import (
    answers,
    starting_process,
    wait_until,
)


def test_the_first_start_makes_both_databases_and_pgvector_can_be_used(new_home: Path) -> None:
    server = embedded_server.start(new_home)
    for database in ("vidpipe", "vidpipe_dagster"):
        with psycopg.connect(server.url(database)) as connection:
            connection.execute("create extension vector")
            row = connection.execute("select '[1,2]'::halfvec(2) <#> '[3,4]'::halfvec(2)")
            assert row.fetchone() == (-11.0,)


def test_texts_are_utf8_and_sorted_by_code_point(home: Path) -> None:
    with psycopg.connect(embedded_server.start(home).url()) as connection:
        row = connection.execute(
            "select getdatabaseencoding(), upper('é'), array(select v from "
            "(values ('b'), ('B'), ('坦'), ('a')) t(v) order by v)"
        ).fetchone()
    assert row == ("UTF8", "É", ["B", "a", "b", "坦"])


def test_only_the_password_opens_it_and_only_the_owner_can_read_that(home: Path) -> None:
    server = embedded_server.start(home)
    password_file = home / "postgres" / "cluster" / "password"
    assert stat.S_IMODE(password_file.stat().st_mode) == 0o600
    assert password_file.read_text().strip() == server.password
    assert server.password not in repr(server)
    for wrong in ("", "vidpipe", server.password + "x"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(replace(server, password=wrong).url())


def test_a_cluster_of_another_postgresql_is_refused_with_the_way_out(home: Path) -> None:
    (home / "postgres" / "cluster" / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseError, match=r"made by PostgreSQL 16.*vidpipe db restore"):
        embedded_server.start(home)


INITIALISING = {
    "before initdb writes": lambda new: new.exists(),
    "while initdb writes": lambda new: (new / "data" / "PG_VERSION").exists(),
    "while catalogs are filled": lambda new: (new / "data" / "base" / "5").exists(),
    "while databases are created": lambda new: (new / "data" / "vidpipe.conf").exists(),
}


def killed_while(moment: Callable[[Path], bool], home: Path, *, with_children: bool) -> bool:
    """Kill a starting process at a moment of its initialisation; False when that was missed."""
    process = starting_process(home)
    root = home / "postgres"
    wait_until(
        lambda: any(moment(new) for new in root.glob(".new-*")) or (root / "cluster").exists()
    )
    children = psutil.Process(process.pid).children(recursive=True) if with_children else []
    os.killpg(process.pid, signal.SIGKILL)
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    process.communicate()
    return not (root / "cluster").exists()


@pytest.mark.parametrize(
    ("moment", "with_children"),
    [*((moment, True) for moment in INITIALISING), ("while catalogs are filled", False)],
)
def test_a_kill_during_initialisation_does_no_lasting_harm(
    new_home: Path, moment: str, with_children: bool
) -> None:
    root = new_home / "postgres"
    while not killed_while(INITIALISING[moment], new_home, with_children=with_children):
        embedded_server.stop(new_home)  # it was faster than this busy machine let us look
        shutil.rmtree(new_home)
    server = embedded_server.start(new_home)
    assert answers(server)
    with psycopg.connect(server.url("vidpipe_dagster")) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert list(root.glob(".new-*")) == []
