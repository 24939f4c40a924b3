"""`python -m vidpipe`: the `vidpipe` command."""

from vidpipe.cli import main

main()
