"""Writing the report of the current topic run to the media store.

Belongs here: the file's name, and noting in PostgreSQL where it lies.
Does not: what it shows (gathering.py), the page (document.py).
"""

import psycopg

from vidpipe.errors import StoreError
from vidpipe.stores.database import ONE_MOMENT
from vidpipe.stores.media_store import MediaStore
from vidpipe.topics.corpus import Corpus
from vidpipe.topics.report.document import render
from vidpipe.topics.report.gathering import gather_report
from vidpipe.topics.space import Vectors


def write_report(
    connection: psycopg.Connection,
    media: MediaStore,
    corpus: Corpus,
    positions: Vectors,
    run_no: int,
) -> str:
    """Writes the HTML report of a run to the media store and notes where it lies.

    Args:
        connection: autocommit.
        media: the store of keyframes, into which the report goes.
        corpus: the corpus that the run has read.
        positions: vectors of its contents, shape (contents, axes).
        run_no: number of the run, the current one.

    Returns:
        URI of the report.

    Raises:
        StoreError: it cannot be written, or the run is not the current one.
    """
    with connection.transaction():
        connection.execute(ONE_MOMENT)
        (current,) = connection.execute(
            "select run_no from vidpipe.topic_runs where is_current"
        ).fetchone() or (None,)
        if current != run_no:
            raise StoreError(f"run {current} is current, and reports are of the current run")
        page = render(gather_report(connection, media, corpus, positions))
    uri = media.put(f"topics/run-{run_no}.html", page.encode())
    connection.execute(
        "update vidpipe.topic_runs set report_uri = %s where run_no = %s", [uri, run_no]
    )
    return uri
