"""A file from outside: its footage print, and the contents that it is a copy of.

Belongs here: what is found of a file that nobody ingested. Does not: posts that show these contents
(vidpipe.reuse.copies), comparing a pair (vidpipe.reuse.comparison).

Nothing of the file is kept. It is decoded as uploads are: in a worker process, under their limits.
"""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import psycopg

from vidpipe.errors import ItemError, UnknownName
from vidpipe.pipeline.stages import Pipeline
from vidpipe.pipeline.workers.content_decoding import ContentDecoder
from vidpipe.pipeline.workers.footage_prints import FootagePrintWorker
from vidpipe.reuse.candidates import FootageIndex
from vidpipe.reuse.common_segments import without_common
from vidpipe.reuse.comparison import compare
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.comparison.pairs import USUAL_ODDS
from vidpipe.reuse.footage import Footage, footage_of_print
from vidpipe.reuse.matches import Match, Verdict
from vidpipe.uploads.names import encoded

START_S = 60.0
"""What a worker may take to start, besides reading the file."""


def digest_of_file(path: Path) -> str:
    """`content_sha256` of a file's bytes.

    Raises:
        UnknownName: it is no file, or cannot be read.
    """
    if not path.is_file():
        raise UnknownName(f"{path} is no file")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnknownName(f"{path} cannot be read: {error.strerror}") from error


def footage_of_file(pipeline: Pipeline, path: Path) -> Footage:
    """The print of a file; nothing of it is kept.

    Raises:
        UnknownName: it is no file, or cannot be read.
        ItemError: it is no video, hostile, over a limit, or cannot be decoded.
    """
    content, whole = digest_of_file(path), path.resolve()
    decoder = ContentDecoder.from_settings(pipeline.settings)
    worker = FootagePrintWorker(replace(decoder, uploads_url=str(whole.parent)))
    item = {
        "content_sha256": content,
        "upload_id": encoded(os.fsencode(whole.name)),
        "fingerprint": None,
    }
    timeout_s = START_S + pipeline.settings.max_decode_s
    [outcome] = pipeline.engine.run(worker, [[item]], workers=1, timeout_s=timeout_s)
    if outcome.rows is None:
        raise ItemError(f"{path} cannot be decoded: {outcome.error}") from outcome.error
    [row] = outcome.rows
    if row["status"] == "failed":
        raise ItemError(row["error_message"])
    return footage_of_print(content, row["footage_print"])


def matches_of_footage(
    connection: psycopg.Connection,
    index: FootageIndex,
    footage: Footage,
    odds: Odds = USUAL_ODDS,
) -> list[Match]:
    """What a file has to do with indexed contents, read from it, copies first.

    Args:
        connection: where contents are published, for equal bytes.
        index: prints of all contents.
        footage: the print of the file.
        odds: what chance does in the corpus.
    """
    found = []
    if not footage.is_too_short:
        for candidate in index.candidates(footage):
            match = compare(footage, index.footage(candidate.content), odds)
            if match is not None:
                found.append(match)
    if connection.execute(
        "select from vidpipe.contents where content_sha256 = %s", [footage.content]
    ).fetchone():
        found.append(Match(footage.content, footage.content, Verdict.IDENTICAL, 1.0, 1.0, (), 0.0))
    return sorted(without_common(found), key=lambda one: (not one.verdict.is_copy, -one.a_coverage))
