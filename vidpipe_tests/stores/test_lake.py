"""Commits of several runs to one lake table."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from vidpipe.stores.lake import OCR_TEXT, RAW_VIDEOS, Lake, LakeTable
from vidpipe.stores.lake_structs import POST, field_names

WRITERS = 4


@pytest.mark.parametrize("attempt", range(12))
def test_runs_that_create_a_table_at_once_lose_no_batch(tmp_path: Path, attempt: int) -> None:
    """One race in six makes Delta refuse an append with "Metadata changed", hence the attempts."""
    row: dict[str, object] = {
        "lines": [],
        "status": "ok",
        "error_class": None,
        "error_message": None,
        "limits_digest": "0",
        "stage_version": "v",
        "ingest_date": date(2025, 3, 3),
    }

    def commit(writer: int) -> None:
        own = Lake(str(tmp_path / f"lake{attempt}"))
        for number in range(3):
            own.append(OCR_TEXT, [{**row, "keyframe_sha256": f"{writer}-{number}"}])

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(commit, range(WRITERS)))
    rows = Lake(str(tmp_path / f"lake{attempt}")).scan(OCR_TEXT).collect()
    wanted = {f"{writer}-{number}" for writer in range(WRITERS) for number in range(3)}
    assert set(rows["keyframe_sha256"]) == wanted
    assert rows.height == len(wanted)


def test_a_table_that_an_earlier_vidpipe_made_takes_columns_of_today(tmp_path: Path) -> None:
    earlier = LakeTable(
        RAW_VIDEOS.name,
        RAW_VIDEOS.key,
        RAW_VIDEOS.subject,
        {name: kind for name, kind in RAW_VIDEOS.result.items() if name != "post"},
    )
    lake, day = Lake(str(tmp_path)), {"ingest_date": date(2025, 3, 3), "stage_version": "v"}
    before = dict.fromkeys(earlier.schema) | day | {"upload_id": "a", "fingerprint": "1"}
    post = dict.fromkeys(field_names(POST)) | {"views": 7, "mentions": ["anna"]}
    after = before | {"upload_id": "b", "post": post}
    for table, row in ((earlier, before), (RAW_VIDEOS, after)):
        row.pop("committed_at")
        assert lake.append(table, [row]) == 1
    found = lake.scan(RAW_VIDEOS).sort("upload_id").collect()
    assert found["post"].to_list() == [None, post]
    assert lake.maintain(RAW_VIDEOS)["files_added"] >= 0
    assert lake.scan(RAW_VIDEOS).sort("upload_id").collect()["post"].to_list() == [None, post]
