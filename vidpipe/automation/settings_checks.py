"""Whether the models that are set are here, and whether what is shown was made under the settings.

Belongs here: the two checks that say so, with what making old results anew would take.
Does not: finding what is outdated (vidpipe.pipeline.outdated), making it anew (the job `refresh`),
judging them where nothing runs (vidpipe.automation.standing_checks).
"""

from typing import Any

from dagster import AssetCheckKey, AssetKey
from psycopg import Connection

from vidpipe.automation.corpus_checks import corpus_check
from vidpipe.automation.dated_checks import Verdict
from vidpipe.pipeline.outdated import outdated_work
from vidpipe.pipeline.stages import Session
from vidpipe.resources import Stores
from vidpipe.uploads.registry.pending_dates import outdated_dates

MODELS = AssetCheckKey(AssetKey("clip_embeddings"), "models_are_here")
SETTINGS = AssetCheckKey(AssetKey("pgvector_index"), "made_under_settings_in_force")


def models_verdict(_: Connection[Any], stores: Stores) -> Verdict:
    """Whether every stage finds its models, and what those say that do not."""
    missing = stores.pipeline.missing_models
    return Verdict(not missing, {"missing": missing})


def settings_verdict(connection: Connection[Any], stores: Stores) -> Verdict:
    """Whether all dates were made under the settings in force, and what making them anew takes."""
    dates = outdated_span(connection, stores)
    if dates.passed or stores.pipeline.missing_models:
        return dates
    work = outdated_work(stores.pipeline, Session(connection))
    return Verdict(
        passed=False,
        metadata={
            **dates.metadata,
            "items": work.items,
            "upload_bytes": work.upload_bytes,
            "hours": None if work.seconds is None else round(work.seconds / 3600, 2),
            "summary": str(work),
        },
    )


def outdated_span(connection: Connection[Any], stores: Stores) -> Verdict:
    """The same without what it takes: cheap enough for every tick."""
    in_force = stores.pipeline.in_force
    dates = outdated_dates(connection, in_force) if in_force.known else []
    return Verdict(
        not dates,
        {
            "settings": in_force.versions or "",
            "outdated_dates": len(dates),
            "first": str(dates[0]) if dates else "",
            "last": str(dates[-1]) if dates else "",
        },
    )


models_are_here = corpus_check(
    MODELS,
    models_verdict,
    description="The models that the settings name can be loaded. This check looks for their files "
    "with every run of `clip_embeddings` and every tick of `uploads_sensor`; while one is missing, "
    "the stages that need none go on. To recover: correct the setting that the sentence names, or "
    "put the model's files there; the dates that waited are then taken up by themselves.",
)


made_under_settings_in_force = corpus_check(
    SETTINGS,
    settings_verdict,
    description="Everything that is published was made under the settings and by the models in "
    "force. This check compares what each date was made of, after every run of `pgvector_index` "
    "and whenever `uploads_sensor` finds other settings. To recover: there is no fault to mend; "
    "new uploads are made under the new settings, and old results stay until somebody launches "
    "the job `refresh` for the dates, or calls `vidpipe refresh`; the figures say what that takes.",
)
