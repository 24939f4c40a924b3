"""Footage prints: what is kept of every content so that its footage is found again.

Belongs here: hashes of several views along the video, thumbnails, keypoints of keyframes.
Does not: comparing prints (vidpipe.reuse).
"""

from vidpipe.media.footage_print.builder import FootagePrint, FootagePrintBuilder, HashedView
from vidpipe.media.footage_print.keypoints import KeyframePoints

__all__ = ["FootagePrint", "FootagePrintBuilder", "HashedView", "KeyframePoints"]
