"""`vidpipe up` and `vidpipe down`: the database, the Dagster UI and daemon on this machine.

Belongs here: starting them in order, and what is said at the terminal. Does not: their processes
(ui_process.py for Dagster, vidpipe.stores.embedded.server for the database).
"""

import signal
from typing import TYPE_CHECKING

import click

from vidpipe.cli.options import demo_models_option, uploads_option, with_environment
from vidpipe.errors import VidpipeError

if TYPE_CHECKING:
    from vidpipe.cli.ui_process import Record


@click.command()
@uploads_option
@demo_models_option
@click.option("--port", default=3000, show_default=True, help="Port of the Dagster UI.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address that the Dagster UI listens on; another one opens it to the network, without "
    "any login.",
)
@with_environment
def up(port: int, host: str) -> None:
    """Start the database and the Dagster UI and daemon on this machine.

    They run until Ctrl-C or SIGTERM; runs in progress are interrupted and tried again later.
    """
    _end_on_signals()
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
            f"vidpipe is up already for {settings.home}: {running[1]} (vidpipe down stops it)"
        )
    ui_process.check_free(host, port)
    _note("starting the database …")
    upgrade(settings)
    with DagsterInstance.get() as instance:
        for run_id in mark_dead_runs(instance, settings):
            _note(f"run {run_id} marked failed: its process is gone")
        with connect(settings, autocommit=True) as connection:
            keep_partitions(instance, connection)
    if settings.uploads_url is None:
        _note("VIDPIPE_UPLOADS_URL is not set: the sensor has nowhere to look for uploads")
    if not ui_process.is_loopback(host):
        _note(
            f"WARNING: --host {host} opens the Dagster UI to the network. It has no login: whoever"
            " reaches it can start and delete runs. Put a proxy that knows your users before it"
        )
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    _note(f"Dagster UI: {address} (Ctrl-C stops it)")
    _serve(record, host, port, address)


def _serve(record: "Record", host: str, port: int, address: str) -> None:
    """Runs the UI and the daemon until they end or this process is told to end.

    Raises:
        VidpipeError: they ended by themselves.
    """
    from vidpipe.cli import ui_process

    # Polars, which was imported since, takes SIGINT for itself: waiting would not be interrupted.
    _end_on_signals()
    process = None
    try:
        process = ui_process.start(host, port)
        record.write(process, address)
        code = process.wait()
    except KeyboardInterrupt:
        _note("stopping …")
        code = 0
    finally:
        if process is not None:  # something is left, too, where the first process was killed
            ui_process.stop(process.pid)
            process.wait()
        record.clear()
    if code:
        raise VidpipeError(f"the Dagster UI and daemon ended by themselves (exit code {code})")


def _end_on_signals() -> None:
    """Lets SIGTERM and a closed terminal do what Ctrl-C does, from the start."""
    # Started from a script's background job this process ignores Ctrl-C, and so would Dagster.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup vidpipe up`
        signal.signal(signal.SIGHUP, signal.default_int_handler)


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
