"""The id of a video, as its metadata claim it.

Belongs here: making one text of a platform and a post's id, or of a path, that no other has.
Does not: reading metadata (vidpipe.uploads.metadata) or settling claims of two accounts on one id
(vidpipe.uploads.video_resolution).
"""

import hashlib


def video_id_of(platform: str, post_id: str | None, upload_id: str) -> str:
    """`platform:id`, or `local:` and 16 hexadecimal digits of the upload's path.

    The first colon ends the platform, and the id contains no `@`: both are percent-encoded where
    they would, so that two posts never share an id and `platform:id@account` is no post's own id.
    """
    if post_id is None:
        return f"local:{hashlib.sha256(upload_id.encode()).hexdigest()[:16]}"
    return f"{_escape(platform, ':@')}:{_escape(post_id, '@')}"


def _escape(text: str, reserved: str) -> str:
    for character in "%" + reserved:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
