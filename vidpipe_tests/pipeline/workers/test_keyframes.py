"""The keyframe stage's worker: rows that the lake can keep, images in the media store."""

import pickle
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import cv2
import numpy as np
import pytest

from vidpipe.pipeline.contract import BESIDE
from vidpipe.pipeline.workers.content_decoding import ContentDecoder
from vidpipe.pipeline.workers.keyframes import KeyframeWorker
from vidpipe.settings import load_settings
from vidpipe.stores.media_store import MediaStore
from vidpipe_tests.clips import tiny_clip

SHARED = Path(__file__).parents[4] / "shared" / "videos"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared clips are not here")
CONTENT = "ab" * 32


def summarised(uploads: Path, media: Path, name: str) -> dict[str, object]:
    worker = KeyframeWorker(ContentDecoder(str(uploads)), str(media))
    rows = worker.open()(
        [{"content_sha256": CONTENT, "upload_id": quote(name), "fingerprint": None}]
    )
    assert len(rows) == 1
    return rows[0]


def test_a_worker_travels_to_its_process_and_is_a_key() -> None:
    worker = KeyframeWorker(
        ContentDecoder.from_settings(load_settings(uploads_url="/uploads")), "/media"
    )
    assert pickle.loads(pickle.dumps(worker)) == worker
    assert len({worker, worker}) == 1


def test_a_good_video_gives_a_row_and_its_images(tmp_path: Path) -> None:
    tiny_clip(tmp_path / "up" / "a b.mp4", seconds=3)
    row = summarised(tmp_path / "up", tmp_path / "media", "a b.mp4")
    assert row["status"] == "ok"
    assert row["error_class"] is row["error_message"] is None
    assert row["decoded_frames"] == 36
    frames = row["frames"]
    assert isinstance(frames, list)
    assert [frame["segment"] for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[0]["colour_distance"] is None
    store = MediaStore(str(tmp_path / "media"))
    for frame in frames:
        image = store.get(frame["image_uri"])
        assert sha256(image).hexdigest() == frame["keyframe_sha256"]
        assert frame["image_uri"].endswith(f"/ab/{CONTENT}/{frame['keyframe_sha256']}.jpg")
        assert cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR).shape == (90, 160, 3)


def test_a_bad_file_is_a_row_beside_its_good_neighbour(tmp_path: Path) -> None:
    tiny_clip(tmp_path / "good.mp4")
    (tmp_path / "bad.mp4").write_bytes(b"<html>" * 100)
    batch = [
        {"content_sha256": name, "upload_id": f"{name}.mp4", "fingerprint": None}
        for name in ("bad", "good", "gone")
    ]
    rows = KeyframeWorker(ContentDecoder(str(tmp_path)), str(tmp_path / "media")).open()(batch)
    assert [row["status"] for row in rows] == ["failed", "ok", "failed"]
    assert rows[0]["error_class"] == "UploadRejected"
    assert rows[0]["error_message"].startswith("bad.mp4 is not a video")
    assert not {"frames", BESIDE} & set(rows[0])
    assert not rows[0]["is_transient"]
    assert rows[2]["error_class"] == "ItemUnavailable"
    assert rows[2]["is_transient"]


@needs_shared
@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("corrupted.mp4", "ok_damaged", "decoder failed"),
        ("truncated_sidecar.mkv", "ok_damaged", "header promises"),
        ("empty.mp4", "failed", "empty"),
        ("not_a_video.mp4", "failed", "not a video"),
    ],
)
def test_broken_files_have_the_outcome_and_the_reason_that_people_need(
    name: str, status: str, reason: str, tmp_path: Path
) -> None:
    row = summarised(SHARED, tmp_path, f"2026-11-06/broken/{name}")
    assert row["status"] == status
    assert reason in str(row["error_message"])
    assert name in str(row["error_message"])
    assert ("frames" in row) == (status == "ok_damaged")
