"""The sensor that keeps readers and analysts to their limits.

Belongs here: looking every half minute, and saying who was stopped.
Does not: which sessions are stopped (vidpipe.stores.session_limits).
"""

from dagster import (
    DefaultSensorStatus,
    ResourceParam,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)

from vidpipe.resources import Stores
from vidpipe.stores.database import connect, has_schema
from vidpipe.stores.session_limits import end_overlong_sessions


@sensor(
    minimum_interval_seconds=30,
    default_status=DefaultSensorStatus.RUNNING,
    description="Looks every 30 seconds for statements and transactions of readers and analysts "
    "that last longer than their logins allow, cancels them, and ends sessions that go on all the "
    "same: PostgreSQL lets everybody switch off their own timeouts. It starts no run.\n\nA tick "
    "that fails changes nothing and the next one tries again: see that the database can be "
    "reached, and that `vidpipe db check` misses no right.",
)
def session_limits_sensor(
    context: SensorEvaluationContext, stores: ResourceParam[Stores]
) -> SkipReason:
    with connect(stores.settings, autocommit=True) as connection:
        ended = end_overlong_sessions(connection) if has_schema(connection) else []
    for one in ended:
        how = "was cancelled" if one.by_cancelling else "was ended with its session"
        context.log.warning(f"{one.what} of login {one.login} lasted too long and {how}")
    return SkipReason(f"{len(ended)} sessions of readers and analysts were over their limits")
