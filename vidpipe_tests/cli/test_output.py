"""Every command with `--json` prints one JSON document on standard output, and nothing else."""

from typing import Any

import pytest

from vidpipe.cli import main
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch, write_query_set
from vidpipe_tests.cli.command_line import CommandLine, commands

# What is typed, and what the document of an installation without videos holds.
DOCUMENTS: dict[str, tuple[list[str], Any]] = {
    "run": (["--uploads", "uploads"], {"ok": True, "dates": [], "errors": [], "failures": []}),
    "refresh": (["--demo-models"], {"ok": True, "dates": [], "runs": []}),
    "status": (
        [],
        {"waiting": [], "running": [], "pending_dates": [], "cancelled": [], "failed_runs": []},
    ),
    "search": (["boats"], []),
    "evaluate": (["queries.yaml"], {"overall": {"queries": 0}}),
    "query list": ([], []),
    "watch list": ([], []),
    "topics run": ([], {"status": "empty"}),
    "topics list": ([], []),
    "uploads check": (["uploads"], {"folder": "uploads", "files": [], "counts": {}, "odd": []}),
    "model list": ([], None),
    "db check": ([], {"ok": True, "missing": []}),
}
# test_bench.py: benchmarks take minutes; test_doctor.py: what it finds depends on the host;
# vidpipe_tests/reuse: they need videos
ELSEWHERE = {"bench", "doctor", "calibrate", "copies", "why"}


@pytest.mark.parametrize("command", DOCUMENTS)
def test_a_command_prints_one_json_document_alone(indexed: CommandLine, command: str) -> None:
    right = (RelevantStretch("a:1", 0, 1),)
    queries = [LabelledQuery("q1", "text", right, text="a boat")]
    write_query_set(indexed.folder / "queries.yaml", queries)
    arguments, expected = DOCUMENTS[command]
    found = indexed.document(*command.split(), *arguments)
    if isinstance(expected, dict):
        assert {name: found[name] for name in expected} == expected
    elif expected is not None:
        assert found == expected
    else:
        assert [model["is_active"] for model in found] == [True]


def test_every_command_with_json_is_tested() -> None:
    with_json = {
        path
        for path, command in commands(main).items()
        if any("--json" in parameter.opts for parameter in command.params)
    }
    assert with_json == {*DOCUMENTS, *ELSEWHERE}
