"""Backup and restore of the owned tables on the real embedded server."""

import json
import zipfile
from pathlib import Path

import psycopg
import pytest

from vidpipe.errors import DatabaseError, StoreError
from vidpipe.reuse.store import write_comparisons
from vidpipe.settings import Settings
from vidpipe.stores.backup import backup, ownership, restore
from vidpipe.stores.database import connect
from vidpipe.stores.model_identity import ModelIdentity
from vidpipe.stores.model_registry import activate, ensure_model, registered_models
from vidpipe.stores.schema_upgrade import upgrade
from vidpipe_tests.publication.published_rows import MODEL
from vidpipe_tests.reuse.made_up_matches import all_pairs, compared, match

OTHER = ModelIdentity("other@2", 8)
ODD = 'NULL, "quoted"\n\\N \t é 坦克'


def fill(settings: Settings) -> None:
    """A row in every owned table that has one to offer, odd values included."""
    with connect(settings) as connection:
        ensure_model(connection, MODEL)
        ensure_model(connection, OTHER)
        activate(connection, OTHER.model_id)
        connection.execute(
            "insert into vidpipe.saved_queries"
            " (name, terms, note, cutoff, embedding, embedded_at, model_id) values"
            " (%s, '[{\"text\": \"tank\"}]', '', 0.25, '[0.5,-0.25]', now(), %s),"
            " ('plain', '[{\"text\": \"car\"}]', null, null, null, null, null)",
            [ODD, OTHER.model_id],
        )
        connection.execute(
            "insert into vidpipe_ops.uploads"
            " (upload_id, uri, size_bytes, sidecars, first_seen_at, last_seen_at)"
            " values ('a/b%%20c.mp4', %s, 7, array[%s, ''], now(), now())",
            [ODD, ODD],
        )
        connection.execute("insert into vidpipe_ops.sweeps (started_at) values (now())")
        # Their posts come back with the next rebuild only, and are watched and judged before that.
        connection.execute("alter table vidpipe.relevance_judgements disable trigger user")
        connection.execute(
            "insert into vidpipe.relevance_judgements (query_name, video_id, grade, judged_by)"
            " values ('plain', 'a:1', 1, 'tom'), ('plain', 'a:1', 0, 'tom')"
        )
        connection.execute("alter table vidpipe.relevance_judgements enable trigger user")
        connection.execute(
            "update vidpipe.saved_queries set watch_threshold = 0.5, watched_by = 'ann'"
            " where name = 'plain'"
        )
    with connect(settings, autocommit=True) as connection:
        trio = all_pairs(["a", "b", "c"])
        write_comparisons(connection, compared(*"abcde"), [*trio, match("d", "e")], "test")
        write_comparisons(connection, compared("d"), all_pairs(["a", "b", "c", "d", "e"]), "test")


def owned_rows(settings: Settings) -> dict[str, list[str]]:
    """Every row of every owned table as text."""
    with connect(settings) as connection:
        return {
            table: sorted(
                row for (row,) in connection.execute(f"select t::text from {table} as t").fetchall()
            )
            for table in ownership().owned
        }


def test_a_restore_brings_every_owned_row_back(
    upgraded_database_settings: Settings, database_settings: Settings, tmp_path: Path
) -> None:
    fill(upgraded_database_settings)
    expected = owned_rows(upgraded_database_settings)
    file = tmp_path / "backup.zip"
    rows = backup(upgraded_database_settings, file)
    assert rows["vidpipe.saved_queries"] == 2
    assert rows["vidpipe.models"] == 2

    upgrade(database_settings)
    assert restore(database_settings, file) == rows
    assert owned_rows(database_settings) == expected
    with connect(database_settings) as connection:
        models = {model.model_id: model for model in registered_models(connection)}
        assert models[OTHER.model_id].is_active
        assert not models[MODEL.model_id].is_active
        next_sweep = connection.execute(
            "insert into vidpipe_ops.sweeps (started_at) values (now()) returning sweep_id"
        ).fetchone()
        next_cluster = connection.execute(
            "insert into vidpipe.footage_clusters (contents) values (0) returning cluster_id"
        ).fetchone()
        with pytest.raises(psycopg.errors.ForeignKeyViolation, match="there is no video"):
            connection.execute(  # what people write is checked again
                "insert into vidpipe.relevance_judgements (query_name, video_id, grade)"
                " values ('plain', 'a:1', 1)"
            )
    assert next_sweep == (2,)
    assert next_cluster == (3,)


