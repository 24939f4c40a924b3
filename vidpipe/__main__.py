"""`python -m vidpipe`: the `vidpipe` command."""

from vidpipe.cli import main

if __name__ == "__main__":
    main()
