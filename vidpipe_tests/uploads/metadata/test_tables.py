"""Delimited text as spreadsheets write it."""

import pytest

from vidpipe.uploads.metadata.tables import column_name, read_table


def rows_of(text: str) -> list[dict[str, str]]:
    """The cells of the rows that can be read."""
    return [dict(row.cells) for row in read_table(text, ["file"]).rows if row.problem is None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_of_the_header_whatever_the_rows_hold(delimiter: str) -> None:
    text = delimiter.join(["file", "description"]) + "\n"
    text += delimiter.join(["a.mp4", '"x, y; z\t| w"']) + "\n"
    assert rows_of(text) == [{"file": "a.mp4", "description": "x, y; z\t| w"}]


def test_the_column_of_files_tells_the_delimiter_where_titles_of_columns_hold_others() -> None:
    text = "file;posted (UTC, roughly, at best)\na.mp4;2026\n"
    assert rows_of(text)[0]["file"] == "a.mp4"


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_in_which_a_spreadsheet_names_its_delimiter_is_no_header(line: str) -> None:
    assert rows_of(f"{line}\nfile;id\na.mp4;1\n") == [{"file": "a.mp4", "id": "1"}]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system_and_cells_may_have_many(end: str) -> None:
    text = end.join(["", "file,description", 'a.mp4,"one', 'two"', "", ",", "b.mp4, ", ""])
    first, second = rows_of(text)
    assert first["description"].split() == ["one", "two"]
    assert second == {"file": "b.mp4"}


def test_columns_have_one_name_however_people_write_it() -> None:
    assert column_name(" Posted At ") == column_name("posted-at") == "posted_at"


def test_a_cell_that_says_that_it_is_text_is_what_it_holds() -> None:
    assert rows_of('file,id\na.mp4,"=""0012"""\n') == [{"file": "a.mp4", "id": "0012"}]


def test_a_quotation_mark_that_is_never_closed_is_named() -> None:
    text = 'file,description\na.mp4,fine\nb.mp4,"open\nc.mp4,hidden\nd.mp4,hidden\n'
    *good, last = read_table(text, ["file"]).rows
    assert [row.cells["file"] for row in good] == ["a.mp4"]
    assert (last.line, "not closed" in (last.problem or "")) == (3, True)


def test_a_mark_inside_a_cell_closes_nothing() -> None:
    text = 'file,description\na.mp4,5" screen\nb.mp4,7" screen'
    assert [row["file"] for row in rows_of(text)] == ["a.mp4", "b.mp4"]


def test_a_row_that_cannot_be_read_does_not_hide_the_next() -> None:
    text = f"file,description\na.mp4,{'x' * 200_000}\nb.mp4,y\n"
    bad, good = read_table(text, ["file"]).rows
    assert (bad.line, bad.problem is not None) == (2, True)
    assert (good.line, good.cells["file"]) == (3, "b.mp4")


def test_nothing_is_a_table_without_columns() -> None:
    for text in ("", "\n \n", "sep=;\n"):
        assert list(read_table(text, ["file"]).header) == []
