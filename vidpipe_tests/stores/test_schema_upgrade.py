"""Upgrades against the real embedded server."""

import re
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql

from vidpipe.errors import DatabaseError
from vidpipe.packaged import packaged
from vidpipe.settings import Settings, load_settings
from vidpipe.stores import schema_upgrade
from vidpipe.stores.backup import ownership
from vidpipe.stores.database import connect, database_url, with_login
from vidpipe.stores.model_registry import activate, ensure_model
from vidpipe.stores.requirements import pgvector, server
from vidpipe.stores.schema_upgrade import pending, sql_files, upgrade, upgrade_connection
from vidpipe_tests.publication.published_rows import MODEL


def test_an_empty_database_is_upgraded_once_and_a_second_upgrade_finds_nothing_to_do(
    database_settings: Settings,
) -> None:
    with connect(database_settings) as connection:
        expected = pending(connection)
    assert upgrade(database_settings) == expected
    assert expected[0] == "tables/0001_analyst_tables.sql"
    assert upgrade(database_settings) == []


def test_a_changed_view_is_applied_again_and_tables_are_not(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "sql"
    for file in packaged("sql").glob("*/*.sql"):
        copy = folder / file.parent.name / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text("utf-8"), "utf-8")
    (folder / "views" / "greeting.sql").write_text(
        "create or replace view vidpipe.greeting as select 'hello' as word;", "utf-8"
    )
    with connect(upgraded_database_settings, autocommit=True) as connection:
        applied = upgrade_connection(connection, folder)
        assert "views/greeting.sql" in applied
        assert not [name for name in applied if name.startswith("tables/")]
        assert connection.execute("select word from vidpipe.greeting").fetchone() == ("hello",)
        assert upgrade_connection(connection, folder) == []


def test_concurrent_upgrades_apply_each_file_once(database_settings: Settings) -> None:
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(upgrade(database_settings)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(result) > 0 for result in results) == [False, False, False, True]


