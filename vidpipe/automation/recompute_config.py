"""What can be asked for in the launchpad: results that are made anew.

Belongs here: the configuration of a stage's asset. Does not: what it does
(vidpipe.pipeline.recompute).
"""

from dagster import Config
from pydantic import Field

from vidpipe.pipeline.recompute import Recompute


class RecomputeConfig(Config):
    """Configuration of a stage's asset; the default computes only what is missing."""

    refresh: bool = Field(
        False, description="Make anew what was made under other settings than those in force."
    )
    force: bool = Field(
        False, description="Make anew everything, also what was made under the settings in force."
    )
    items: list[str] = Field(
        [],
        description="Only what belongs to these uploads, videos, contents or keyframes (their "
        "ids); everything on the run's dates when empty.",
    )
    reason: str = Field(
        "", description="Why; it is kept in vidpipe_ops.recomputations with the run."
    )

    def asked(self) -> Recompute:
        """What the stage is asked for."""
        return Recompute(self.refresh, self.force, tuple(self.items), self.reason)
