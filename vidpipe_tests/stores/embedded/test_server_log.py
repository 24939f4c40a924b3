"""The log of the embedded server."""

from pathlib import Path

import psycopg
import pytest

from vidpipe.stores.embedded import server as embedded_server
from vidpipe.stores.embedded import server_log


def test_the_log_is_bounded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_log, "LOG_LIMIT_BYTES", 4000)
    server = embedded_server.start(home)
    log = home / "postgres" / "server.log"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        for _ in range(50):
            with pytest.raises(psycopg.errors.UndefinedTable):
                connection.execute("select * from a_table_that_is_not_there")
        assert log.stat().st_size > 4000
        embedded_server.start(home)
        assert log.stat().st_size < 4000
        assert log.with_suffix(".log.1").stat().st_size > 4000
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("select * from another_absent_table")
    assert log.read_text().lstrip().startswith("2")  # appended at the new end, no hole of zeros
    assert "another_absent_table" in log.read_text()
