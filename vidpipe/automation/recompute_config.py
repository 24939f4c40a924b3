"""What can be asked for in the launchpad: results that are made anew.

Belongs here: the configuration of a stage's asset. Does not: what it does
(vidpipe.pipeline.recompute).
"""

from typing import Any

from dagster import AssetExecutionContext, Config
from pydantic import Field

from vidpipe.pipeline.recompute import Recompute

REFRESH_JOB = "refresh"


class ComparisonConfig(Config):
    """Configuration of `reused_footage`; the default compares only what was not compared yet."""

    force: bool = Field(
        False,
        description="Compare all contents of the run's dates again, also those that were compared "
        "before. What was found of them is replaced.",
    )


class RecomputeConfig(Config):
    """Configuration of a stage's asset; the default computes only what is missing."""

    refresh: bool = Field(
        False,
        description="Make anew what was made under other settings than those in force; runs of the "
        "job `refresh` do so of all stages where none is told to.",
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

    def asked(self, context: AssetExecutionContext) -> Recompute:
        """What the stage is asked for; runs of the job `refresh` ask for it without configuration.

        The launchpad shows the defaults above for that job, too, and launches them as they stand.
        Where such a run names what is made anew of some stages, the others are left alone.
        """
        ops: Any = context.run.run_config.get("ops", {})
        of_stages = [op.get("config", {}) for op in ops.values()]
        is_named = any(one.get("refresh") or one.get("force") for one in of_stages)
        refresh = self.refresh or (context.run.job_name == REFRESH_JOB and not is_named)
        return Recompute(refresh, self.force, tuple(self.items), self.reason)
