"""From a question to its answer, for the terminal and for any other caller.

Belongs here: questions, the algebra of their terms, ranking through PostgreSQL's functions,
cut-offs, saved queries, watch-lists, how good answers are.
Does not: printing (vidpipe.cli), making vectors of videos (vidpipe.pipeline).
"""