def test_a_restore_replaces_what_came_after_the_backup(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    fill(upgraded_database_settings)
    expected = owned_rows(upgraded_database_settings)
    backup(upgraded_database_settings, tmp_path / "b.zip")
    with connect(upgraded_database_settings) as connection:
        connection.execute("delete from vidpipe_ops.uploads")
        connection.execute("update vidpipe.saved_queries set note = 'changed'")
    restore(upgraded_database_settings, tmp_path / "b.zip")
    assert owned_rows(upgraded_database_settings) == expected


def rewritten(source: Path, target: Path, changes: dict[str, bytes]) -> Path:
    """A copy of a zip with some files' contents replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
    return target


def test_wrong_damaged_and_newer_files_are_refused_and_change_nothing(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    settings = upgraded_database_settings
    fill(settings)
    good = tmp_path / "good.zip"
    backup(settings, good)
    with zipfile.ZipFile(good) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    text = tmp_path / "text.zip"
    text.write_text("hello")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good.read_bytes()[:-200])
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("cats.txt", "meow")

    def with_manifest(name: str, **changes: object) -> Path:
        changed = json.dumps({**manifest, **changes}).encode()
        return rewritten(good, tmp_path / name, {"manifest.json": changed})

    expected = owned_rows(settings)
    for file, message in (
        (tmp_path / "missing.zip", "does not exist"),
        (text, "not a backup of vidpipe"),
        (cut, "not a backup of vidpipe"),
        (other, "not a backup of vidpipe"),
        (
            rewritten(good, tmp_path / "edited.zip", {"vidpipe.saved_queries.csv": b"name\nx\n"}),
            "is not what was saved",
        ),
        (with_manifest("format.zip", format="something"), "is of something else"),
        (with_manifest("newer.zip", format_version=99), "made by a newer vidpipe"),
        (with_manifest("schema.zip", schema=["tables/9999_future.sql"]), "9999_future"),
        (with_manifest("list.zip", tables=[]), "not a backup of vidpipe"),
    ):
        with pytest.raises(StoreError, match=message):
            restore(settings, file)
    assert owned_rows(settings) == expected


def test_a_restore_that_fails_half_way_changes_nothing(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    settings = upgraded_database_settings
    fill(settings)
    backup(settings, tmp_path / "b.zip")
    with connect(settings) as connection:
        connection.execute(
            "alter table vidpipe_ops.uploads add constraint no check (size_bytes > 9) not valid"
        )
    expected = owned_rows(settings)
    with pytest.raises(DatabaseError, match="cannot be restored"):
        restore(settings, tmp_path / "b.zip")
    assert owned_rows(settings) == expected


def test_a_backup_that_cannot_be_written_leaves_the_old_one(
    upgraded_database_settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        backup(upgraded_database_settings, tmp_path / "no" / "such" / "b.zip")
    file = tmp_path / "b.zip"
    backup(upgraded_database_settings, file)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".zip"] == ["b.zip"]
    assert not list(tmp_path.glob(".*partial"))


def test_a_database_without_schema_says_what_to_run(
    upgraded_database_settings: Settings, database_settings: Settings, tmp_path: Path
) -> None:
    backup(upgraded_database_settings, tmp_path / "b.zip")
    with pytest.raises(DatabaseError, match="vidpipe db upgrade"):
        restore(database_settings, tmp_path / "b.zip")
