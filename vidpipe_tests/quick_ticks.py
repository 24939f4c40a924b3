"""The code location with sensors that tick every second, for tests of many runs.

`defs` is the whole code location; `elsewhere` is the same without sensors and schedules, as a
second host would serve it.
"""

from dagster import Definitions

from vidpipe.automation.sensors import SENSORS
from vidpipe.definitions import build_defs

for sensor in SENSORS:
    sensor._min_interval = 1

defs = build_defs()
_whole = build_defs()
elsewhere = Definitions(
    assets=_whole.assets,
    asset_checks=_whole.asset_checks,
    jobs=_whole.jobs,
    resources=_whole.resources,
    executor=_whole.executor,
)
