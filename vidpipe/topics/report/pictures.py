"""Pictures of a report as data URIs, each once, up to a total size.

Belongs here: encoding and counting. Does not: which pictures there are (browser_data.py).
"""

import base64

# Of all data URIs. With plotly.js (5 MB) and 7,500 descriptions in a script of three bytes a
# character (5 MB), a page stays below 20 MB.
MAX_CHARACTERS = 9_500_000
SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
MISSING = -1


class Pictures:
    """Data URIs by number; the first to come have room."""

    def __init__(self, max_characters: int = MAX_CHARACTERS) -> None:
        self.uris: list[str] = []
        self.left_out = 0
        self._room = max_characters
        self._numbers: dict[bytes, int] = {}

    def number(self, encoded: bytes) -> int:
        """The picture's number in `uris`; `MISSING` for no picture, or where there is no room."""
        kind = _kind(encoded)
        if kind is None:
            return MISSING
        if encoded in self._numbers:
            return self._numbers[encoded]
        uri = f"data:{kind};base64,{base64.b64encode(encoded).decode()}"
        if len(uri) > self._room:
            self.left_out += 1
            return MISSING
        self._room -= len(uri)
        self._numbers[encoded] = len(self.uris)
        self.uris.append(uri)
        return self._numbers[encoded]


def _kind(encoded: bytes) -> str | None:
    """The media type by the first bytes; None for all that is not shown, above all SVG."""
    if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in SIGNATURES if encoded.startswith(start)), None)
