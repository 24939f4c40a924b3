"""Erasing posts and accounts from all topic runs.

Belongs here: everything of a run that shows a post or names an account.
Does not: other stores (vidpipe.erasure), writing runs (store.py).
"""

from collections.abc import Sequence

import psycopg

from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.saved_model import model_folder


def forget(
    connection: psycopg.Connection,
    media: MediaStore,
    videos: Sequence[str],
    accounts: Sequence[str] = (),
) -> None:
    """Erases posts from all runs: rows, topics that are only theirs, reports, models and notes.

    Reports and BERTopic models of all runs that have read the posts go: maps show posts in no
    topic, too, and a model has the words of all posts.

    Args:
        connection: autocommit; the posts are still in `vidpipe.videos`.
        media: where reports and models are.
        videos: ids of the posts.
        accounts: ids, handles and names of accounts that go as a whole.
    """
    known = [list(videos)]
    runs = connection.execute(
        "select r.run_no, r.report_uri from vidpipe.topic_runs as r"
        " where exists (select from vidpipe.videos as v"
        " where v.video_id = any(%s) and v.ingest_date < r.week + 7)",
        known,
    ).fetchall()
    media.delete([report_uri for _, report_uri in runs if report_uri])
    for run_no, _ in runs:
        media.delete_folder(model_folder(run_no))
    connection.execute(
        "update vidpipe.topic_runs set report_uri = null where run_no = any(%s)",
        [[run_no for run_no, _ in runs]],
    )
    connection.execute(
        "update vidpipe.topic_runs as r set notes = array("
        " select n.note from unnest(r.notes) with ordinality as n (note, place)"
        " where not exists ("
        " select from unnest(%s::text[]) as v (id) where strpos(n.note, v.id) > 0)"
        " and not exists (select from unnest(%s::text[]) as a (name)"
        " where starts_with(n.note, 'account ' || a.name || ' is called ')"
        " or strpos(n.note, ' is called ' || a.name || ' now: ') > 0)"
        " order by n.place)",
        [*known, list(accounts)],
    )
    connection.execute("delete from vidpipe.video_topics where video_id = any(%s)", known)
    connection.execute(
        "delete from vidpipe.topics as t where not exists (select from vidpipe.video_topics as m"
        " where m.run_no = t.run_no and m.topic_id = t.topic_id)"
    )
    connection.execute(
        "update vidpipe.topics as t set medoid_video_id = (select min(m.video_id)"
        " from vidpipe.video_topics as m where m.run_no = t.run_no and m.topic_id = t.topic_id)"
        " where t.medoid_video_id = any(%s)",
        known,
    )
