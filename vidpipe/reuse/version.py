"""What the result of a comparison depends on besides the prints.

Belongs here: the version, light to import: the code location shows it. Does not: comparing
(vidpipe.reuse.comparison), versions of prints (vidpipe.pipeline.stages).
"""

from vidpipe.pipeline.contract import digest

ALGORITHM = 2  # raise it when the same prints would give other matches


def comparison_version() -> str:
    """Digest of what the result of a comparison depends on besides the prints."""
    return digest({"algorithm": ALGORITHM})
