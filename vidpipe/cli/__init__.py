"""The terminal, and nothing else: one file a group of commands.

Belongs here: options, help, and what is printed. `vidpipe.cli:main` is the `vidpipe` command.
Does not: anything that a caller without a terminal needs, too.
"""

from vidpipe.cli.root import main

__all__ = ["main"]
