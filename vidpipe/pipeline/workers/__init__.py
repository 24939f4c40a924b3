"""The work of each stage, done in worker processes: one module a stage, named as its lake table.

Belongs here: what a worker process opens, and the rows that it answers.
Does not: algorithms and models (vidpipe.media, vidpipe.models, vidpipe.uploads).
"""
