"""A changed setting or model recomputes nothing until somebody asks for it.

The tests share one installation and run in order: each adds to what the one before it left.
"""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from dagster import DagsterInstance, ExecuteInProcessResult

from vidpipe.automation.in_process import step_errors
from vidpipe.automation.work_status import read_status
from vidpipe.models.bundled_pair import demo_pair
from vidpipe.pipeline.recompute import chosen_keys
from vidpipe.settings import Settings
from vidpipe.stores.lake import ASSET_TABLES, CLIP_EMBEDDINGS, KEYFRAMES, OCR_TEXT, RAW_VIDEOS
from vidpipe_tests.clips import COLOURS, tiny_clip
from vidpipe_tests.installation import Installation, age, computed

FIRST, SECOND = date(2025, 3, 3), date(2025, 3, 4)
STAGES = [table.name for table in ASSET_TABLES]
# What these tests bring about is told by these checks, as it should be.
EXPECTED = ("failure_share_is_low", "no_date_fails_a_check", "made_under_settings_in_force")
FEWER = {"keyframes_per_video": 2}


def upload(installation: Installation, name: str, seed: int) -> None:
    path = installation.uploads / name
    path.parent.mkdir(parents=True, exist_ok=True)
    age(tiny_clip(path, seconds=2, colours=COLOURS, seed=seed))


