"""Tables as spreadsheets and scripts write them: delimited text with a header line.

Belongs here: finding the delimiter, the header's names in one form, rows that cannot be read.
Does not: encodings (vidpipe.uploads.metadata.json_sidecar) or what the columns mean
(vidpipe.uploads.metadata.manifest).
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_DELIMITERS = ",;\t|"
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=([^\"\r\n])\"?\s*", re.IGNORECASE)
_AS_TEXT = re.compile(r'\A="(.*)"\Z', re.DOTALL)  # how a cell says that it is no number


@dataclass(frozen=True)
class TableRow:
    """One row: its cells by column, or why it cannot be read.

    Attributes:
        line: the line in the file on which it begins, from 1.
        cells: empty ones are left out, and columns are named as `column_name` has it.
        problem: what is wrong with it, or None.
    """

    line: int
    cells: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """A table: what its header calls the columns, in the file's own words, and its rows."""

    header: Sequence[str]
    rows: Iterator[TableRow]


@lru_cache(maxsize=1024)
def column_name(text: str) -> str:
    """One form of what people call a column: `Posted At` and `posted-at` are posted_at."""
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def read_table(text: str, key_columns: Collection[str]) -> Table:
    """The table of a text; the delimiter is that of the header line, whatever the rows hold.

    Rows without a filled cell are passed over; surplus cells are left out.

    Args:
        text: decoded; all line breaks of the three families.
        key_columns: names of which every such table has one; they tell the delimiter.
    """
    text = text.replace("\0", "").rstrip("\r\n")
    text = text if "\n" in text else text.replace("\r", "\n")
    lines = [line + "\n" for line in text.split("\n")]
    start, delimiter = 0, ""
    while start < len(lines) and not lines[start].strip(_DELIMITERS + " \r\n"):
        start += 1
    if start < len(lines) and (declared := _SEPARATOR_LINE.fullmatch(lines[start])):
        start, delimiter = start + 1, declared[1]
    if start >= len(lines):
        return Table((), iter(()))
    delimiter = delimiter or _delimiter(lines[start], key_columns)
    records = _records(lines, start, delimiter)
    header = [cell.strip() for cell in next(records).cells]
    return Table(header, _rows(records, [column_name(cell) for cell in header]))


def _delimiter(header: str, key_columns: Collection[str]) -> str:
    """What separates a key column from the others in a header line, else what stands in it most."""

    def rank(delimiter: str) -> tuple[bool, int]:
        names = [column_name(cell.strip().strip('"')) for cell in header.split(delimiter)]
        return not set(names).isdisjoint(key_columns), len(names)

    return max(_DELIMITERS, key=rank)


@dataclass(frozen=True)
class _Record:
    line: int
    cells: Sequence[str]
    problem: str | None = None


def _records(lines: Sequence[str], start: int, delimiter: str) -> Iterator[_Record]:
    """The cells of the header and of each row."""
    reader = csv.reader(lines[start:], delimiter=delimiter)
    while True:
        begins = start + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # it goes on with the next line
            yield _Record(begins + 1, (), f"is not readable: {error}")
            continue
        ends = start + reader.line_num
        problem = None
        swallowed = ends == len(lines) and ends - begins > 1
        if swallowed and sum(line.count('"') for line in lines[begins:ends]) % 2:
            problem = "opens a quotation mark that is not closed, and hides all that follows"
        yield _Record(begins + 1, cells, problem)


def _rows(records: Iterator[_Record], names: Sequence[str]) -> Iterator[TableRow]:
    for record in records:
        cells: dict[str, str] = {}
        for name, cell in zip(names, record.cells, strict=False):
            if name and cell.strip():
                cells.setdefault(name, _AS_TEXT.sub(r"\1", cell))
        if cells or record.problem:
            yield TableRow(record.line, cells, record.problem)
