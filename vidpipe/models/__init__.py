"""Text recognition and CLIP behind small interfaces.

Belongs here: finding weights, loading them, asking them.
Does not: which items they are asked about (vidpipe.pipeline), where vectors are kept
(vidpipe.stores).
"""
