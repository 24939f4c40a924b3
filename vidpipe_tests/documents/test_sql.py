"""SQL that the documents show, run on a small published date as the logins that people get."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from vidpipe.packaged import packaged
from vidpipe.publication.transaction import publish_rows
from vidpipe.reuse.matches import Verdict
from vidpipe.reuse.store import ComparedContent, Outcome, write_comparisons
from vidpipe.settings import Settings
from vidpipe.stores.database import connect, connect_url
from vidpipe.stores.roles import grant_analyst, grant_reader
from vidpipe_tests.documents.markdown import CHECKOUT, Block, blocks, documents, name_of
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    Post,
    date_rows,
    digest,
    failures,
    unit_vectors,
)
from vidpipe_tests.reuse.made_up_matches import match, stretch

README = (packaged("sql") / "README.md").read_text("utf-8")
QUERIES = re.findall(r"#### (\d+)\. ([^\n]*)\n.*?```sql\n(.*?)```", README, re.S)
ELSEWHERE = [
    block
    for document in documents()
    if name_of(document) != "sql/README.md"
    for block in blocks(document, "sql")
]


SILENT_SINCE = DAY - timedelta(days=30)
EARLIER = [
    Post(f"tiktok:1{number}", f"earlier{number}", "carol", description=f"a tank {number}")
    for number in range(10)
]
# Two topic runs: of the second, one topic of the corpus is new, and one of alice's.
TOPICS = """
insert into vidpipe.topic_runs (week, is_current, model_id, inputs_digest, videos, contents, topics,
    account_topics, outlier_share, settings, candidates, notes)
select date '2026-10-26', number = 2, 'test', number, 13, 12, 2, 1, 0, '{}', '[]', '{}'
from generate_series(1, 2) as number order by number;
insert into vidpipe.topics
select run, topic, scope, platform, account, label, array[label], 10, 10, 'tiktok:1', '{}', '[1]'
from (values (1, 1, 'global', null, null, 'tank'), (2, 1, 'global', null, null, 'tank'),
    (2, 2, 'global', null, null, 'cat'), (2, 3, 'account', 'tiktok', 'alice', 'street'))
    as given (run, topic, scope, platform, account, label);
insert into vidpipe.video_topics (run_no, video_id, topic_id, share, is_main)
select 2, v.video_id, t.topic, t.share, t.topic <> 2
from vidpipe.videos as v, (values (1, 0.6), (2, 0.4), (3, 1.0)) as t (topic, share)
where v.account = 'alice' or t.topic < 3;
insert into vidpipe.topic_lineage values (2, 1, 'kept', 1, 1, 1, 10), (2, 1, 'new', 2, null, 0, 2);
insert into vidpipe.events (date, label, account) values (%s, 'A ban', '@carol');
-- Bob had another handle when an earlier file of his post was fetched; one post's counts were read.
insert into vidpipe.video_versions (upload_id, video_id, version, is_current, content_sha256,
    ingest_date, first_seen_at, platform, account_id, account, description)
select 'earlier.mp4', video_id, 0, false, content_sha256, ingest_date,
    first_seen_at - interval '1 day',
    platform, account_id, 'robert', description
from vidpipe.video_versions where video_id = 'tiktok:2';
update vidpipe.videos set views = 100, likes = 7 where video_id = 'tiktok:1';
"""
# Bob's cat shows half of alice's tank; one content does not move.
FOOTAGE = [
    ComparedContent(digest("a"), Outcome.COMPARED, 40, 10.0, "v2"),
    ComparedContent(digest("b"), Outcome.COMPARED, 40, 10.0, "v2"),
    ComparedContent(digest("earlier0"), Outcome.STATIC, 9, 2.0, "v2", "nothing moves in it"),
]
REUSED = match(
    "a", "b", Verdict.CONTAINS, stretch((0, 5), (0, 5)), coverage=(0.5, 1), edits=("trimmed",)
)


@pytest.fixture(scope="module")
def published(module_database_settings: Settings) -> Settings:
    """Settings of a database with posts of two dates, a saved query and two topic runs."""
    posts = [
        Post("tiktok:1", "a", description="a tank", hashtags=("war",), ocr=("BREAKING NEWS",)),
        Post("tiktok:2", "a", account="bob", description="坦克在街上", ocr=("BREAKING NEWS",)),
        Post("tiktok:3", "b", account="bob", description="a cat"),
    ]
    rows = date_rows(posts)
    broken = failures({"stage": "raw_videos", "item_key": "x.mp4"})
    vector = unit_vectors(["tank"], MODEL.dimensions)[0].to_list()
    settings = module_database_settings
    with connect(settings) as connection:
        publish_rows(connection, replace(rows, failures=broken), ingest_date=DAY, model=MODEL)
        earlier = date_rows(EARLIER, ingest_date=SILENT_SINCE)
        publish_rows(connection, earlier, ingest_date=SILENT_SINCE, model=MODEL)
        connection.execute(
            "insert into vidpipe.saved_queries (name, terms, embedding, embedded_at, model_id)"
            " values ('destroyed-tank', '[{\"text\": \"tank\"}]', %s::real[]::halfvec, now(), %s)",
            [vector, MODEL.model_id],
        )
        psycopg.ClientCursor(connection).execute(TOPICS, [SILENT_SINCE])
        write_comparisons(connection, FOOTAGE, [REUSED], "test")
        connection.commit()
    return settings


@pytest.fixture(scope="module")
def reader(published: Settings) -> Iterator[psycopg.Connection]:
    with connect_url(grant_reader(published, "documents_reader"), autocommit=True) as connection:
        yield connection
    drop_login(published, "documents_reader")


@pytest.fixture(scope="module")
def analyst(published: Settings) -> Iterator[psycopg.Connection]:
    with connect_url(grant_analyst(published, "documents_analyst")) as connection:
        yield connection
    drop_login(published, "documents_analyst")


def drop_login(settings: Settings, name: str) -> None:
    """Logins belong to the server, which outlives the module's database."""
    with connect(settings, autocommit=True) as connection:
        login = sql.Identifier(name)
        connection.execute(sql.SQL("drop owned by {}").format(login))
        connection.execute(sql.SQL("drop role {}").format(login))


