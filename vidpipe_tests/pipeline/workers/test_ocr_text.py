"""The ocr_text worker with the real weights: rows of lines, errors that name the keyframe."""

import pickle
from pathlib import Path

from vidpipe.pipeline.workers.ocr_text import OcrWorker, stage_parameters
from vidpipe.settings import load_settings
from vidpipe.stores.media_store import MediaStore
from vidpipe_tests.models.pictures import caption


def test_the_worker_gives_one_row_per_item_and_names_a_missing_image(tmp_path: Path) -> None:
    store = MediaStore(str(tmp_path / "media"))
    uri = store.put("aa/one.jpg", caption("LIVE FROM HERE"))
    broken = store.put("aa/broken.jpg", b"not a JPEG")
    worker = OcrWorker(media_url=store.url, model_cache=tmp_path / "models")
    gone = store.uri("aa/gone.jpg")
    items = [("1", uri), ("2", gone), ("3", broken)]
    rows = pickle.loads(pickle.dumps(worker)).open()(
        [{"keyframe_sha256": key, "image_uri": address} for key, address in items]
    )
    by_key = {row["keyframe_sha256"]: row for row in rows}
    assert len(rows) == 3
    assert by_key["1"]["status"] == "ok"
    (line,) = by_key["1"]["lines"]
    assert (line["line_no"], line["text"], line["accepted"]) == (0, "LIVE FROM HERE", True)
    assert len(line["box"]) == 8
    assert by_key["2"]["error_class"] == "ItemUnavailable"
    assert by_key["2"]["is_transient"]
    assert gone in by_key["2"]["error_message"]
    assert by_key["3"]["error_class"] == "DecodeError"
    assert broken in by_key["3"]["error_message"]
    assert not by_key["3"]["is_transient"]


def test_what_lines_depend_on_changes_the_stage_parameters() -> None:
    plain = stage_parameters(load_settings())
    assert plain == stage_parameters(load_settings())
    for change in ({"ocr_min_confidence": 0.5}, {"ocr_detection_side_px": 1280}):
        assert stage_parameters(load_settings(**change)) != plain
