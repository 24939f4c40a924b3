"""`vidpipe forget`: what is not there cannot be erased (vidpipe_tests/test_ingest.py erases)."""

from vidpipe_tests.cli.command_line import CommandLine


def test_what_is_neither_a_video_nor_an_account_is_named(installed: CommandLine) -> None:
    message = installed.error("forget", "nobody", "--yes")
    assert message == "nobody is neither a video (platform:id) nor an account of one"
