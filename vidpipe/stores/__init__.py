"""Where results are kept, and the promises of each store.

Belongs here: the lake, the media store, PostgreSQL with its schema, logins, locks and backups, the
server of our own.
Does not: what is written when (vidpipe.pipeline, vidpipe.publication).
"""
