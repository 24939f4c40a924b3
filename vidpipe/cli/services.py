"""`vidpipe up` and `vidpipe down`: the database, the Dagster UI and daemon on this machine.

Belongs here: starting them in order, and what is said at the terminal. Does not: their processes
(ui_process.py for Dagster, vidpipe.stores.embedded.server for the database).
"""

import click

from vidpipe.cli.options import demo_models_option, uploads_option, with_environment
from vidpipe.errors import VidpipeError


@click.command()
@uploads_option
@demo_models_option
@click.option("--port", default=3000, show_default=True, help="Port of the Dagster UI.")
@with_environment
def up(port: int) -> None:
    """Start the database and the Dagster UI and daemon on this machine."""
    from dagster import DagsterInstance

    from vidpipe.automation.dead_runs import mark_dead_runs
    from vidpipe.automation.partitions import keep_partitions
    from vidpipe.cli import ui_process
    from vidpipe.settings import load_settings
    from vidpipe.stores.database import connect
    from vidpipe.stores.schema_upgrade import upgrade

    settings = load_settings()
    record = ui_process.Record.of(settings)
    if running := record.running():
        raise VidpipeError(
            f"vidpipe is up already for {settings.home}: http://127.0.0.1:{running[1]} "
            "(vidpipe down stops it)"
        )
    _note("starting the database …")
    upgrade(settings)
    with DagsterInstance.get() as instance:
        for run_id in mark_dead_runs(instance, settings):
            _note(f"run {run_id} marked failed: its process is gone")
        with connect(settings, autocommit=True) as connection:
            keep_partitions(instance, connection)
    if settings.uploads_url is None:
        _note("VIDPIPE_UPLOADS_URL is not set: the sensor has nowhere to look for uploads")
    _note(f"Dagster UI: http://127.0.0.1:{port} (Ctrl-C stops it)")
    process = ui_process.start(port)
    record.write(process, port)
    try:
        process.wait()
    except KeyboardInterrupt:
        _note("stopping …")
        ui_process.stop(process.pid)
        process.wait()
    finally:
        record.clear()
    _note("the database keeps running for other commands; vidpipe down stops it")


@click.command()
@with_environment
def down() -> None:
    """Stop what `up` and other commands left running for this VIDPIPE_HOME."""
    from vidpipe.cli import ui_process
    from vidpipe.settings import load_settings
    from vidpipe.stores.embedded import server as embedded_server

    settings = load_settings()
    record = ui_process.Record.of(settings)
    stopped = []
    if running := record.running():
        ui_process.stop(running[0])
        record.clear()
        stopped.append("Dagster UI and daemon stopped")
    if settings.database_url is None and embedded_server.stop(settings.home):
        stopped.append("embedded PostgreSQL stopped")
    for line in stopped or ["nothing was running"]:
        click.echo(line)


def _note(line: str) -> None:
    click.echo(line, err=True)
