"""`vidpipe forget`: erasing a video or an account.

Belongs here: asking, and telling what was erased. Does not: finding and erasing (vidpipe.erasure).
"""

import click

from vidpipe.cli.options import with_environment, yes_option
from vidpipe.cli.output import print_fitted


@click.command()
@click.argument("name", metavar="VIDEO|ACCOUNT")
@yes_option
@with_environment
def forget(name: str, yes: bool) -> None:
    """Erase a video (platform:id) or all videos of an account, for good.

    All files that were a version of them go, too. An account is named by its id, a handle or its
    name; where several have that handle or name, only an id will do.
    """
    from dagster import DagsterInstance

    from vidpipe.automation.partitions import keep_partitions
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.erasure import erase, find_traces
    from vidpipe.pipeline.stages import Pipeline, Session
    from vidpipe.stores.database import connect

    settings = upgraded_settings()
    pipeline = Pipeline.from_settings(settings)
    with connect(settings, autocommit=True) as connection:
        session = Session(connection)
        traces = find_traces(pipeline, session, name)
        if len(traces.accounts) > 1:
            print_fitted(f"{name} names several accounts: {', '.join(map(str, traces.accounts))}")
        files = traces.uploads.height
        question = (
            f"erase {files} files, {len(traces.contents)} contents and "
            f"{len(traces.image_uris)} keyframes of {name} for good?"
        )
        if not (yes or click.confirm(question)):
            return
        erase(pipeline, session, traces)
        with DagsterInstance.get() as instance:
            keep_partitions(instance, connection)
    print_fitted(
        f"erased {files} files of {name}; they will not be ingested again. "
        "The uploaded files themselves are yours to delete."
    )
