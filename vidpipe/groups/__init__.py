"""Groups that are found anew and keep their numbers: topics, clusters of footage.

Belongs here: what all kinds of groups share.
Does not: finding them (vidpipe.topics, vidpipe.reuse).
"""