def test_there_are_thirty_three_queries() -> None:
    assert [int(number) for number, _, _ in QUERIES] == list(range(1, 34))


@pytest.mark.parametrize("query", [q for _, _, q in QUERIES], ids=[t for _, t, _ in QUERIES])
def test_a_query_of_the_readme_finds_something(reader: psycopg.Connection, query: str) -> None:
    assert reader.execute(query.encode()).fetchall() != []


def test_accounts_of_one_name_on_two_platforms_are_two_in_every_query(
    published: Settings, reader: psycopg.Connection
) -> None:
    """Rows are told apart by the platform that they name, and each account is counted once."""
    with connect(published) as connection:
        for table in ("videos", "video_versions"):
            connection.execute(
                f"update vidpipe.{table} set platform = 'x' where video_id = 'tiktok:2'"
            )
            connection.execute(
                f"update vidpipe.{table} set account_id = 'alice', account = 'alice'"
                " where video_id = 'tiktok:2'"
            )
        shares = connection.execute(
            _query("Which share of each account's posts shows a concept")
        ).fetchall()
        assert [row[1:3] for row in shares if row[:2] == ("tiktok", "alice")] == [("alice", 1)]
        assert [row[1:3] for row in shares if row[:2] == ("x", "alice")] == [("alice", 1)]
        assert len({row[:2] for row in shares}) == len(shares)
        hours = connection.execute(_query("When an account posts: hour of the day, UTC")).fetchall()
        assert {row[0] for row in hours} == {"tiktok", "x"}
        earlier = connection.execute(
            _query("Accounts that post the same bytes within ten minutes of each other")
        ).fetchall()
        assert {(row[0], row[2]) for row in earlier} <= {("tiktok", "x"), ("x", "tiktok")}
        assert earlier != []
        connection.rollback()
    assert (
        reader.execute(_query("Which share of each account's posts shows a concept")).fetchall()
        != []
    )


def test_an_account_without_a_platform_is_not_all_accounts_of_its_name(
    published: Settings,
) -> None:
    with connect(published) as connection:
        for table in ("videos", "video_versions"):
            connection.execute(
                f"update vidpipe.{table} set account_id = 'alice', account = 'alice',"
                " platform = null where video_id = 'tiktok:3'"
            )
        shares = connection.execute(
            _query("Which share of each account's posts shows a concept")
        ).fetchall()
        connection.rollback()
    assert [row[2] for row in shares if row[:2] == (None, "alice")] == [1]


def _query(title: str) -> bytes:
    [text] = [str(text) for _, one, text in QUERIES if str(one) == title]
    return text.encode()


def test_the_number_of_queries_is_told_right() -> None:
    assert "## Thirty-three queries" in README
    assert "thirty-three queries" in (CHECKOUT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("block", ELSEWHERE, ids=str)
def test_sql_of_the_other_documents_runs_for_an_analyst(
    analyst: psycopg.Connection, block: Block
) -> None:
    with analyst.transaction(force_rollback=True):
        for statement in filter(str.strip, block.text.split(";\n")):
            # A post of the tutorial's world is missed here only after the query was understood.
            with suppress(psycopg.errors.NoDataFound):
                analyst.execute(statement.encode())


def test_every_relation_of_the_schema_is_in_the_table_of_grains(
    reader: psycopg.Connection,
) -> None:
    relations = {
        name
        for (name,) in reader.execute(
            "select relname from pg_class where relnamespace = 'vidpipe'::regnamespace"
            " and relkind in ('r', 'v')"
        ).fetchall()
        if not re.search(r"_m\d+$", name)
    }
    assert relations == set(re.findall(r"^\| `(\w+)` \|", README, re.M))
