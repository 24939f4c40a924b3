"""`vidpipe judge`: a query that is not saved has no results to judge."""

from vidpipe_tests.cli.command_line import CommandLine


def test_a_query_that_is_not_saved_cannot_be_judged(indexed: CommandLine) -> None:
    assert 'there is no saved query "nobody"' in indexed.error("judge", "nobody")
