"""`vidpipe evaluate`: files of labelled queries."""

from pathlib import Path

import pytest

from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch, write_query_set
from vidpipe_tests.cli.command_line import CommandLine


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "gone.yaml"], "gone.yaml cannot be read"),
        (["evaluate"], "give a file of QUERIES, or --judged"),
        (["evaluate", "--judged", "--calibrate"], "give a file of QUERIES, or --judged"),
        (["evaluate", "gone.yaml", "--calibrate", "--model", "1"], "leave --model out"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(
    indexed: CommandLine, arguments: list[str], message: str
) -> None:
    assert message in indexed.error(*arguments)


def test_an_evaluation_counts_queries_that_nothing_answers(
    indexed: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "queries.yaml"
    right = (RelevantStretch("a:1", 0, 1),)
    write_query_set(path, [LabelledQuery("q1", "text", right, text="a boat")])
    found = indexed.document("evaluate", str(path))
    assert found["overall"] == {"queries": 0}
    assert found["queries"]["without_right_answer"] == 1
