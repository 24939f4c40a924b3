"""The words that `search_words` looks in, after the rules by which words are cut have changed.

Belongs here: cutting what is stored by older rules again, during an upgrade of the schema.
Does not: the rules (`sql/functions/word_*.sql`), words of posts that are published
(vidpipe.publication.searched_words).
"""

import logging
import time

import psycopg

from vidpipe.stores import locks

POSTS_AT_ONCE = 1_000

log = logging.getLogger(__name__)


def count_outdated(connection: psycopg.Connection) -> int:
    """Posts whose words were cut by older rules; none where words have no rules yet."""
    row = connection.execute("select to_regprocedure('vidpipe.word_rules()')").fetchone()
    if row is None or row[0] is None:
        return 0
    row = connection.execute(
        "select count(*) from vidpipe.video_words where cut_by < vidpipe.word_rules()"
    ).fetchone()
    return int(row[0]) if row else 0


def cut_again(connection: psycopg.Connection) -> int:
    """Cuts the words of all posts again that were cut by older rules, in batches.

    People search meanwhile, and find posts by what is stored of them at that moment. What is left
    when an upgrade is killed, the next one does.

    Args:
        connection: autocommit.

    Returns:
        Posts whose words were cut again.
    """
    outdated = count_outdated(connection)
    if not outdated:
        return 0
    log.info("words of %d posts are cut anew for search", outdated)
    started, done = time.monotonic(), 0
    while done_now := _cut_batch(connection):
        done += done_now
    connection.execute("analyze vidpipe.video_words")
    log.info("words of %d posts were cut in %.0f s", done, time.monotonic() - started)
    return done


def _cut_batch(connection: psycopg.Connection) -> int:
    """Cuts the words of some posts; not while a date is published, which writes the same rows."""
    with connection.transaction():
        connection.execute("set local client_min_messages = warning")
        locks.PUBLISH.take(connection)
        return connection.execute(
            "with batch as materialized (select video_id from vidpipe.video_words"
            " where cut_by < vidpipe.word_rules() order by video_id limit %s),"
            " cut as materialized (select * from vidpipe.words_of_posts("
            "array(select video_id from batch)))"
            " update vidpipe.video_words as w set words = coalesce(c.words, ''::tsvector),"
            " cut_by = vidpipe.word_rules() from batch as b left join cut as c using (video_id)"
            " where w.video_id = b.video_id",
            [POSTS_AT_ONCE],
        ).rowcount
