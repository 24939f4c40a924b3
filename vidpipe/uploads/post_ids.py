"""The id of a post, as its metadata claim it.

Belongs here: making one text of a platform and a post's id, of a page's address, or of a path, that
no other post has.
Does not: reading metadata (vidpipe.uploads.metadata), the clips of a post and claims of two
accounts on one id (vidpipe.uploads.video_resolution).
"""

import hashlib
from urllib.parse import urlsplit

from vidpipe.clean_text import clean_key

MAX_ADDRESS_CHARACTERS = 512

_EXTRACTORS_WITHOUT_A_SITE = """
generic genericembed html5mediaembed directlink direct local unknown web none
"""
_ENDS_OF_ADDRESSES = """
master index videoplayback playlist chunklist manifest stream live video media main default embed
player watch output download file file_source unknown untitled
"""
_NOTHING = "none null nil nan <na> na n/a #n/a undefined 0 - --"

NO_PLATFORMS = frozenset(_EXTRACTORS_WITHOUT_A_SITE.split())
"""Platforms that are none: the extractor knew nothing of the site, and the id that it gives is the
last part of an address."""

NO_IDS = frozenset(_ENDS_OF_ADDRESSES.split() + _NOTHING.split())
"""What such last parts are called on thousands of sites, and how programs write that there is no
id: yt-dlp's templates `NA`, Python `None`, tables `nan`."""


def post_id_of(platform: str, native_id: str | None, url: str | None, upload_id: str) -> str:
    """`platform:id`, else the page's address, else `local:` and 16 hex digits of the upload's path.

    An id is one only within what it identifies: `master` of an extractor that knows no site, or
    `videoplayback`, is the end of thousands of addresses, and `None` is no id at all: believing
    one would make the second such upload vanish behind the first.

    The first colon ends the platform, and the id contains neither `@` nor `#`: they are
    percent-encoded where they would, so that two posts never share an id, and neither
    `platform:id@account` nor `platform:id#2` is any post's own id.
    """
    if native_id is not None and names_a_post(native_id) and platform not in NO_PLATFORMS:
        return f"{_escape(platform, ':@#')}:{_escape(native_id, '@#')}"
    address = None if url is None else _address(url)
    return address or f"local:{hashlib.sha256(upload_id.encode()).hexdigest()[:16]}"


def names_a_post(native_id: str) -> bool:
    """Whether an id tells a post from others of its platform."""
    return native_id.casefold() not in NO_IDS


def _address(url: str) -> str | None:
    """One writing of a page's address; None when it names a whole site and no page."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not parts.path.strip("/") and not parts.query:
        return None
    whole = parts._replace(
        scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), fragment=""
    ).geturl()
    return clean_key(_escape(whole, "@#", percent=False), MAX_ADDRESS_CHARACTERS)


def _escape(text: str, reserved: str, *, percent: bool = True) -> str:
    for character in ("%" if percent else "") + reserved:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
