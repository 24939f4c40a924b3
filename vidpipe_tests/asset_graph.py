"""The graph as Dagster sees it, in a form whose changes are readable in a diff.

`python -m vidpipe_tests.asset_graph` renews `asset_graph.json` beside this file.
"""

import json
from pathlib import Path
from typing import Any

from dagster import Definitions

from vidpipe.definitions import build_defs

SNAPSHOT = Path(__file__).with_suffix(".json")
RENEW = "python -m vidpipe_tests.asset_graph"


def asset_graph(defs: Definitions) -> dict[str, Any]:
    """Assets, checks, jobs, schedules and sensors by name.

    Left out: descriptions and code versions, which change with every improvement of a stage.
    """
    graph = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    return {
        "assets": {node.key.to_user_string(): _asset(node) for node in graph.asset_nodes},
        "checks": {
            f"{key.asset_key.to_user_string()}: {key.name}": _check(graph.get(key))
            for key in graph.asset_check_keys
        },
        "jobs": {
            job.name: sorted(node.name for node in job.graph.nodes)
            for job in defs.resolve_all_job_defs()
            if not job.name.startswith("__")
        },
        "schedules": {
            schedule.name: {
                "cron": schedule.cron_schedule,
                "job": schedule.job_name,
                "status": schedule.default_status.value,
                "timezone": schedule.execution_timezone,
            }
            for schedule in repository.schedule_defs
        },
        "sensors": {
            sensor.name: {
                "every_s": sensor.minimum_interval_seconds,
                "jobs": sorted(target.job_name for target in sensor.targets),
                "status": sensor.default_status.value,
            }
            for sensor in repository.sensor_defs
        },
    }


def _asset(node: Any) -> dict[str, Any]:
    partitions = node.partitions_def
    return {
        "backfill": node.backfill_policy and node.backfill_policy.policy_type.value,
        "deps": sorted(key.to_user_string() for key in node.parent_keys),
        "group": node.group_name,
        "kinds": sorted(node.kinds),
        "metadata": sorted(node.metadata),
        "owners": sorted(node.owners),
        "partitions": partitions and str(partitions),
    }


def _check(node: Any) -> dict[str, Any]:
    partitions = node.partitions_def
    return {"blocking": node.blocking, "partitions": partitions and str(partitions)}


def as_text(graph: dict[str, Any]) -> str:
    """One line a fact, in a fixed order."""
    return json.dumps(graph, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(as_text(asset_graph(build_defs())), encoding="utf-8")