@pytest.fixture(scope="module")
def before(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Three videos and a broken one on two dates, made under the settings of before."""
    folder = tmp_path_factory.mktemp("installation")
    with DagsterInstance.ephemeral() as instance:
        installation = Installation.make(module_database_settings, folder, instance)
        installation = installation.under(keyframes_per_video=3)
        for seed, name in enumerate(
            (f"{FIRST}/a/one.mp4", f"{FIRST}/a/two ü.mp4", f"{SECOND}/b.mp4")
        ):
            upload(installation, name, seed)
        broken = installation.uploads / f"{SECOND}/broken.mp4"
        broken.write_bytes(bytes(5_000))
        age(broken)
        installation.run()
        yield installation


@pytest.fixture(scope="module")
def after(before: Installation) -> Installation:
    """The same installation with another number of keyframes."""
    return before.under(**FEWER)


def made(result: ExecuteInProcessResult) -> dict[str, int]:
    """Items that a run computed by stage; stages that had nothing to do are left out."""
    counts = {stage: computed(result, stage) for stage in STAGES}
    return {
        stage: found["new"] + found["failed"]
        for stage, found in counts.items()
        if found["new"] + found["failed"]
    }


def frames(installation: Installation) -> dict[str, int]:
    """Keyframes that analysts see, by upload."""
    rows = installation.query(
        "select v.upload_id, count(*) from vidpipe.videos as v"
        " inner join vidpipe.keyframes as k using (content_sha256) group by 1"
    )
    return {str(name).rpartition("/")[2]: count for name, count in rows}


def assert_sound(result: ExecuteInProcessResult) -> None:
    assert step_errors(result) == []
    assert result.success
    failed = [
        (one.check_name, dict(one.metadata))
        for one in result.get_asset_check_evaluations()
        if not one.passed and one.check_name not in EXPECTED
    ]
    assert failed == []


def test_a_changed_setting_makes_no_date_pending(before: Installation, after: Installation) -> None:
    assert frames(before) == {"one.mp4": 3, "two%20%C3%BC.mp4": 3, "b.mp4": 3}
    assert before.outdated().dates == []
    assert after.pending() == []
    work = after.outdated()
    assert work.dates == [FIRST, SECOND]
    assert (work.items["keyframes"], work.items["ocr_text"]) == (3, 9)
    assert work.items["footage_prints"] == 3, "they are made in the pass of the keyframes"
    assert work.items["clip_embeddings"] >= 9, "frames, and texts if any were read"
    sizes = [path.stat().st_size for path in before.uploads.rglob("*.mp4")]
    assert work.upload_bytes == sum(sizes) - 5_000
    assert work.seconds is not None
    assert work.seconds > 0
    assert "2 dates (2025-03-03 to 2025-03-04) were made under other settings" in str(work)


def test_a_new_upload_is_made_under_the_new_settings_and_its_neighbours_are_left(
    after: Installation,
) -> None:
    upload(after, f"{FIRST}/a/three.mp4", 7)
    after.register()
    assert after.pending() == [FIRST]
    result = after.run()
    assert_sound(result)
    assert made(result)["keyframes"] == 1
    assert made(result)["ocr_text"] <= 2
    assert frames(after) == {"one.mp4": 3, "two%20%C3%BC.mp4": 3, "b.mp4": 3, "three.mp4": 2}
    [(vectors,)] = after.query("select count(*) from vidpipe.frame_embeddings")
    assert vectors == 11
    assert after.pending() == []
    assert after.outdated().items["keyframes"] == 3


def test_running_an_old_date_again_computes_its_failures_only(after: Installation) -> None:
    result = after.materialize([FIRST, SECOND])
    assert_sound(result)
    assert made(result) == {}, "what failed at probing failed under these settings, too"
    assert frames(after)["b.mp4"] == 3


def test_another_limit_tries_failures_again_once_and_names_them_in_the_log_of_the_run(
    after: Installation,
) -> None:
    assert after.under(max_upload_bytes=after.settings.max_upload_bytes * 2).pending() == [SECOND]
    lowered = after.under(max_upload_bytes=4_000)
    assert lowered.pending() == [SECOND]
    result = lowered.run()
    assert made(result) == {"raw_videos": 1}
    assert lowered.pending() == []
    lines = [entry.user_message for entry in after.instance.all_logs(result.run_id)]
    [(sentence,)] = after.query("select sentence from vidpipe.video_failures")
    assert "it has 5000 bytes, more than 4000" in sentence
    assert sentence in lines
    assert after.pending() == [SECOND]
    assert made(after.run()) == {"raw_videos": 1}
    assert after.pending() == []


def test_a_new_model_embeds_new_uploads_and_leaves_the_vectors_of_the_other(
    after: Installation, tmp_path: Path
) -> None:
    image = tmp_path / "another-image-model"
    shutil.copytree(demo_pair()[0], image)
    (image / "README.md").write_text("the same weights under another name")
    other = after.under(clip_image_model=str(image))
    assert other.pipeline.model.model_id != after.pipeline.model.model_id
    assert other.pending() == []
    upload(other, f"{FIRST}/a/four.mp4", 9)
    result = other.run()
    assert_sound(result)
    counts = made(result)
    assert (counts["raw_videos"], counts["keyframes"]) == (1, 1)
    assert counts["clip_embeddings"] <= 3
    [(old,)] = after.query("select count(*) from vidpipe.frame_embeddings_m1")
    [(new,)] = after.query("select count(*) from vidpipe.frame_embeddings_m2")
    assert (old, new) == (11, 2)
    assert other.pending() == []
    stages = {"keyframes", "footage_prints", "ocr_text", "clip_embeddings"}
    assert set(other.outdated().items) == stages
    upload(after, f"{FIRST}/a/four.mp4", 9)
    again = after.run()
    assert_sound(again)
    [(old,)] = after.query("select count(*) from vidpipe.frame_embeddings_m1")
    assert old == 11, "what another model embedded is not embedded again unasked"


def test_what_is_asked_for_is_made_anew(after: Installation) -> None:
    asked = {stage: {"refresh": True, "reason": "fewer frames"} for stage in STAGES}
    result = after.materialize([SECOND], asked)
    assert_sound(result)
    assert made(result)["keyframes"] == 1
    assert frames(after)["b.mp4"] == 2
    assert after.outdated().dates == [FIRST]
    result = after.refresh([FIRST, SECOND])
    assert_sound(result)
    assert frames(after) == dict.fromkeys(
        ("one.mp4", "two%20%C3%BC.mp4", "b.mp4", "three.mp4", "four.mp4"), 2
    )
    assert after.outdated().dates == []
    assert "everything was made under the settings in force" in str(after.outdated())
    [(vectors,)] = after.query("select count(*) from vidpipe.frame_embeddings_m1")
    assert vectors == 10
    kept = after.query(
        "select stage, items, is_forced, reason from vidpipe_ops.recomputations"
        " where stage = 'keyframes' order by asked_at"
    )
    assert kept == [
        ("keyframes", 1, False, "fewer frames"),
        ("keyframes", 2, False, ""),
    ]
    assert made(after.materialize([FIRST, SECOND], asked)) == {}


def test_an_item_is_made_anew_alone_however_it_is_named(after: Installation) -> None:
    [(upload_id, video_id, content)] = after.query(
        "select upload_id, video_id, content_sha256 from vidpipe.videos where upload_id like %s",
        "%%two%%",
    )
    path = f"{FIRST}/a/two ü.mp4"
    with after.connect() as connection:
        snapshot = after.pipeline.snapshot(after.session(connection), [FIRST])
        for name in (upload_id, video_id, content, path):
            assert chosen_keys(snapshot, KEYFRAMES, [name])["content_sha256"].to_list() == [content]
        frames_of_it = snapshot.frames.filter(pl.col("content_sha256") == content)
        frame = frames_of_it["keyframe_sha256"][0]
        assert chosen_keys(snapshot, OCR_TEXT, [frame]).height == 1
        assert chosen_keys(snapshot, KEYFRAMES, [frame]).is_empty()
        assert chosen_keys(snapshot, RAW_VIDEOS, [path])["upload_id"].to_list() == [upload_id]
        vectors = chosen_keys(snapshot, CLIP_EMBEDDINGS, [path]).filter(pl.col("kind") == "image")
        assert set(vectors["input_sha256"]) == set(frames_of_it["keyframe_sha256"])
    commit = newest(after)
    asked = {"keyframes": {"force": True, "items": [path], "reason": "looks wrong"}}
    result = after.materialize([FIRST], asked)
    assert_sound(result)
    assert made(result) == {"keyframes": 1}
    assert {key for key, at in newest(after).items() if at != commit[key]} == {content}
    assert after.pending() == []


def newest(installation: Installation) -> dict[str, Any]:
    rows = installation.pipeline.lake.scan(KEYFRAMES).collect()
    return dict(rows.group_by("content_sha256").agg(pl.col("committed_at").max()).iter_rows())


def test_a_name_of_nothing_ends_the_run_with_a_sentence(after: Installation) -> None:
    asked = {"keyframes": {"force": True, "items": ["no-such-thing"]}}
    result = after.materialize([FIRST], asked)
    assert not result.success
    [failure] = [event for event in result.all_events if event.is_step_failure]
    told = failure.step_failure_data.user_failure_data
    assert told is not None
    assert (told.description or "").startswith("no-such-thing is no upload, video")
    assert after.pending() == []


def test_a_recomputation_that_is_cut_short_leaves_its_date_pending(
    after: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidpipe.pipeline.recompute.Lake.delete", _killed)
    result = after.materialize([FIRST], {"keyframes": {"force": True}})
    assert not result.success
    monkeypatch.undo()
    assert after.pending() == [FIRST]
    told = read_status(after.instance, after.stores).pending_dates
    assert told == [f"{FIRST}: some of its results are still to be made"]
    assert frames(after)["one.mp4"] == 2, "analysts see the date as it was"
    assert after.run().success
    assert after.pending() == []


def _killed(*_: object, **__: object) -> None:
    raise KeyError("killed")


def test_results_are_made_anew_at_once_where_that_is_set(after: Installation) -> None:
    eager = after.under(keyframes_per_video=1, refresh="auto")
    assert eager.pending() == [FIRST, SECOND]
    assert_sound(eager.run())
    assert set(frames(eager).values()) == {1}
    assert eager.pending() == []


def test_settings_of_before_find_their_results_again(after: Installation) -> None:
    asked = {stage: {"refresh": True} for stage in STAGES}
    work = after.outdated()
    assert (work.dates, work.items) == ([FIRST, SECOND], {})
    assert "publish them anew, without computing anything" in str(work)
    assert after.pending() == []
    result = after.materialize([FIRST, SECOND], asked)
    assert_sound(result)
    assert made(result) == {}
    assert set(frames(after).values()) == {2}
