"""`vidpipe model`: the registered models, and which one searches use.

Belongs here: what is said at the terminal. Does not: their tables (vidpipe.stores.model_registry),
comparing them (`vidpipe evaluate --model`).
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import click
import psycopg
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vidpipe.errors import SettingsError
from vidpipe.settings import load_settings
from vidpipe.stores import model_registry as active_model
from vidpipe.stores.database import connect
from vidpipe.stores.model_registry import (
    ENOUGH_COVERAGE,
    coverage,
    drop_model,
    find_model,
    registered_models,
)
from vidpipe.stores.schema_upgrade import upgrade


def list_models(*, as_json: bool) -> None:
    """Prints all models, the oldest first."""
    settings = load_settings()
    upgrade(settings)
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
        json.dump(rows, sys.stdout, indent=2, default=str)
        sys.stdout.write("\n")
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
    Console().print(table if rows else "no model is registered yet: vidpipe run registers one")


def activate(name: str, *, incomplete: bool) -> None:
    """Makes a model the one that searches use.

    Raises:
        UnknownName: it is not registered.
        SettingsError: it covers too little, and `incomplete` is false.
    """
    settings = load_settings()
    upgrade(settings)
    with connect(settings, autocommit=True) as connection:
        model = find_model(connection, name)
        held = coverage(connection, model)
        if held.share < ENOUGH_COVERAGE and not incomplete:
            raise SettingsError(
                f"{model.model_id} has vectors of {held.covered} of {held.contents} contents: "
                "vidpipe run with its models fills the others; --incomplete activates it now, and "
                "the others cannot be found by their looks"
            )
        active_model.activate(connection, model.model_id)
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


def drop(name: str, *, confirm: Callable[[str], bool] | None) -> None:
    """Forgets a model and its vectors.

    Args:
        name: id or number.
        confirm: asks whether to go on; None does not ask.

    Raises:
        UnknownName: it is not registered.
        DatabaseError: it is the active one.
    """
    settings = load_settings()
    upgrade(settings)
    with connect(settings, autocommit=True) as connection:
        model = find_model(connection, name)
        if confirm is None or confirm(f"drop the vectors of {model.model_id}?"):
            drop_model(connection, model.model_id)
            click.echo(f"dropped {model.model_id}")


def _newest_figures(connection: psycopg.Connection, model_id: str) -> dict[str, Any]:
    """Of the model's newest evaluation."""
    row = connection.execute(
        "select mrr_at_5, map_at_5, query_set_sha256, measured_at"
        " from vidpipe.search_quality_runs where model_id = %s order by run_no desc limit 1",
        [model_id],
    ).fetchone()
    names = ("mrr_at_5", "map_at_5", "query_set_sha256", "measured_at")
    return dict(zip(names, row or (None,) * len(names), strict=True))
