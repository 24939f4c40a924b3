"""What the Dagster UI shows of the graph before anything ran."""

from pathlib import Path

import pytest
from dagster import (
    AssetKey,
    BackfillPolicy,
    Definitions,
    JobDefinition,
    ScheduleDefinition,
    SensorDefinition,
    TableSchema,
    in_process_executor,
)

from vidpipe.automation.partitions import INGEST_DATES, WEEKS
from vidpipe.definitions import build_defs
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.pipeline.contract import digest
from vidpipe.resources import Stores
from vidpipe.settings import Settings, load_settings
from vidpipe.stores.lake import ASSET_TABLES, LakeTable
from vidpipe_tests.asset_graph import RENEW, SNAPSHOT, as_text, asset_graph


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    image, text = demo_pair()
    return load_settings(home=home, clip_image_model=str(image), clip_text_model=str(text))


@pytest.fixture(scope="module")
def stores(settings: Settings) -> Stores:
    return Stores(settings)


@pytest.fixture(scope="module")
def defs(stores: Stores) -> Definitions:
    return build_defs(stores)


def test_the_graph_is_the_committed_one(defs: Definitions) -> None:
    graph = as_text(asset_graph(defs))
    assert graph == SNAPSHOT.read_text(encoding="utf-8"), (
        f"the asset graph changed; if it should, `{RENEW}` renews {SNAPSHOT.name}"
    )


@pytest.mark.parametrize(
    "job",
    [
        "__ASSET_JOB",
        "cluster_topics",
        "embed_queries",
        "ingest",
        "lake_maintenance",
        "measure_search_quality",
    ],
)
def test_every_job_and_what_people_materialise_runs_in_one_process(
    defs: Definitions, job: str
) -> None:
    assert defs.get_repository_def().get_job(job).executor_def is in_process_executor


def test_all_definitions_fit_together(defs: Definitions) -> None:
    Definitions.validate_loadable(defs)
    executed = [
        set(defs.resolve_job_def(job).asset_layer.executable_asset_keys)
        for job in (
            "ingest",
            "embed_queries",
            "measure_search_quality",
            "cluster_topics",
            "calibrate_reused_footage",
        )
    ]
    graph = defs.resolve_asset_graph()
    made = {node.key for node in graph.asset_nodes if not node.is_external}
    assert set().union(*executed) == made
    assert sum(len(of_job) for of_job in executed) == len(set().union(*executed))


def test_every_asset_says_what_it_is_made_of_when_it_runs_and_what_to_do(defs: Definitions) -> None:
    for node in defs.resolve_asset_graph().asset_nodes:
        name = node.key.to_user_string()
        description = node.description or ""
        parts = ("It is made ", "It runs in the job `", "the run itself fails|the run fails")
        for part in parts[:1] if node.is_external else parts:
            assert any(one in " ".join(description.split()) for one in part.split("|")), (
                name,
                part,
            )
        assert node.owners, name
        assert node.kinds, name
        assert node.group_name != "default", name


def test_every_check_says_what_holds_when_it_looks_and_how_to_recover(defs: Definitions) -> None:
    graph = defs.resolve_asset_graph()
    assert len(graph.asset_check_keys) >= 10
    for key in graph.asset_check_keys:
        holds, _, remedy = (graph.get(key).description or "").partition(" To recover: ")
        assert f"run of `{key.asset_key.to_user_string()}`" in holds, key
        assert len(remedy) > 20, key


def test_jobs_schedules_and_sensors_say_what_they_do_and_what_to_do(defs: Definitions) -> None:
    repository = defs.get_repository_def()
    described: list[SensorDefinition | ScheduleDefinition | JobDefinition] = [
        *repository.sensor_defs,
        *repository.schedule_defs,
        *own_jobs(defs),
    ]
    assert len(described) >= 11
    for one in described:
        text = one.description or ""
        assert any(word in text for word in ("fails", "failed")), one.name
        assert text.endswith("."), one.name
    for job in own_jobs(defs):
        assert "It runs " in (job.description or ""), job.name


