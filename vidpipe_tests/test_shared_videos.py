"""What the pipeline makes of the real clips in `../shared/videos`: every outcome, by name.

One run through Dagster over all of them; the tests read what it left for analysts.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from dagster import DagsterInstance, ExecuteInProcessResult

from vidpipe.settings import Settings
from vidpipe.stores.media_store import MediaStore
from vidpipe_tests.installation import Installation, assert_accounted

SHARED = Path(__file__).resolve().parents[2] / "shared" / "videos"

pytestmark = [
    pytest.mark.skipif(not SHARED.is_dir(), reason="the real clips (../shared/videos) are absent"),
    pytest.mark.timeout(900),
]

# When rocket.mkv shows each caption whole (s), found by reading two frames of every second.
ROCKET_CAPTIONS = {
    "IMAGINETHIS": (2.0, 5.5),
    "4ENGINES": (8.0, 11.5),
    "8MINUTES": (12.0, 15.0),
    "1GOAL": (19.5, 22.0),
}


@pytest.fixture(scope="module")
def installation(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    with DagsterInstance.ephemeral() as instance:
        installation = Installation.make(module_database_settings, folder, instance)
        installation.settings = installation.settings.model_copy(
            update={"uploads_url": str(SHARED)}
        )
        yield installation


@pytest.fixture(scope="module")
def first_run(installation: Installation) -> ExecuteInProcessResult:
    return installation.run()


def keyframes(installation: Installation, pattern: str) -> dict[str, list[tuple[float, bool, str]]]:
    """Time, low-information mark and image of the keyframes of matching uploads, by file name."""
    found: dict[str, list[tuple[float, bool, str]]] = {}
    for upload, *frame in installation.query(
        "select upload_id, timestamp_s, is_low_information, image_uri from vidpipe.videos"
        " join vidpipe.keyframes using (content_sha256) where upload_id like %s"
        " order by upload_id, segment",
        pattern,
    ):
        found.setdefault(upload.rpartition("/")[2], []).append(tuple(frame))
    return found


def failures(installation: Installation) -> dict[tuple[str, str], tuple[str, str]]:
    """Status and sentence of everything that failed or was kept damaged, by stage and file name."""
    rows = installation.query(
        "select stage, upload_id, status, sentence from vidpipe.video_failures"
    )
    return {
        (stage, upload.rpartition("/")[2]): (status, sentence)
        for stage, upload, status, sentence in rows
    }


def test_every_good_video_is_shown_undamaged_with_five_frames(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    rows = installation.query(
        "select v.upload_id, v.is_damaged, count(k.*) from vidpipe.videos as v"
        " join vidpipe.keyframes as k using (content_sha256)"
        " where v.ingest_date < '2026-11-06' group by v.video_id"
    )
    assert len(rows) == 18
    assert all((damaged, frames) == (False, 5) for _, damaged, frames in rows)


def test_every_file_is_accounted_for(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    assert_accounted(installation)


def test_awkward_videos_are_whole_and_in_order_of_time(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    found = keyframes(installation, "%/awkward/%")
    assert found.keys() == {
        "-one-pixel-.mp4",
        "attached_picture.mp4",
        "nearly_black.mp4",
        "no_duration.webm",
        "rotated_90_three_frames.mov",
    }
    assert not any("awkward" in sentence for _, sentence in failures(installation).values())
    for frames in found.values():
        times = [time_s for time_s, *_ in frames]
        assert times == sorted(set(times))
    assert all(poor for _, poor, _ in found["nearly_black.mp4"])
    assert any(poor for _, poor, _ in found["-one-pixel-.mp4"])
    assert not any(poor for _, poor, _ in found["attached_picture.mp4"])
    assert len(found["rotated_90_three_frames.mov"]) <= 3


def test_the_rotated_video_stands_upright(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    [(width, height)] = installation.query(
        "select width_px, height_px from vidpipe.videos join vidpipe.contents"
        " using (content_sha256) where upload_id like '%%/rotated_90_three_frames.mov'"
    )
    assert (width, height) == (320, 568)
    media = MediaStore(installation.settings.media)
    for _, _, uri in keyframes(installation, "%/rotated_90_three_frames.mov")[
        "rotated_90_three_frames.mov"
    ]:
        picture = cv2.imdecode(np.frombuffer(media.get(uri), np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape[:2] == (height, width)


def test_broken_videos_are_kept_as_far_as_they_go_or_refused_with_the_reason(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    found = failures(installation)
    assert found.keys() - {("keyframes", "codec_error.mp4")} == {
        ("raw_videos", "empty.mp4"),
        ("raw_videos", "not_a_video.mp4"),
        ("keyframes", "corrupted.mp4"),
        ("keyframes", "truncated_sidecar.mkv"),
        ("metadata", "truncated_sidecar.mkv"),
    }
    expected = {
        ("raw_videos", "empty.mp4"): ("failed", "is empty (0 bytes)"),
        ("raw_videos", "not_a_video.mp4"): ("failed", "is not a video"),
        ("keyframes", "corrupted.mp4"): ("ok_damaged", "the decoder failed"),
        ("keyframes", "truncated_sidecar.mkv"): ("ok_damaged", "the header promises 5.7 s more"),
        ("metadata", "truncated_sidecar.mkv"): ("failed", "truncated_sidecar.json is not valid"),
    }
    for key, (status, reason) in expected.items():
        assert found[key][0] == status
        assert reason in found[key][1].replace("it is", "is")
    assert found.get(("keyframes", "codec_error.mp4"), ("ok_damaged", ""))[0] == "ok_damaged"
    shown = keyframes(installation, "%/broken/%")
    assert shown.keys() == {"codec_error.mp4", "corrupted.mp4", "truncated_sidecar.mkv"}


def test_failures_read_like_sentences(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    for (stage, name), (status, sentence) in failures(installation).items():
        verb = "failed" if status == "failed" else "was kept, damaged,"
        assert sentence.startswith(f"2026-11-06/broken/{name} {verb} at {stage}: ")
        assert sentence.count(f"/{name}") == 1, "it does not name the file twice"
        assert "None" not in sentence
        assert "\n" not in sentence
    empty = failures(installation)["raw_videos", "empty.mp4"][1]
    assert empty == (
        "2026-11-06/broken/empty.mp4 failed at raw_videos: it is empty (0 bytes); upload it again"
    )


def test_every_caption_that_a_keyframe_shows_is_read(
    installation: Installation, first_run: ExecuteInProcessResult
) -> None:
    assert first_run.success
    times = [time_s for time_s, *_ in keyframes(installation, "%/rocket.mkv")["rocket.mkv"]]
    shown = {
        caption
        for caption, (start_s, end_s) in ROCKET_CAPTIONS.items()
        if any(start_s <= time_s <= end_s for time_s in times)
    }
    assert shown, "no keyframe shows a caption"
    lines = installation.query(
        "select string_agg(text, ' ' order by line_no) from vidpipe.videos"
        " join vidpipe.keyframes using (content_sha256)"
        " join vidpipe.ocr_lines using (keyframe_sha256)"
        " where upload_id like '%%/rocket.mkv' and accepted group by keyframe_sha256"
    )
    read = ["".join(text.split()).upper() for (text,) in lines]
    assert {
        caption for caption in ROCKET_CAPTIONS if any(caption in text for text in read)
    } >= shown
