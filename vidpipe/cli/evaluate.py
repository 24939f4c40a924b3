"""`vidpipe evaluate`: how well the index answers labelled queries.

Belongs here: what is said at the terminal. Does not: asking and measuring (vidpipe.search).
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from vidpipe.cli.progress import stage_progress
from vidpipe.search.cutoffs import FEWEST_QUERIES, calibrate, keep
from vidpipe.search.evaluation import (
    BY_LOOKS,
    Corpus,
    ask,
    ask_exactly,
    figure_text,
    judge,
    judged_by_people,
    report,
)
from vidpipe.search.labelled_queries import LabelledQuery, read_query_set
from vidpipe.search.quality_history import record
from vidpipe.search.searcher import open_searcher
from vidpipe.settings import load_settings

COLUMNS = ("mrr@5", "map@5", "judged@5")


def evaluate(path: Path, *, model: str | None, calibrates: bool, as_json: bool) -> None:
    """Asks every query of a file, prints figures by kind and language and keeps them.

    Args:
        path: of the query set.
        model: id or number of a registered model to ask by looks alone, without its index; None for
            searches as people make them.
        calibrates: measure and keep the cut-offs of searches, too.
        as_json: print one JSON document.

    Raises:
        UnknownName: the file or a picture that it names cannot be read.
        SettingsError: the file is no query set.
        VidpipeError: nothing is indexed yet.
    """
    queries = read_query_set(path)
    if model is not None:
        queries = [query for query in queries if query.kind in BY_LOOKS]
    with open_searcher(load_settings(), model) as searcher, stage_progress() as bars:
        asked = 0

        def answer(query: LabelledQuery) -> tuple[str, ...]:
            nonlocal asked
            asked += 1
            bars("queries", asked, len(queries))
            put = ask if model is None else ask_exactly
            return put(searcher, query, path.parent)

        corpus = Corpus.read(searcher.connection)
        judged, without = judge(corpus, queries, answer)
        figures = report(judged, without)
        record(searcher.connection, figures, query_set=path, model_id=searcher.model.model_id)
        if calibrates:
            cutoffs = calibrate(searcher, corpus, queries, path.parent)
            keep(searcher, cutoffs, path)
            figures["cutoffs"] = [asdict(cutoff) for cutoff in cutoffs]
    _tell(figures, as_json)


def evaluate_judged(*, as_json: bool) -> None:
    """Asks every saved query that people judged and prints figures.

    Raises:
        VidpipeError: nothing is indexed yet.
    """
    with open_searcher(load_settings()) as searcher:
        figures = report(judged_by_people(searcher, Corpus.read(searcher.connection)), [])
    _tell(figures, as_json)


def _tell(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        json.dump(figures, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(figures)


def _show(figures: dict[str, Any]) -> None:
    console = Console()
    columns = [name for name in COLUMNS if name in figures["all_queries"]]
    table = Table("", "queries", *(f"{name} (95 %)" for name in columns), box=None)
    for title, group in (
        ("all visible", {"": figures["overall"]}),
        ("kind", figures["by_kind"]),
        ("language", figures["by_language"]),
        ("same questions", figures["pairs"]),
        ("with invisible", {"": figures["all_queries"]}),
    ):
        for name, means in group.items():
            table.add_row(
                f"{title} {name}".strip(),
                str(means["queries"]),
                *(figure_text(means, column) for column in columns),
            )
    console.print(table)
    counted, shown = figures["queries"], figures["share_of_stretches_shown"]
    console.print(
        f"{counted['visible']} of {counted['asked']} queries are visible: a keyframe shows what "
        f"they ask for; {counted['without_right_answer']} more have no right answer in the index."
    )
    if shown is not None:
        console.print(f"keyframes show {shown:.0%} of the stretches that are right")
    if "cutoffs" in figures:
        console.print()
        console.print(_cutoff_table(figures["cutoffs"]))


def _cutoff_table(cutoffs: Sequence[Mapping[str, Any]]) -> Table | str:
    """What was calibrated, as people read it."""
    if not cutoffs:
        return f"no cut-off was set: a kind needs {FEWEST_QUERIES} visible queries"
    table = Table("cut-off of", "deviations", "right kept", "absent emptied", box=None)
    for one in cutoffs:
        emptied = "" if one["emptied"] is None else f"{one['emptied']:.0%}"
        table.add_row(
            one["kind"],
            f"{one['deviations']:.2f}",
            f"{one['kept']:.0%} of {one['queries']}",
            f"{emptied} of {one['absent_queries']}".strip(),
        )
    return table
