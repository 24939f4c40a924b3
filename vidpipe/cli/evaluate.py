"""`vidpipe evaluate`: how well the index answers labelled queries.

Belongs here: what is said at the terminal. Does not: asking and measuring (vidpipe.search).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vidpipe.cli.options import demo_models_option, json_option, with_environment
from vidpipe.cli.output import print_fitted, print_json
from vidpipe.errors import SettingsError

if TYPE_CHECKING:
    from rich.table import Table

    from vidpipe.search.labelled_queries import LabelledQuery

COLUMNS = ("mrr@5", "map@5", "judged@5")


@click.command()
@click.argument("queries", type=click.Path(path_type=Path), required=False)
@click.option("--judged", is_flag=True, help="Ask the saved queries that people judged.")
@click.option(
    "--calibrate",
    "calibrates",
    is_flag=True,
    help="Also learn what answers look like: when a search is certain, and from which score on.",
)
@click.option(
    "--model",
    metavar="MODEL",
    help="Ask this registered model by looks alone, active or not: to compare models.",
)
@json_option
@demo_models_option
@with_environment
def evaluate(
    queries: Path | None, judged: bool, calibrates: bool, model: str | None, as_json: bool
) -> None:
    """Ask labelled QUERIES (YAML) and measure how well they are answered.

    docs/searching.md says what the file holds; `vidpipe demo-world` writes one.
    """
    if (queries is None) != judged or (judged and (calibrates or model)):
        raise SettingsError("give a file of QUERIES, or --judged alone")
    if calibrates and model:
        raise SettingsError("--calibrate is about the active model: leave --model out")
    figures = (
        _judged_figures()
        if queries is None
        else _labelled_figures(queries, model=model, calibrates=calibrates)
    )
    if as_json:
        print_json(figures)
    else:
        _print(figures)


def _labelled_figures(path: Path, *, model: str | None, calibrates: bool) -> dict[str, Any]:
    """Asks every query of a file and keeps the figures.

    Args:
        path: path of the query set.
        model: id or number of a registered model to ask by looks alone, without its index; None for
            searches as people make them.
        calibrates: learn and keep when results are certain, and the cut-offs of searches, too.

    Raises:
        UnknownName: the file or a picture that it names cannot be read.
        SettingsError: the file is no query set.
        VidpipeError: nothing is indexed yet.
    """
    from vidpipe.cli.progress import stage_progress
    from vidpipe.search import certainty, cutoffs
    from vidpipe.search.evaluation import BY_LOOKS, Corpus, ask, ask_exactly, judge, report
    from vidpipe.search.labelled_queries import read_query_set
    from vidpipe.search.quality_history import record
    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings

    queries = read_query_set(path)
    if model is not None:
        queries = [query for query in queries if query.kind in BY_LOOKS]
    with open_searcher(load_settings(), model) as searcher, stage_progress() as bars:
        asked = 0

        def answer(query: "LabelledQuery") -> tuple[str, ...]:
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
            measured = cutoffs.calibrate(searcher, corpus, queries, path.parent)
            judges = certainty.calibrate(searcher, corpus, queries, path.parent)
            cutoffs.keep(searcher, measured, path)
            certainty.keep(searcher, judges, path)
            figures["cutoffs"] = [asdict(cutoff) for cutoff in measured]
            figures["certainty"] = [asdict(judge) for judge in judges]
    return figures


def _judged_figures() -> dict[str, Any]:
    """Asks every saved query that people judged.

    Raises:
        VidpipeError: nothing is indexed yet.
    """
    from vidpipe.search.evaluation import Corpus, judged_by_people, report
    from vidpipe.search.searcher import open_searcher
    from vidpipe.settings import load_settings

    with open_searcher(load_settings()) as searcher:
        return report(judged_by_people(searcher, Corpus.read(searcher.connection)), [])


def _print(figures: dict[str, Any]) -> None:
    from rich.table import Table

    from vidpipe.search.evaluation import figure_text

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
    print_fitted(table)
    counted, shown = figures["queries"], figures["share_of_stretches_shown"]
    print_fitted(
        f"{counted['visible']} of {counted['asked']} queries are visible: a keyframe shows what "
        f"they ask for; {counted['without_right_answer']} more have no right answer in the index."
    )
    if shown is not None:
        print_fitted(f"keyframes show {shown:.0%} of the stretches that are right")
    if "cutoffs" in figures:
        print_fitted("")
        print_fitted(_cutoff_table(figures["cutoffs"]))
        print_fitted("")
        print_fitted(_certainty_table(figures["certainty"]))


def _cutoff_table(cutoffs: Sequence[Mapping[str, Any]]) -> "Table | str":
    """What was calibrated, as people read it."""
    from rich.table import Table

    from vidpipe.search.cutoffs import FEWEST_QUERIES

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


def _certainty_table(judges: Sequence[Mapping[str, Any]]) -> "Table | str":
    """How well lists with an answer are told from those without, as people read it."""
    from rich.table import Table

    from vidpipe.search.certainty import FEWEST_OF_EACH

    if not judges:
        return (
            f"cut-offs alone tell what is certain: more takes {FEWEST_OF_EACH} questions of a kind "
            "with an answer and as many without"
        )
    table = Table("certain from", "confidence", "right kept", "absent not certain", box=None)
    for one in judges:
        table.add_row(
            one["kind"],
            f"{one['threshold']:.2f}",
            f"{one['kept']:.0%} of {one['queries']}",
            f"{one['emptied']:.0%} of {one['absent_queries']}",
        )
    return table
