"""`vidpipe up` and `vidpipe down`: when nothing runs, and when it runs already."""

import json
import os

from vidpipe.processes import process_name
from vidpipe_tests.cli.command_line import CommandLine


def test_down_says_when_nothing_ran(installed: CommandLine) -> None:
    ended = installed("down")
    assert (ended.returncode, ended.stdout) == (0, "nothing was running\n")


def test_up_is_refused_while_another_serves_the_same_home(vidpipe: CommandLine) -> None:
    record = vidpipe.folder / "home" / "up.json"
    record.parent.mkdir()
    record.write_text(json.dumps({"process": process_name(), "port": 3111}), encoding="utf-8")
    message = vidpipe.error("up")
    assert message.startswith("vidpipe is up already for ")
    assert "http://127.0.0.1:3111 (vidpipe down stops it)" in message


def test_a_record_of_a_process_that_is_gone_stops_nothing(vidpipe: CommandLine) -> None:
    record = vidpipe.folder / "home" / "up.json"
    record.parent.mkdir()
    gone = f"{os.getpid()}/1.00"
    record.write_text(json.dumps({"process": gone, "port": 3111}), encoding="utf-8")
    assert vidpipe("down").stdout == "nothing was running\n"
