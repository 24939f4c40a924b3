"""Uploads: what arrives, and what it says of itself.

Belongs here: listing and opening uploads, the registry of what was seen, metadata files, the
identity of videos.
Does not: computing anything from an upload's pictures (vidpipe.media), or deciding when it is
processed (vidpipe.pipeline).
"""
