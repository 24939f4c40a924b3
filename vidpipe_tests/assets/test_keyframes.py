"""What the UI shows of keyframes."""

import base64
import io
import re

from PIL import Image

from vidpipe_tests.assets.ingested import FIRST, SECOND, Ingested


def test_every_date_shows_a_contact_sheet_of_its_frames(ingested: Ingested) -> None:
    shown = ingested.shown("keyframes")
    assert set(shown) == {FIRST, SECOND}
    for day, metadata in shown.items():
        sheet = str(metadata["contact_sheet"])
        found = re.fullmatch(r"!\[keyframes of (.*)\]\(data:image/jpeg;base64,(.*)\)", sheet)
        assert found is not None
        assert found[1] == str(day)
        assert len(sheet) < 200_000
        with Image.open(io.BytesIO(base64.b64decode(found[2]))) as picture:
            assert picture.format == "JPEG"


def test_frames_are_counted_and_items_are_contents(ingested: Ingested) -> None:
    frames = dict(
        ingested.installation.query(
            "select v.ingest_date, count(*) from vidpipe.videos as v"
            " inner join vidpipe.keyframes as k using (content_sha256) group by v.ingest_date"
        )
    )
    shown = ingested.shown("keyframes")
    assert {day: one["frames"] for day, one in shown.items()} == frames
    assert {one["seen"] for one in shown.values()} == {1}
    assert all(
        1 <= count <= ingested.installation.settings.keyframes_per_video
        for count in frames.values()
    )
    assert {one["images"] for one in shown.values()} == {ingested.installation.settings.media}
