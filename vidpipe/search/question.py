"""What can be asked of an index: the parts of a question, and what results must satisfy.

Belongs here: values, and refusing what cannot be asked. Does not: answering (answers.py).
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from vidpipe.errors import DecodeError, SettingsError, UnknownName
from vidpipe.models.pictures import open_picture

LARGEST_K = 1000


@dataclass(frozen=True)
class Filters:
    """What a found post must satisfy; None asks for nothing.

    Attributes:
        platform: where it was posted.
        account: who posted it: an id, a handle with or without @, or a name.
        hashtag: one of its hashtags, with or without #, in any case.
        posted_from: first UTC day on which it was posted.
        posted_to: last UTC day on which it was posted.
        ingested_from: first UTC ingest date.
        ingested_to: last UTC ingest date.
    """

    platform: str | None = None
    account: str | None = None
    hashtag: str | None = None
    posted_from: date | None = None
    posted_to: date | None = None
    ingested_from: date | None = None
    ingested_to: date | None = None

    def __post_init__(self) -> None:
        """Refuses spans that end before they start.

        Raises:
            SettingsError: a span ends before it starts.
        """
        for what in ("posted", "ingested"):
            first, last = getattr(self, f"{what}_from"), getattr(self, f"{what}_to")
            if first and last and last < first:
                raise SettingsError(
                    f"nothing is {what} from {first} to {last}: the end comes first"
                )

    def arguments(self) -> dict[str, Any]:
        """The filters as arguments of the SQL search functions."""
        after = self.posted_to + timedelta(days=1) if self.posted_to else None
        return {
            "platform": self.platform,
            "account": self.account,
            "hashtag": self.hashtag,
            "posted_from": _midnight(self.posted_from),
            "posted_until": _midnight(after),
            "ingested_from": self.ingested_from,
            "ingested_until": self.ingested_to,
        }


@dataclass(frozen=True)
class Question:
    """What is searched by: the sum of its parts, each of the same length times its weight.

    Attributes:
        text: words, or None.
        picture: bytes of a picture file (see vidpipe.models.pictures), or None.
        add: more words, each a part of its own.
        subtract: words whose vectors are taken away.
        video: id of a post, or None.
        saved: name of a saved query, or None.

    Words may end in their weight: "helmet*0.5" counts half; other words count 1.
    """

    text: str | None = None
    picture: bytes | None = field(default=None, repr=False)
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()
    video: str | None = None
    saved: str | None = None

    def __post_init__(self) -> None:
        """Refuses a question that names nothing to find.

        Raises:
            SettingsError: nothing is added, some words are empty, or a weight is none.
        """
        for words in (*self.add, *self.subtract):
            if not weighted(words)[0]:
                raise SettingsError("--add and --subtract take words: some are empty")
        if self.picture is None and not (self.video or self.saved or self.added_words):
            raise SettingsError(
                "give a TEXT, --image FILE, --video ID, --saved NAME or --add WORDS to search by"
            )

    @property
    def added_words(self) -> tuple[tuple[str, float], ...]:
        """Words to look for, with their weights."""
        given = (weighted(words) for words in (self.text or "", *self.add))
        return tuple((text, weight) for text, weight in given if text)

    @property
    def subtracted_words(self) -> tuple[tuple[str, float], ...]:
        """Words to keep away from, with their weights."""
        return tuple(weighted(words) for words in self.subtract)

    @property
    def is_one_post(self) -> bool:
        """Whether a post is all that is asked by: then its likes are looked for."""
        return self.video is not None and self == Question(video=self.video)

    @property
    def is_one_saved_query(self) -> bool:
        """Whether a saved query is all that is asked by."""
        return self.saved is not None and self == Question(saved=self.saved)

    @property
    def kind(self) -> str:
        """text, image, text_image or navigation: what its scores can be compared with.

        A saved query is taken for a text; `kind_with` knows better.
        """
        return self.kind_with("text")

    def kind_with(self, kind_of_saved: str | None) -> str:
        """The kind of a question whose saved query, if it has one, is of a given kind."""
        of_saved = kind_of_saved if self.saved else None
        if self.subtract or of_saved == "navigation":
            return "navigation"
        has_picture = self.picture is not None or bool(self.video)
        has_picture = has_picture or of_saved in ("image", "text_image")
        has_text = bool(self.added_words) or of_saved in ("text", "text_image")
        if has_picture:
            return "text_image" if has_text else "image"
        return "text"


def weighted(words: str) -> tuple[str, float]:
    """Words and their weight: "helmet*0.5" is ("helmet", 0.5), other words weigh 1.

    A star with nothing behind it, or with more words, is none of a weight.

    Raises:
        SettingsError: what follows the star is no number, or is not above 0, or not finite.
    """
    text, star, number = words.rpartition("*")
    if not star or not number or number != number.strip() or " " in number or not text.strip():
        return words.strip(), 1.0
    try:
        weight = float(number)
    except ValueError:
        raise SettingsError(
            f"{words!r}: behind the * stands the weight of the words, and {number!r} is no number;"
            f' write "{text}*0.5", or a space behind the * if it belongs to the words'
        ) from None
    if not 0 < weight < math.inf:
        raise SettingsError(f"{words!r}: a weight must be a number above 0")
    return text.strip(), weight


def read_picture(path: Path) -> bytes:
    """Bytes of a picture to search by, as they lie in its file; it was opened once to make sure.

    Raises:
        UnknownName: the file cannot be read.
        DecodeError: it is no picture; the message names it.
    """
    try:
        encoded = path.read_bytes()
        open_picture(encoded, shorter_side_px=1)
    except OSError as error:
        raise UnknownName(f"{path} cannot be read: {error.strerror}") from error
    except DecodeError as error:
        raise DecodeError(f"{path} is no picture to search by: {error}") from error
    return encoded


def checked_k(k: int) -> int:
    """The number of results asked for.

    Raises:
        SettingsError: it is not from 1 to `LARGEST_K`.
    """
    if not 1 <= k <= LARGEST_K:
        raise SettingsError(f"-k {k}: give a number from 1 to {LARGEST_K}")
    return k


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
