"""The uploads registry: what was ever seen under the uploads URL, and which dates wait for a run.

Belongs here: what a listing changes (new, changed, still arriving, held, gone, back), fixed ingest
dates, sweeps, tombstones, the digest that tells whether a date is published as it stands.
Does not: looking at files (vidpipe.uploads.listing) or publishing (vidpipe.publication).

An upload is *waiting* until it is complete: its file and own sidecars unchanged in two listings at
least SETTLE apart, or untouched for VIDPIPE_STABLE_AFTER_S. A file still being copied would decode
as a truncated video. It is *held* when it must not be read (a link out of the folder, a date folder
in the future), and *registered* once it has a fingerprint; from then on its ingest date is fixed.

All functions work on connections in autocommit mode or not, in transactions of their own.
"""