def test_an_upgrade_waits_for_a_reader_without_making_others_wait(
    upgraded_database_settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schema_upgrade, "LOCK_TIMEOUT_MS", 100)
    monkeypatch.setattr(schema_upgrade, "LOCK_PAUSE_S", 0.05)
    folder = tmp_path / "sql"
    for kind in ("tables", "views"):
        (folder / kind).mkdir(parents=True)
    for file in packaged("sql").glob("tables/*.sql"):
        (folder / "tables" / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (folder / "tables" / "9999_more.sql").write_text(
        "alter table vidpipe.videos add column more text;", "utf-8"
    )
    done: list[list[str]] = []
    with (
        connect(upgraded_database_settings) as reader,
        connect(upgraded_database_settings, autocommit=True) as other,
        connect(upgraded_database_settings, autocommit=True) as upgrader,
    ):
        reader.execute("select count(*) from vidpipe.videos")  # holds its lock until it ends
        thread = threading.Thread(target=lambda: done.append(upgrade_connection(upgrader, folder)))
        thread.start()
        time.sleep(0.5)
        assert not done
        other.execute("set statement_timeout = '5s'")
        assert other.execute("select count(*) from vidpipe.videos").fetchone() == (0,)
        reader.rollback()
        thread.join(timeout=30)
    assert "tables/9999_more.sql" in done[0]


def test_a_broken_file_changes_nothing_and_is_named(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "0001_broken.sql").write_text(
        "create table vidpipe.half (x int); create table vidpipe.other (x nonsense);", "utf-8"
    )
    with connect(upgraded_database_settings, autocommit=True) as connection:
        with pytest.raises(DatabaseError, match=r"0001_broken.sql .*nonsense"):
            upgrade_connection(connection, tmp_path)
        assert connection.execute("select to_regclass('vidpipe.half')").fetchone() == (None,)


def test_everything_analysts_can_see_is_described(upgraded_database_settings: Settings) -> None:
    with connect(upgraded_database_settings) as connection:
        ensure_model(connection, MODEL)
        undescribed = connection.execute(
            """
            select 'relation ' || c.relname from pg_class as c
            where c.relnamespace = any(array['vidpipe', 'vidpipe_ops']::regnamespace[])
            and c.relkind in ('r', 'v', 'm', 'c') and obj_description(c.oid, 'pg_class') is null
            and c.reltype not in (
                select t.oid from pg_type as t where obj_description(t.oid, 'pg_type') is not null)
            union all
            select c.relname || '.' || a.attname from pg_class as c
            inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
            where c.relnamespace = any(array['vidpipe', 'vidpipe_ops']::regnamespace[])
            and c.relkind in ('r', 'v', 'm', 'c') and not a.attisdropped
            and col_description(c.oid, a.attnum) is null
            union all
            select 'function ' || p.proname from pg_proc as p
            where p.pronamespace = any(array['vidpipe', 'vidpipe_ops']::regnamespace[])
            and obj_description(p.oid, 'pg_proc') is null
            """
        ).fetchall()
        described = connection.execute(
            "select count(*) from pg_description where classoid = 'pg_class'::regclass"
            " and objoid = 'vidpipe.videos'::regclass"
        ).fetchone()
    assert undescribed == []
    assert described == (32,)  # so that the query above looks where the comments are


def test_every_table_says_in_ownership_toml_whether_it_is_saved(
    upgraded_database_settings: Settings,
) -> None:
    with connect(upgraded_database_settings) as connection:
        rows = connection.execute(
            "select schemaname || '.' || tablename from pg_tables"
            " where schemaname in ('vidpipe', 'vidpipe_ops')"
        ).fetchall()
    lists = ownership()
    named = [*lists.owned, *lists.derived, *lists.transient]
    assert sorted(named) == sorted(name for (name,) in rows)


def test_only_the_extension_vector_is_used(upgraded_database_settings: Settings) -> None:
    with connect(upgraded_database_settings) as connection:
        rows = connection.execute("select extname from pg_extension order by 1").fetchall()
    assert [name for (name,) in rows] == ["plpgsql", "vector"]


def _owner(settings: Settings, name: str) -> Settings:
    """Settings of a new login that owns the database but is no superuser."""
    with connect(settings, autocommit=True) as connection:
        login = sql.Identifier(name)
        connection.execute(sql.SQL("create role {} login password 'p'").format(login))
        connection.execute(
            sql.SQL("alter database {} owner to {}").format(
                sql.Identifier(connection.info.dbname), login
            )
        )
    url = with_login(database_url(settings), user=name, password="p")
    return load_settings(home=settings.home, database_url=url)


def _drop(settings: Settings, name: str) -> None:
    with connect(settings, autocommit=True) as connection:
        login = sql.Identifier(name)
        connection.execute(sql.SQL("reassign owned by {} to current_user").format(login))
        connection.execute(sql.SQL("drop owned by {}").format(login))
        connection.execute(sql.SQL("drop role {}").format(login))


def test_a_plain_owner_is_told_who_must_create_the_extension_and_then_needs_nobody(
    database_settings: Settings,
) -> None:
    owner = _owner(database_settings, "plain_owner")
    try:
        with pytest.raises(DatabaseError, match="ask a superuser to do so there once"):
            upgrade(owner)
        with connect(database_settings, autocommit=True) as connection:
            connection.execute("create extension vector")
        assert upgrade(owner) != []
        with connect(owner) as connection:
            ensure_model(connection, MODEL)
            settings_of_function = connection.execute(
                "select proconfig from pg_proc where proname = 'near_contents'"
            ).fetchone()
        assert settings_of_function is not None
        assert "hnsw.iterative_scan=relaxed_order" in settings_of_function[0]
        with connect(owner) as connection:
            assert connection.execute("show hnsw.iterative_scan").fetchone() == ("strict_order",)
    finally:
        _drop(database_settings, "plain_owner")


def test_a_server_that_is_too_old_is_refused(
    database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MIN_SERVER_VERSION", 990000)
    with pytest.raises(DatabaseError, match="needs 99 or newer"):
        upgrade(database_settings)


def test_pgvector_that_is_too_old_is_refused(
    database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgvector, "MIN_PGVECTOR", (9, 9, 9))
    with pytest.raises(DatabaseError, match=r"has pgvector 0\.8\..*needs 9\.9\.9"):
        upgrade(database_settings)


def test_files_are_numbered_without_gaps_in_sense_and_in_lower_case() -> None:
    tables, repeatable = sql_files(packaged("sql"))
    numbers = [re.fullmatch(r"tables/(\d{4})_\w+\.sql", file.name) for file in tables]
    assert all(numbers)
    assert len({match[1] for match in numbers if match}) == len(tables)
    kinds = [file.name.split("/")[0] for file in repeatable]
    assert kinds == sorted(kinds, key=["functions", "views", "roles"].index)


def test_a_model_with_other_dimensions_becomes_active_under_the_same_views(
    upgraded_database_settings: Settings,
) -> None:
    wide = replace(MODEL, model_id="wide", dimensions=32)
    with connect(upgraded_database_settings) as connection:
        ensure_model(connection, MODEL)
        connection.execute("create view public.mine as select * from vidpipe.frame_embeddings")
        connection.commit()
        assert not ensure_model(connection, wide).is_active
        connection.commit()
        assert activate(connection, "wide").is_active
        connection.commit()
        table = connection.execute(
            "select table_name from information_schema.view_table_usage"
            " where view_schema = 'vidpipe' and view_name = 'frame_embeddings'"
        ).fetchone()
    assert table == ("frame_embeddings_m2",)
