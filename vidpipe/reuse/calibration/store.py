"""Calibrations in PostgreSQL: keeping them, and the E-values that follow.

Belongs here: rows. Does not: measuring (vidpipe.reuse.calibration.run), reading the odds
(vidpipe.reuse.corpus_odds).
"""

from dataclasses import dataclass

import psycopg

from vidpipe.reuse.calibration.figures import Calibration, EditFigures
from vidpipe.reuse.comparison.gates import MOST_EXPECTED
from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.corpus_odds import odds_in_force
from vidpipe.reuse.version import comparison_version

LARGEST_EXPONENT = 700
"""PostgreSQL takes a number that underflows for an error."""


def record(
    connection: psycopg.Connection, found: Calibration, dagster_run_id: str | None = None
) -> int:
    """Keeps a calibration, puts it in force, and computes E-values of stored matches anew.

    Verdicts stay as they are; `no_copy_is_doubtful` names those that would not be given now.

    Args:
        connection: autocommit, held by `vidpipe.reuse.store.one_at_a_time`.
        found: what was measured.
        dagster_run_id: the Dagster run, which is kept with the row.

    Returns:
        The number of the calibration.
    """
    values = {
        "contents": found.contents,
        "corpus_contents": found.corpus,
        "copies": found.copies,
        "recall": found.recall,
        "pairs": found.tail.pairs,
        "pairs_in_tail": found.tail.reached,
        "tail_share": found.tail.share,
        "tail_start_nats": found.tail.start_nats,
        "tail_scale_nats": found.tail.scale_nats,
        "checked_pairs": found.check.pairs,
        "checked_expected": found.check.expected,
        "checked_observed": found.check.observed,
        "check_holds": found.check.holds,
        "e_limit": MOST_EXPECTED,
        "needed_nats": found.needed_nats,
        "comparison_version": comparison_version(),
        "dagster_run_id": dagster_run_id,
    }
    with connection.transaction():
        connection.execute("update vidpipe.reuse_calibrations set is_in_force = false")
        columns, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        row = connection.execute(
            f"insert into vidpipe.reuse_calibrations ({columns}, is_in_force)"
            f" values ({places}, true) returning calibration_no".encode(),
            values,
        ).fetchone()
        assert row is not None
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into vidpipe.reuse_calibration_edits (calibration_no, edit, copies, found,"
                " proposed, verdict_right, offset_error_s) values (%s, %s, %s, %s, %s, %s, %s)",
                [
                    (
                        row[0],
                        one.edit,
                        one.copies,
                        one.found,
                        one.proposed,
                        one.verdict_right,
                        one.offset_error_s,
                    )
                    for one in found.edits
                ],
            )
        _renew_e_values(connection, odds_in_force(connection))
    return int(row[0])


@dataclass(frozen=True)
class StoredCalibration:
    """A calibration as it is kept.

    Attributes:
        number: of the calibration.
        edits: figures by edit.
    """

    number: int
    edits: dict[str, EditFigures]


def newest(connection: psycopg.Connection, count: int) -> list[StoredCalibration]:
    """The newest calibrations, the newest first."""
    numbers = connection.execute(
        "select calibration_no from vidpipe.reuse_calibrations order by 1 desc limit %s", [count]
    ).fetchall()
    stored = []
    for (number,) in numbers:
        rows = connection.execute(
            "select edit, copies, found, proposed, verdict_right, offset_error_s"
            " from vidpipe.reuse_calibration_edits where calibration_no = %s order by edit",
            [number],
        ).fetchall()
        stored.append(StoredCalibration(number, {row[0]: EditFigures(*row) for row in rows}))
    return stored


def _renew_e_values(connection: psycopg.Connection, odds: Odds) -> None:
    """E-values of stored matches under given odds; equal bytes have no stretches and keep 0."""
    connection.execute(
        """
        update vidpipe.footage_matches as m
        set e_value = %(pairs)s * %(share)s * exp(-least(
            %(most)s, greatest(0, s.surety - %(start)s) / %(scale)s
        ))
        from (
            select content_a, content_b, max(surety)::double precision as surety
            from vidpipe.footage_segments
            group by content_a, content_b
        ) as s
        where m.content_a = s.content_a and m.content_b = s.content_b
        """,
        {
            "pairs": odds.pairs,
            "share": odds.share,
            "start": odds.start_nats,
            "scale": odds.scale_nats,
            "most": LARGEST_EXPONENT,
        },
    )
