"""The search_quality asset: labelled queries asked in a run, and what the UI shows of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance

from vidpipe.definitions import build_defs
from vidpipe.demo.compositions import Composition
from vidpipe.demo.gallery import render_stills
from vidpipe.publication.transaction import publish_rows
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch, write_query_set
from vidpipe.settings import Settings
from vidpipe.stores.media_store import MediaStore
from vidpipe_tests.cli.command_line import call
from vidpipe_tests.installation import Installation
from vidpipe_tests.publication.published_rows import DAY, Post, date_rows, digest

POSTS = [Post("a:1", "c1", ocr=("ROAD CLOSED",)), Post("a:2", "c2"), Post("a:3", "c3")]


@pytest.fixture
def installation(upgraded_database_settings: Settings, tmp_path: Path) -> Iterator[Installation]:
    """An index of three posts with pictures in the media store, and queries about them."""
    (picture,) = render_stills([Composition.parse("tank/burning/street/day/clear")], seed=3)
    (tmp_path / "asked.png").write_bytes(picture)
    right = (RelevantStretch("a:1", 0, 9),)
    queries = [
        LabelledQuery("text", "text", right, text="a tank", language="en"),
        LabelledQuery("image", "image", right, image="asked.png"),
        LabelledQuery("caption", "caption", right, text="road closed", language="en"),
        LabelledQuery("gone", "text", (RelevantStretch("a:9", 0, 9),), text="a tank"),
    ]
    write_query_set(tmp_path / "queries.yaml", queries)
    settings = upgraded_database_settings.model_copy(
        update={"query_set": tmp_path / "queries.yaml"}
    )
    media = MediaStore(settings.media)
    for post in POSTS:
        for segment in range(3):
            media.put(f"media/{digest(post.content, segment)}.jpg", picture)
    with DagsterInstance.ephemeral() as instance:
        made = Installation.make(settings, tmp_path, instance)
        with made.connect() as connection:
            model = made.pipeline.model
            publish_rows(connection, date_rows(POSTS, model=model), ingest_date=DAY, model=model)
        yield made


def test_a_run_keeps_figures_and_shows_the_worst_queries(installation: Installation) -> None:
    job = build_defs(installation.stores).resolve_job_def("measure_search_quality")
    run = job.execute_in_process(instance=installation.instance)
    assert run.success
    (materialization,) = run.asset_materializations_for_node("search_quality")
    told = {name: value.value for name, value in materialization.metadata.items()}
    assert told["queries"] == 3
    assert told["without_right_answer"] == 1
    assert "| caption | 1 | 1.000 (1.000 to 1.000) |" in str(told["figures"])
    assert "asked&#46;png" in str(told["worst_queries"]) or "asked.png" in str(
        told["worst_queries"]
    )
    assert str(told["worst_pictures"]).startswith("![worst queries](data:image/jpeg;base64,")
    [(run_no, queries, mrr)] = installation.query(
        "select run_no, queries, mrr_at_5 from vidpipe.search_quality_runs"
    )
    assert (run_no, queries) == (told["run_no"], 3)
    assert mrr == pytest.approx(told["mrr_at_5"], abs=1e-3)
    (check,) = run.get_asset_check_evaluations()
    assert check.check_name == "search_quality_holds"
    assert check.passed


def test_a_fall_fails_the_check_and_names_what_fell(installation: Installation) -> None:
    job = build_defs(installation.stores).resolve_job_def("measure_search_quality")
    assert job.execute_in_process(instance=installation.instance).success
    with installation.connect() as connection:
        connection.execute(
            "update vidpipe.search_quality_runs set figures = jsonb_set(jsonb_set(figures,"
            " '{overall,mrr@5}', '2'), '{overall,mrr@5_95}', '[1.9, 2.1]')"
        )
    run = job.execute_in_process(instance=installation.instance)
    (check,) = run.get_asset_check_evaluations()
    assert not check.passed
    assert "at least 1.900" in str(check.metadata["overall mrr@5"].value)


def test_results_are_judged_one_by_one_and_not_asked_for_again(installation: Installation) -> None:
    settings = installation.settings
    with installation.connect() as connection:
        connection.execute(
            "insert into vidpipe.saved_queries (name, terms, embedding, model_id, embedded_at)"
            " select 'like-c1', '[{\"video\": \"a:1\"}]', f.embedding, m.model_id, now()"
            " from vidpipe.frame_embeddings as f cross join vidpipe.models as m"
            " where f.keyframe_sha256 = %s",
            [digest("c1", 0)],
        )

    def judge(answers: str) -> str:
        return call(settings, "judge", "like-c1", "-k", "3", stdin=answers).output

    told = judge("y\ns\nn\n")
    assert told.count("does it answer 'like-c1'?") == 3
    assert "\n2 judged. " in told
    grades = installation.query(
        "select video_id, grade from vidpipe.relevance_judgements order by grade desc"
    )
    assert grades[0] == ("a:1", 1)
    assert grades[1][1] == 0
    assert "\n0 judged. " in judge("q\n")
    assert "\n1 judged. " in judge("y\n"), "only what was skipped is asked for"
    assert judge("") == "0 judged. vidpipe evaluate --judged measures\n"
    assert not (settings.home / "judge.jpg").exists()
