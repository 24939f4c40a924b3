"""The text of a post out of its title and its description, which often say the same.

Belongs here: which titles were made up by a site or a downloader, and when two texts are one.
Does not: reading the two (a module per format beside this one).

A site without titles gets one made up: `Video by NAME`, `NAME - TEXT`, `TEXT | NAME on Reels`, the
text cut off at 72 characters. Kept beside the text it would count every word twice, and a title
that many posts share would make them look alike.
"""

import unicodedata
from collections.abc import Iterable

import regex

_LINK = regex.compile(r"https?://\S+", regex.IGNORECASE)
_LAST_HASHTAGS = regex.compile(r"(?:\s*[#＃][^\s#＃]+)+\s*$")
_NUMBER = regex.compile(r"\s#\d+$")  # of several clips of one post
_CUT = regex.compile(r"\s*(?:…|\.\.\.)$")
_MAX_NAME_CHARACTERS = 256
_QUOTES = "\"'“”„‟«»‘’ "
_SITE = r"(?:facebook|instagram|threads|tiktok|twitter|x|bluesky|youtube|vk|reels|reddit|linkedin)"
_COUNTS = regex.compile(
    r"[\d.,]+\s?[KMB]?\s\p{L}+(?:\s·\s[\d.,]+\s?[KMB]?\s\p{L}+)*", regex.IGNORECASE
)


def one_text(title: str, description: str, *, names: Iterable[str], post_id: str | None) -> str:
    """What the poster wrote, once: the description, after the title where that says something else.

    Args:
        title: cleaned.
        description: cleaned.
        names: what the account is called, in all forms.
        post_id: the number that a made-up title may end in.
    """
    if not title:
        return description
    known = [name for name in names if 0 < len(name) <= _MAX_NAME_CHARACTERS]
    said = _without_frame(" ".join(title.split()), known, post_id)
    if not said or _is_part(said, description):
        return description
    if not description or _is_beginning(description, said):
        return title
    if _without_last_hashtags(said) == _without_last_hashtags(description):
        return description
    if _folded(said) in map(_folded, known):
        return description
    return f"{title}\n\n{description}"


def _without_frame(title: str, names: list[str], post_id: str | None) -> str:
    """The title without what was put around the poster's words; empty when there are none."""
    if post_id and regex.fullmatch(rf"[\w: .]+ video #{regex.escape(post_id)}", title, regex.I):
        return ""
    said = str(_NUMBER.sub("", title))
    anyone = "|".join(regex.escape(name) for name in sorted(set(names), key=len, reverse=True))
    if not anyone:
        return said
    who = rf"(?:{anyone})(?: \(@[\w.]+\))?"
    if regex.fullmatch(rf"\p{{L}}+ by @?{who}|{who} on {_SITE}", said, regex.IGNORECASE):
        return ""
    parts = said.split(" | ")
    said = " | ".join(part for part in parts if len(parts) == 1 or not _is_frame(part, who))
    quoted = regex.match(rf"{who} on {_SITE}(?: \w+)?: (.+)", said, regex.IGNORECASE | regex.DOTALL)
    if quoted:
        return str(quoted[1]).strip(_QUOTES)
    return str(regex.sub(rf"^{who}(?:\s?[-–—:](?:\s+|$))", "", said, flags=regex.IGNORECASE))


def _is_frame(part: str, who: str) -> bool:
    """Whether a part of a title between bars is a name, a site, or counts."""
    made_up = rf"(?:by )?{who}(?: on {_SITE}| - {_SITE})?|(?:{_SITE})"
    return bool(regex.fullmatch(made_up, part, regex.IGNORECASE) or _COUNTS.fullmatch(part))


def _is_part(said: str, description: str) -> bool:
    """Whether the description holds what a title says, which may be cut off."""
    cut = _CUT.search(said)
    wanted, text = _folded(_CUT.sub("", said)), _folded(description)
    if not wanted:  # nothing but links
        return _CUT.sub("", said) in description
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not _splits_word(text, start) and (cut or not _splits_word(text, end)):
            return True
        start = text.find(wanted, start + 1)
    return False


def _is_beginning(description: str, said: str) -> bool:
    """Whether a title begins with all that the description says, which may be cut off."""
    wanted, text = _folded(_CUT.sub("", description)), _folded(said)
    cut = bool(_CUT.search(description))
    return bool(wanted) and text.startswith(wanted) and (cut or not _splits_word(text, len(wanted)))


def _splits_word(text: str, position: int) -> bool:
    """Whether a position lies inside a word of a script with upper and lower case."""
    around = text[max(position - 1, 0) : position + 1]
    return 0 < position < len(text) and all(letter.lower() != letter.upper() for letter in around)


def _without_last_hashtags(text: str) -> str:
    return str(_LAST_HASHTAGS.sub("", _folded(text)))


def _folded(text: str) -> str:
    """The text in one form: no links, no case, no double spaces, no forms for compatibility."""
    return " ".join(unicodedata.normalize("NFKC", _LINK.sub(" ", text)).casefold().split())
