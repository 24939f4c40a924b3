"""From the lake to PostgreSQL, and whether it is right.

Belongs here: one catalogue of published tables and columns, a date's rows, checking and merging
them, vectors and their indexes, searched words, comparing both stores.
Does not: computing results (vidpipe.pipeline), the tables themselves (`sql/`).
"""
