"""`vidpipe query`: saving, listing and removing queries."""

from pathlib import Path

import psycopg
import pytest

from vidpipe_tests.cli.command_line import CommandLine


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "save", "boats"], "give a TEXT, --image or --video"),
        (["query", "save", "boats", "boat", "--cutoff", "7"], "a cut-off is from -1 to 1"),
        (
            ["query", "save", "b", "--video", "nobody"],
            "was not saved, for it cannot be embedded: there is no video",
        ),
        (["query", "remove", "nobody"], "there is no saved query 'nobody'"),
    ],
)
def test_what_cannot_be_saved_or_removed_is_refused(
    indexed: CommandLine, arguments: list[str], message: str
) -> None:
    assert message in indexed.error(*arguments)


def test_a_picture_that_is_none_is_named_and_nothing_is_saved(
    indexed: CommandLine, tmp_path: Path
) -> None:
    drawing = tmp_path / "drawing.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    message = indexed.error("query", "save", "drawn", "--image", str(drawing))
    assert message.startswith(f"{drawing} is no picture to search by: ")
    assert "it is an SVG drawing; export it as PNG" in message
    assert "drawn" not in {one["name"] for one in indexed.document("query", "list")}


def test_a_query_that_others_watch_is_removed_only_with_what_they_made_of_it(
    indexed: CommandLine,
) -> None:
    with psycopg.connect(indexed.environment["VIDPIPE_DATABASE_URL"]) as connection:
        connection.execute(
            "insert into vidpipe.saved_queries (name, terms, watch_threshold)"
            " values ('watched', '[{\"text\": \"a\"}]', 0.5)"
        )
        connection.execute("update vidpipe.saved_queries set watched_by = 'tom'")
    message = indexed.error("query", "remove", "watched")
    assert 'saved query "watched" is used by others: "tom" watches it' in message
    assert message.endswith("--although-used")
    assert indexed("query", "remove", "watched", "--although-used").returncode == 0
    assert "no saved query" in indexed.error("query", "remove", "watched", "--although-used")


def test_a_query_is_saved_listed_searched_and_removed(indexed: CommandLine) -> None:
    told = indexed("query", "save", "o'boats", "a boat", "--subtract", "night", "--cutoff", "0.2")
    assert "vidpipe.search_videos('o''boats', 20)" in told.stdout
    [saved] = indexed.document("query", "list")
    assert saved["terms"] == [{"text": "a boat"}, {"text": "night", "weight": -1.0}]
    assert saved["embedded_at"]
    assert indexed.document("search", "--saved", "o'boats") == []
    assert "already" in indexed.error("query", "save", "o'boats", "a boat")
    same = ("query", "save", "o'boats", "a boat", "--subtract", "night", "--replace")
    assert "saved." in indexed(*same, "--cutoff", "0.3").stdout, "its vector stays"
    assert indexed.document("query", "list")[0]["cutoff"] == pytest.approx(0.3)
    assert indexed("query", "remove", "o'boats").returncode == 0
    assert indexed.document("query", "list") == []
