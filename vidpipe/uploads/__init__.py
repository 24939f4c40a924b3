"""What arrives, and what it says of itself.

Belongs here: names, listing and opening of uploads, formats of their metadata, the registry of all
that was ever seen, which upload speaks for which video.
Does not: judging bytes (vidpipe.media), computing anything from them (vidpipe.pipeline).
"""
