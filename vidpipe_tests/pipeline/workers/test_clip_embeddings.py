"""The clip_embeddings worker with the demo pair: vectors of both kinds, errors as rows."""

import pickle
from pathlib import Path

import pytest

from vidpipe.models.bundled_pair import demo_pair
from vidpipe.models.clip import ClipPair
from vidpipe.pipeline.workers.clip_embeddings import ClipWorker
from vidpipe.settings import load_settings
from vidpipe.stores.media_store import MediaStore
from vidpipe_tests.models.pictures import jpeg, scene


def test_the_worker_embeds_mixed_batches_and_names_a_missing_image(tmp_path: Path) -> None:
    image_model, text_model = map(str, demo_pair())
    settings = load_settings(
        media_url=str(tmp_path / "media"), clip_image_model=image_model, clip_text_model=text_model
    )
    store = MediaStore(settings.media)
    uri = store.put("aa/one.jpg", jpeg(scene(3)))
    broken = store.put("aa/broken.jpg", b"not a JPEG")
    worker = ClipWorker.from_settings(settings, threads=2)
    rows = pickle.loads(pickle.dumps(worker)).open()(
        [
            {"kind": "text", "input_sha256": "t", "text": "a tank in the street"},
            {"kind": "image", "input_sha256": "gone", "image_uri": store.uri("aa/gone.jpg")},
            {"kind": "image", "input_sha256": "i", "image_uri": uri},
            {"kind": "image", "input_sha256": "broken", "image_uri": broken},
        ]
    )
    by_key = {(row["kind"], row["input_sha256"]): row for row in rows}
    assert len(rows) == 4
    assert by_key["image", "i"]["status"] == "ok"
    (expected,) = ClipPair.from_settings(settings, threads=2).images.embed([jpeg(scene(3))])
    assert by_key["image", "i"]["vector"] == pytest.approx(expected.tolist(), abs=1e-3)
    assert len(by_key["text", "t"]["vector"]) == 512
    assert by_key["image", "gone"]["error_class"] == "ItemUnavailable"
    assert by_key["image", "gone"]["is_transient"]
    assert store.uri("aa/gone.jpg") in by_key["image", "gone"]["error_message"]
    assert by_key["image", "broken"]["error_class"] == "DecodeError"
    assert broken in by_key["image", "broken"]["error_message"]
    assert "vector" not in by_key["image", "broken"]