def test_no_description_is_written_for_developers(defs: Definitions) -> None:
    graph, repository = defs.resolve_asset_graph(), defs.get_repository_def()
    texts = [node.description for node in graph.asset_nodes]
    texts += [graph.get(key).description for key in graph.asset_check_keys]
    texts += [sensor.description for sensor in repository.sensor_defs]
    texts += [schedule.description for schedule in repository.schedule_defs]
    texts += [job.description for job in own_jobs(defs)]
    for text in texts:
        assert text
        assert "Belongs here" not in text
        assert "Does not:" not in text
        assert "    " not in text, "a docstring's indentation"


def own_jobs(defs: Definitions) -> list[JobDefinition]:
    return [job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")]


@pytest.mark.parametrize("table", ASSET_TABLES, ids=lambda table: table.name)
def test_every_column_of_a_lake_table_is_described(defs: Definitions, table: LakeTable) -> None:
    node = defs.resolve_asset_graph().get(AssetKey(table.name))
    schema = node.metadata["dagster/column_schema"]
    assert isinstance(schema, TableSchema)
    assert [column.name for column in schema.columns] == list(table.schema)
    for column in schema.columns:
        assert column.description is not None, column.name
        assert column.description.endswith("."), column.name


def test_partitions_are_what_there_is_and_checks_of_dates_and_weeks_have_them(
    defs: Definitions,
) -> None:
    graph = defs.resolve_asset_graph()
    kinds = [node.partitions_def for node in graph.asset_nodes if node.is_partitioned]
    assert (kinds.count(INGEST_DATES), kinds.count(WEEKS), len(kinds)) == (6, 1, 7)
    for key in graph.asset_check_keys:
        check, asset = graph.get(key), graph.get(key.asset_key)
        assert check.partitions_def in (None, asset.partitions_def), key
    dated = [key for key in graph.asset_check_keys if graph.get(key).partitions_def is not None]
    assert len(dated) == 14


def test_a_backfill_of_many_dates_or_weeks_is_one_run(defs: Definitions) -> None:
    for node in defs.resolve_asset_graph().asset_nodes:
        if node.is_partitioned:
            assert node.backfill_policy == BackfillPolicy.single_run(), node.key


def test_what_others_make_stands_in_the_graph_and_everything_is_made_of_it(
    defs: Definitions,
) -> None:
    graph = defs.resolve_asset_graph()
    external = {node.key for node in graph.asset_nodes if node.is_external}
    assert external == {AssetKey("uploads"), AssetKey("saved_queries")}
    for node in graph.asset_nodes:
        assert node.is_external or node.parent_keys, node.key


def test_code_versions_are_the_stage_versions(defs: Definitions, stores: Stores) -> None:
    graph = defs.resolve_asset_graph()
    versions = stores.pipeline.versions
    made_together = {name: versions.pop(name) for name in ("keyframes", "footage_prints")}
    assert graph.get(AssetKey("keyframes")).code_version == digest(made_together)
    for name, version in versions.items():
        assert graph.get(AssetKey(name)).code_version == version
    published = graph.get(AssetKey("pgvector_index")).code_version
    assert published == stores.pipeline.versions_digest


def test_definitions_load_while_a_model_is_out_of_reach(settings: Settings, tmp_path: Path) -> None:
    """Data engineers must still see the graph; a run then says what is missing."""
    without = settings.model_copy(update={"clip_image_model": str(tmp_path / "missing")})
    graph = build_defs(Stores(without)).resolve_asset_graph()
    assert graph.get(AssetKey("clip_embeddings")).code_version is None
    assert graph.get(AssetKey("keyframes")).code_version is not None


def test_another_parameter_of_a_stage_is_another_version_downstream(
    defs: Definitions, settings: Settings
) -> None:
    more = settings.model_copy(update={"keyframes_per_video": 7})
    before, after = (one.resolve_asset_graph() for one in (defs, build_defs(Stores(more))))
    changed = {
        node.key.to_user_string()
        for node in before.asset_nodes
        if node.code_version != after.get(node.key).code_version
    }
    assert changed == {"keyframes", "ocr_text", "clip_embeddings", "pgvector_index"}
