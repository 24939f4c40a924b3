"""The prints of a segment's contents, to be read one at a time.

Belongs here: one SQLite file a segment. Does not: which contents these are
(vidpipe.reuse.candidates.index).

A row of the lake lies among others in compressed files, which is slow to read alone.
"""

import sqlite3
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl


class PrintWriter:
    """Writes a new file of prints."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute("create table prints (content text primary key, print blob)")

    def add(self, content: str, value: Mapping[str, Any]) -> None:
        """Keeps a print, as the lake holds it."""
        packed = BytesIO()
        pl.DataFrame([{"print": dict(value)}], infer_schema_length=None).write_ipc(packed)
        self._connection.execute("insert into prints values (?, ?)", [content, packed.getvalue()])

    def close(self) -> None:
        """Ends the file."""
        self._connection.commit()
        self._connection.close()


class PrintReader:
    """Reads prints from a file that nobody writes any more."""

    def __init__(self, path: Path) -> None:
        # Immutable: no lock is taken, which not every network folder offers.
        self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)

    def read(self, content: str) -> dict[str, Any]:
        """The print of a content.

        Raises:
            KeyError: it is not here.
        """
        row = self._connection.execute(
            "select print from prints where content = ?", [content]
        ).fetchone()
        if row is None:
            raise KeyError(content)
        value: dict[str, Any] = pl.read_ipc(BytesIO(row[0])).row(0, named=True)["print"]
        return value
