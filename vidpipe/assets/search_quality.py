"""The `search_quality` asset: wiring of the evaluation of search to Dagster.

Belongs here: what the UI says and shows of a run.
Does not: asking and scoring (vidpipe.search.evaluation).
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
from dagster import AssetExecutionContext, AssetsDefinition, MetadataValue, ResourceParam, asset

from vidpipe.alerts import send_alert
from vidpipe.automation.asset_metadata import picture, sample_table
from vidpipe.errors import SettingsError, VidpipeError
from vidpipe.media.contact_sheet import contact_sheet
from vidpipe.models.pictures import shown_as_jpeg
from vidpipe.resources import Stores
from vidpipe.search.evaluation import Corpus, Judged, figure_text, judge, report
from vidpipe.search.evaluation_worker import EvaluationWorker
from vidpipe.search.index_model import model_of_index
from vidpipe.search.labelled_queries import LabelledQuery, read_query_set
from vidpipe.search.quality_history import drops, record
from vidpipe.stores.media_store import MediaStore

QUERIES_A_BATCH = 32
BATCH_TIMEOUT_S = 600.0
WORST = 5  # queries that are shown with their pictures
BEST_FRAMES = 4  # frames shown of each


def search_quality_asset() -> AssetsDefinition:
    @asset(
        group_name="serve",
        kinds={"postgres", "pytorch"},
        owners=["team:video-pipeline"],
        deps=["pgvector_index"],
        metadata={"dagster/table_name": "vidpipe.search_quality_runs"},
    )
    def search_quality(context: AssetExecutionContext, stores: ResourceParam[Stores]) -> None:
        """How well the index answers queries whose right answers are known.

        It is made by asking PostgreSQL the labelled queries of the file `VIDPIPE_QUERY_SET`; its
        figures are kept in `vidpipe.search_quality_runs`. It runs in the job
        `measure_search_quality`, every night where that file is set.

        When a figure falls, the check `search_quality_holds` fails: look at the worst queries and
        their pictures. When the run itself fails, mend what its error names (a query set that
        cannot be read, an empty index) and materialise it again.
        """
        query_set = stores.settings.query_set
        if query_set is None:
            raise SettingsError("VIDPIPE_QUERY_SET is not set: there are no queries to ask")
        queries = read_query_set(query_set)
        with stores.session(context) as session:
            model = model_of_index(session.connection)
            corpus = Corpus.read(session.connection)
            answers = _answers(stores, query_set, [one for one in queries if corpus.relevant(one)])
            judged, without = judge(corpus, queries, lambda query: answers[query.id])
            figures = report(judged, without)
            run_no = record(
                session.connection, figures, query_set=query_set, model_id=model.model_id
            )
            if fallen := drops(session.connection):
                send_alert(
                    stores.settings,
                    "quality_drop",
                    f"{len(fallen)} figures of search quality fell",
                    [asdict(drop) for drop in fallen],
                )
            worst = _worst(judged)
            sheet = _sheet(stores, session.connection, query_set, worst)
        context.add_output_metadata(
            {
                "run_no": run_no,
                "model": model.model_id,
                "queries": figures["queries"]["visible"],
                "without_right_answer": figures["queries"]["without_right_answer"],
                **{
                    name: figures["overall"][measure]
                    for name, measure in (("mrr_at_5", "mrr@5"), ("map_at_5", "map@5"))
                    if measure in figures["overall"]
                },
                "figures": MetadataValue.md(_table(figures)),
                "worst_queries": sample_table(_rows(worst)),
                **({"worst_pictures": picture(sheet, "worst queries")} if sheet else {}),
            }
        )

    return search_quality


def _answers(stores: Stores, query_set: Path, queries: list[LabelledQuery]) -> dict[str, list[str]]:
    """Contents found for each query, by its id.

    Raises:
        VidpipeError: the worker died, or a query cannot be asked.
    """
    worker = EvaluationWorker(stores.settings, query_set)
    batches = [
        [{"id": query.id} for query in queries[start : start + QUERIES_A_BATCH]]
        for start in range(0, len(queries), QUERIES_A_BATCH)
    ]
    answers: dict[str, list[str]] = {}
    for outcome in stores.pipeline.engine.run(
        worker, batches, workers=1, timeout_s=BATCH_TIMEOUT_S
    ):
        if outcome.rows is None:
            raise VidpipeError(f"the queries could not be asked: {outcome.error}")
        answers |= {row["id"]: row["found"] for row in outcome.rows}
    return answers


def _worst(judged: list[Judged]) -> list[Judged]:
    visible = [one for one in judged if one.is_visible]
    return sorted(visible, key=lambda one: (one.figures()["map@5"], one.query.id))[:WORST]


def _rows(judged: list[Judged]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "query": one.query.id,
                "asked": " ".join(
                    [
                        one.query.text or "",
                        one.query.image or "",
                        *(f"+ {text}" for text in one.query.add),
                        *(f"- {text}" for text in one.query.subtract),
                    ]
                ).strip(),
                "map_at_5": one.figures()["map@5"],
                "right": len(one.relevant),
            }
            for one in judged
        ],
        schema={"query": pl.String, "asked": pl.String, "map_at_5": pl.Float64, "right": pl.Int64},
    )


def _sheet(stores: Stores, connection: Any, query_set: Path, judged: list[Judged]) -> bytes | None:
    """A row a query: its picture if it has one, and the frames of what was found first."""
    media = MediaStore(stores.settings.media)
    pictures: list[tuple[bytes, str]] = []
    for one in judged:
        asked = one.query.question(query_set.parent).picture
        shown = shown_as_jpeg(asked) if asked else b""
        pictures.append((shown, f"{one.query.id}: {one.query.text or 'this picture'}"))
        for place, content in enumerate(one.found[:BEST_FRAMES], start=1):
            (uri,) = connection.execute(
                "select image_uri from vidpipe.keyframes where content_sha256 = %s"
                " order by is_low_information, segment limit 1",
                [content],
            ).fetchone()
            mark = "right" if content in one.relevant else "wrong"
            pictures.append((media.get(uri), f"{place}: {mark}"))
    return contact_sheet(pictures, columns=1 + BEST_FRAMES) if pictures else None


def _table(figures: dict[str, Any]) -> str:
    """Figures of every group as Markdown."""
    groups = {
        "overall": figures["overall"],
        **figures["by_kind"],
        **figures["by_language"],
        "all, invisible ones too": figures["all_queries"],
    }
    lines = ["| | queries | MRR@5 | MAP@5 | recall@5 |", "|---|---|---|---|---|"]
    for name, means in groups.items():
        cells = [figure_text(means, measure) for measure in ("mrr@5", "map@5", "recall@5")]
        lines.append(f"| {name} | {means['queries']} | {' | '.join(cells)} |")
    return "\n".join(lines)
