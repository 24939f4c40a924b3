"""What the UI shows of text that was read."""

from vidpipe_tests.assets.ingested import CAPTION, FIRST, SECOND, Ingested


def test_the_lines_of_a_date_are_shown(ingested: Ingested) -> None:
    shown = ingested.shown("ocr_text")
    header, _, *rows = str(shown[SECOND]["sample"]).split("\n")
    assert header == "| text | confidence | accepted | keyframe_sha256 |"
    assert any(CAPTION.replace(" ", "") in row.replace(" ", "").upper() for row in rows)
    assert shown[SECOND]["lines"] == len(rows) > 0
    assert CAPTION not in str(shown[FIRST]["sample"])
    least = ingested.installation.settings.ocr_min_confidence
    assert {metadata["min_confidence"] for metadata in shown.values()} == {least}
