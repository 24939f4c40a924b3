"""Videos as files and pictures.

Belongs here: containers, decoding, choosing keyframes, hash tracks, contact sheets.
Does not: which uploads there are (vidpipe.uploads), what models see in frames (vidpipe.models).
"""
