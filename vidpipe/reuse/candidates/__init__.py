"""Which contents are worth comparing with a content: those that share exact words of hash codes.

Belongs here: the index of codes and its files. Does not: comparing (vidpipe.reuse.comparison).
"""

from vidpipe.reuse.candidates.index import FootageIndex, Found

__all__ = ["FootageIndex", "Found"]
