"""What chance does in this corpus: the odds that E-values are made of.

Belongs here: reading the odds in force. Does not: measuring them (vidpipe.reuse.calibration), what
odds mean (vidpipe.reuse.comparison.odds).
"""

import psycopg

from vidpipe.reuse.comparison.odds import Odds
from vidpipe.reuse.version import comparison_version


def pairs_of(contents: int) -> float:
    """Pairs of so many contents, at least 1."""
    return max(1.0, contents * (contents - 1) / 2)


def odds_in_force(connection: psycopg.Connection, contents: int | None = None) -> Odds:
    """The odds as they were calibrated, else the usual ones.

    A calibration of another algorithm says nothing of this one.

    Args:
        connection: to an upgraded database.
        contents: how many contents there are to compare; those that were compared, when omitted.
    """
    if contents is None:
        row = connection.execute(
            "select count(*) from vidpipe.footage_contents where outcome = 'compared'"
        ).fetchone()
        contents = row[0] if row else 0
    pairs = pairs_of(contents)
    row = connection.execute(
        "select tail_share, tail_start_nats, tail_scale_nats from vidpipe.reuse_calibrations"
        " where is_in_force and comparison_version = %s",
        [comparison_version()],
    ).fetchone()
    return Odds(pairs, *row) if row else Odds(pairs)
