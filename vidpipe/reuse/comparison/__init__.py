"""Comparing two contents by their footage prints.

Belongs here: hashes, lines, pictures and keypoints of one pair, and its verdict.
Does not: which pairs are worth comparing (vidpipe.reuse.candidates), storing (vidpipe.reuse.store).
"""

from vidpipe.reuse.comparison.pairs import compare

__all__ = ["compare"]
