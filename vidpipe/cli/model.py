"""`vidpipe model`: the registered models, and which one searches use.

Belongs here: what is said at the terminal. Does not: their tables (vidpipe.stores.model_registry),
comparing them (`vidpipe evaluate --model`).
"""

from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.options import json_option, with_environment, yes_option
from vidpipe.cli.output import print_fitted, print_json
from vidpipe.errors import SettingsError

if TYPE_CHECKING:
    import psycopg

FIGURES = ("mrr_at_5", "map_at_5", "query_set_sha256", "measured_at")


@click.group()
def model() -> None:
    """Models whose vectors are kept: one is searched, others can be filled beside it."""


@model.command("list")
@json_option
@with_environment
def list_models(as_json: bool) -> None:
    """Show all registered models, what they cover and how well they answered."""
    from rich.table import Table
    from rich.text import Text

    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.database import connect
    from vidpipe.stores.model_registry import coverage, registered_models

    settings = upgraded_settings()
    with connect(settings, autocommit=True) as connection:
        rows = [
            {
                "model_no": model.model_no,
                "model_id": model.model_id,
                "dimensions": model.dimensions,
                "is_active": model.is_active,
                "contents": (held := coverage(connection, model)).contents,
                "covered": held.covered,
                **_newest_figures(connection, model.model_id),
            }
            for model in registered_models(connection)
        ]
    if as_json:
        print_json(rows)
        return
    table = Table("no", "model", "length", "contents", "MRR@5", "MAP@5", "", box=None)
    for row in rows:
        figures = (
            "" if row[one] is None else f"{row[one]:.3f}" for one in ("mrr_at_5", "map_at_5")
        )
        table.add_row(
            str(row["model_no"]),
            Text(row["model_id"], overflow="fold"),
            str(row["dimensions"]),
            f"{row['covered']} of {row['contents']}",
            *figures,
            "active" if row["is_active"] else "",
        )
    print_fitted(table if rows else "no model is registered yet: vidpipe run registers one")


@model.command("activate")
@click.argument("name", metavar="MODEL")
@click.option("--incomplete", is_flag=True, help="Even if it covers less than 99 % of the videos.")
@with_environment
def activate_model(name: str, incomplete: bool) -> None:
    """Let all searches use MODEL (its id or number), at once."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.database import connect
    from vidpipe.stores.model_registry import ENOUGH_COVERAGE, activate, coverage, find_model

    settings = upgraded_settings()
    with connect(settings, autocommit=True) as connection:
        model = find_model(connection, name)
        held = coverage(connection, model)
        if held.share < ENOUGH_COVERAGE and not incomplete:
            raise SettingsError(
                f"{model.model_id} has vectors of {held.covered} of {held.contents} contents: "
                "vidpipe refresh with its models fills the others; --incomplete activates it now, "
                "and the others cannot be found by their looks"
            )
        activate(connection, model.model_id)
        row = connection.execute(
            "select count(*), count(cutoff) from vidpipe.saved_queries"
        ).fetchone()
    click.echo(f"searches use {model.model_id} now")
    saved, with_cutoff = row or (0, 0)
    if saved:
        click.echo(
            f"{saved} saved queries get new vectors: by the sensor while vidpipe up runs, or by "
            f"vidpipe query embed; {with_cutoff} have a cut-off that was chosen for another model"
        )
    click.echo("cut-offs of its searches: vidpipe evaluate QUERIES.yaml --calibrate")


@model.command("drop")
@click.argument("name", metavar="MODEL")
@yes_option
@with_environment
def drop(name: str, yes: bool) -> None:
    """Forget MODEL (its id or number) and its vectors in PostgreSQL; the lake keeps them."""
    from vidpipe.cli.environment import upgraded_settings
    from vidpipe.stores.database import connect
    from vidpipe.stores.model_registry import drop_model, find_model

    settings = upgraded_settings()
    with connect(settings, autocommit=True) as connection:
        model = find_model(connection, name)
        if yes or click.confirm(f"drop the vectors of {model.model_id}?"):
            drop_model(connection, model.model_id)
            click.echo(f"dropped {model.model_id}")


def _newest_figures(connection: "psycopg.Connection", model_id: str) -> dict[str, Any]:
    """The figures of a model's newest evaluation; None each where it was never evaluated."""
    row = connection.execute(
        f"select {', '.join(FIGURES)}"
        " from vidpipe.search_quality_runs where model_id = %s order by run_no desc limit 1",
        [model_id],
    ).fetchone()
    return dict(zip(FIGURES, row or (None,) * len(FIGURES), strict=True))
