"""Whether reused footage waits for its first calibration.

Belongs here: asking the database that, light to import: a sensor does. Does not: calibrating
(vidpipe.reuse.calibration), asking for a run (vidpipe.automation.sensors).
"""

import psycopg

from vidpipe.reuse.version import comparison_version

ENOUGH_CONTENTS = 20
"""From so many compared contents on a calibration tells something."""


def uncalibrated_contents(connection: psycopg.Connection) -> int | None:
    """How many contents are compared; None where the comparison in force was calibrated."""
    row = connection.execute(
        "select (select count(*) from vidpipe.footage_contents where outcome = 'compared'),"
        " exists (select from vidpipe.reuse_calibrations where comparison_version = %s)",
        [comparison_version()],
    ).fetchone()
    assert row is not None
    contents, is_calibrated = row
    return None if is_calibrated else contents
