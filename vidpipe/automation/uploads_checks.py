"""Whether the uploads could be looked at, all of them.

Belongs here: the check that says so.
Does not: looking (vidpipe.uploads.discovery), judging it where nothing runs
(vidpipe.automation.standing_checks).
"""

from typing import Any

from dagster import AssetCheckKey, AssetKey
from psycopg import Connection

from vidpipe.automation.asset_metadata import sample_table
from vidpipe.automation.corpus_checks import corpus_check
from vidpipe.automation.dated_checks import Verdict
from vidpipe.resources import Stores
from vidpipe.uploads.registry.registered_uploads import held_uploads
from vidpipe.uploads.registry.sweeps import sweep_problems

LOOK = AssetCheckKey(AssetKey("raw_videos"), "uploads_look_complete")


def look_verdict(connection: Connection[Any], _: Stores) -> Verdict:
    """Whether nothing stood against looking at all uploads, and which of them are held."""
    problems = sweep_problems(connection)
    held = held_uploads(connection)
    return Verdict(
        not problems,
        {"problems": problems, "held": len(held), "held_uploads": sample_table(held)},
    )


uploads_look_complete = corpus_check(
    LOOK,
    look_verdict,
    description="The last look at the uploads was complete and did not lose a large share of "
    "them. This check reads the registry of uploads after every run of `raw_videos` and with every "
    "tick of `uploads_sensor`. To recover: make `VIDPIPE_UPLOADS_URL` reachable; when many uploads "
    "were removed on purpose, raise `VIDPIPE_MAX_MISSING_SHARE` for one sweep.",
)
