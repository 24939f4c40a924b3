"""How fast each stage has been on this installation: `vidpipe_ops.stage_work`.

Belongs here: writing down what a stage computed, and rates made of that.
Does not: what there is to compute (vidpipe.pipeline.outdated).
"""

from typing import Any

from psycopg import Connection

from vidpipe.pipeline.contract import StageReport

RUNS_OF_A_RATE = 20  # newest ones that a rate is made of


def note_work(connection: Connection[Any], report: StageReport, run_id: str | None) -> None:
    """Writes down what a stage computed; nothing where nothing was."""
    computed = report.total.new + report.total.failed
    if computed:
        connection.execute(
            "insert into vidpipe_ops.stage_work"
            " (run_id, stage, stage_version, items, failed, seconds)"
            " values (%s, %s, %s, %s, %s, %s)",
            [
                run_id,
                report.stage,
                report.version,
                computed,
                report.total.failed,
                report.seconds,
            ],
        )


def seconds_an_item(connection: Connection[Any]) -> dict[str, float]:
    """Seconds that an item of each stage took in its last runs; stages without any are left out."""
    rows = connection.execute(
        "select stage, sum(seconds) / sum(items) from"
        " (select *, row_number() over (partition by stage order by finished_at desc) as place"
        " from vidpipe_ops.stage_work) as w where place <= %s group by stage",
        [RUNS_OF_A_RATE],
    ).fetchall()
    return dict(rows)
