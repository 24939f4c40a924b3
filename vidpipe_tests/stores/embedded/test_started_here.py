"""Whoever started a server says at its end that it goes on, and nobody else does."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from vidpipe.stores.embedded import server
server.start(Path(sys.argv[1]), float(sys.argv[2]))
if sys.argv[3:]:
    server.stop(Path(sys.argv[1]))
"""


def told(home: Path, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(home), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == ""
    return ended.stderr


def test_the_process_that_started_a_server_says_how_to_stop_it(home: Path) -> None:
    [line] = told(home, "8").splitlines()
    assert str(home / "postgres") in line
    assert "after 8 h without a client" in line
    assert f"VIDPIPE_HOME={home} vidpipe down" in line


def test_a_process_that_joined_it_says_nothing(home: Path) -> None:
    told(home, "0")
    assert told(home, "0") == ""


def test_where_it_never_stops_by_itself_nothing_of_the_kind_is_said(home: Path) -> None:
    line = told(home, "0")
    assert "goes on running" in line
    assert "by itself" not in line


def test_a_process_that_stopped_it_says_nothing(home: Path) -> None:
    assert told(home, "8", "stop") == ""
