"""What readers and analysts may and may not do, as themselves."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from vidpipe.errors import DatabaseError, SettingsError
from vidpipe.publication.transaction import publish_rows
from vidpipe.settings import Settings
from vidpipe.stores.database import connect, connect_url
from vidpipe.stores.roles import grant_analyst, grant_reader, reader_url
from vidpipe_tests.publication.published_rows import DAY, MODEL, Post, date_rows

NASTY = "o'neil\"; drop schema vidpipe cascade; -- %s {}"
NAMES = ("ann_reader", "ann_analyst", NASTY)


@pytest.fixture(scope="module")
def settings(module_database_settings: Settings) -> Iterator[Settings]:
    """A published date, and logins that are dropped afterwards: they belong to the whole server."""
    with connect(module_database_settings) as connection:
        rows = date_rows([Post(f"tiktok:{n}", f"c{n}") for n in range(1_000)])
        publish_rows(connection, rows, ingest_date=DAY, model=MODEL)
    yield module_database_settings
    with connect(module_database_settings, autocommit=True) as connection:
        names = [*NAMES, f"{connection.info.dbname}_reader_login"]
        for name in names:
            if (
                connection.execute("select from pg_roles where rolname = %s", [name]).fetchone()
                is not None
            ):
                login = sql.Identifier(name)
                connection.execute(sql.SQL("drop owned by {}").format(login))
                connection.execute(sql.SQL("drop role {}").format(login))


@pytest.fixture
def reader(settings: Settings) -> Iterator[psycopg.Connection]:
    with connect_url(grant_reader(settings, "ann_reader"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def analyst(settings: Settings) -> Iterator[psycopg.Connection]:
    with connect_url(grant_analyst(settings, "ann_analyst"), autocommit=True) as connection:
        yield connection


def test_a_reader_reads_every_relation_of_the_contract(reader: psycopg.Connection) -> None:
    relations = reader.execute(
        "select oid::regclass from pg_class where relnamespace = 'vidpipe'::regnamespace"
        " and relkind in ('r', 'v')"
    ).fetchall()
    assert len(relations) > 12
    for (relation,) in relations:
        reader.execute(f"select * from {relation} limit 1")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into vidpipe.contents (content_sha256, size_bytes, ingest_date)"
        " values ('x', 1, now())",
        "update vidpipe.videos set description = ''",
        "delete from vidpipe.videos",
        "truncate vidpipe.videos",
        "insert into vidpipe.saved_queries (name, terms) values ('x', '[{}]')",
        "create table vidpipe.mine (x int)",
        "create table public.mine (x int)",
        "drop view vidpipe.frame_embeddings",
        "select * from vidpipe_ops.uploads",
        "select * from vidpipe_ops.failures",
        "alter role current_user superuser",
        "set role vidpipe_analyst",
    ],
)
def test_a_reader_changes_nothing_even_in_a_writing_transaction(
    reader: psycopg.Connection, statement: str
) -> None:
    reader.execute("set default_transaction_read_only = off")
    with pytest.raises(
        (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue)
    ):
        reader.execute(statement)


def test_timeouts_are_set_on_the_login_itself(
    reader: psycopg.Connection, analyst: psycopg.Connection
) -> None:
    def shown(connection: psycopg.Connection, name: str) -> str:
        row = connection.execute(f"show {name}").fetchone()
        assert row is not None
        return str(row[0])

    assert shown(reader, "statement_timeout") == "5min"
    assert shown(reader, "idle_in_transaction_session_timeout") == "1min"
    assert shown(reader, "default_transaction_read_only") == "on"
    assert shown(reader, "hnsw.iterative_scan") == "strict_order"
    assert shown(analyst, "statement_timeout") == "30min"
    assert shown(analyst, "default_transaction_read_only") == "off"


def test_a_nearest_neighbour_query_of_a_reader_uses_the_index(reader: psycopg.Connection) -> None:
    reader.execute(
        "prepare near(halfvec) as select keyframe_sha256 from"
        " vidpipe.frame_embeddings order by embedding <#> $1 limit 10"
    )
    vector = "[" + ",".join(["0.25"] * MODEL.dimensions) + "]"
    for mode in ("force_custom_plan", "force_generic_plan"):
        reader.execute(f"set plan_cache_mode = {mode}")
        plan = reader.execute(f"explain execute near('{vector}')").fetchall()
        text = "\n".join(line for (line,) in plan)
        assert "Index Scan using frame_embeddings_m1_hnsw" in text
        assert "Sort" not in text


def test_functions_run_as_a_reader(reader: psycopg.Connection) -> None:
    vector = "[" + ",".join(["0.25"] * MODEL.dimensions) + "]"
    found = reader.execute(
        "select video_id from vidpipe.search_videos_by_vector(%s::halfvec, %s, 7)",
        [vector, MODEL.model_id],
    ).fetchall()
    assert len(found) == 7
    assert reader.execute("select * from vidpipe.search_words('video', 3)").fetchall()
    assert reader.execute("select * from vidpipe.similar_videos('tiktok:1', 3)").fetchall()


def test_an_analyst_saves_changes_and_deletes_queries_and_nothing_else(
    analyst: psycopg.Connection, settings: Settings
) -> None:
    analyst.execute(
        "insert into vidpipe.saved_queries (name, terms, cutoff) values"
        ' (\'tank\', \'[{"text": "a tank", "weight": 1}]\', 0.3)'
    )
    with connect(settings, autocommit=True) as owner:
        owner.execute(
            "update vidpipe.saved_queries set embedding = '[1]', embedded_at = now(),"
            " model_id = %s",
            [MODEL.model_id],
        )
    analyst.execute("update vidpipe.saved_queries set note = 'kept' where name = 'tank'")
    kept = "select embedding is not null, note, created_by from vidpipe.saved_queries"
    assert analyst.execute(kept).fetchone() == (True, "kept", "ann_analyst")
    analyst.execute('update vidpipe.saved_queries set terms = \'[{"text": "a truck"}]\'')
    assert analyst.execute(kept).fetchone() == (False, "kept", "ann_analyst")
    for statement in (
        "update vidpipe.saved_queries set embedding = '[1]'",
        "delete from vidpipe.videos",
        "select * from vidpipe_ops.uploads",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            analyst.execute(statement)
    analyst.execute("delete from vidpipe.saved_queries")


def test_a_name_is_a_name_whatever_it_says(settings: Settings) -> None:
    url = grant_reader(settings, NASTY, 'it\'s "secret"/@:?#%')
    with connect_url(url) as connection:
        assert connection.execute("select current_user").fetchone() == (NASTY,)
        assert connection.execute("select count(*) from vidpipe.videos").fetchone() == (1_000,)


def test_granting_again_changes_the_password_and_the_kind(settings: Settings) -> None:
    first = grant_analyst(settings, "ann_reader")
    second = grant_reader(settings, "ann_reader")
    with pytest.raises(DatabaseError, match="password authentication failed"):
        connect_url(first)
    with connect_url(second, autocommit=True) as connection:
        groups = connection.execute(
            "select pg_has_role('vidpipe_reader', 'member'),"
            " pg_has_role('vidpipe_analyst', 'member')"
        ).fetchone()
    assert groups == (True, False)


@pytest.mark.parametrize("name", ["", "pg_me", "public", "vidpipe_reader", "a\x00b", "x" * 64])
def test_names_that_cannot_be_logins_are_refused(settings: Settings, name: str) -> None:
    with pytest.raises(SettingsError):
        grant_reader(settings, name)


def test_the_owner_is_not_turned_into_a_reader(settings: Settings) -> None:
    with pytest.raises(DatabaseError, match="owner's login and stays as it is"):
        grant_reader(settings, "vidpipe")


def test_the_installation_has_a_reader_of_its_own_that_stays_the_same(settings: Settings) -> None:
    url = reader_url(settings)
    assert reader_url(settings) == url
    kept = settings.home / "reader.password"
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text("lost")
    with connect_url(reader_url(settings)) as connection:
        assert connection.execute("select count(*) from vidpipe.videos").fetchone() == (1_000,)
