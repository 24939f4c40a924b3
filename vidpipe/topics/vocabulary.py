"""The words that each text of a corpus is counted by.

Belongs here: function words and words that OCR glued left out, languages of texts, hashtags.
Does not: cutting texts (tokens.py), the lists (function_words.py), weighing (naming.py).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vidpipe.topics.corpus import Corpus
from vidpipe.topics.function_words import function_words, is_listed, languages
from vidpipe.topics.tokens import HASHTAG, hashtag_token, tokens

ANY = ""  # the language of hashtags, and of texts that nothing tells
LONG = 13  # letters of a word that stands in pictures only, from which it is taken for glued words
FEW = 3  # contents; a long word that is read in fewer is no word that people use
SHORTEST_PART = 3  # letters of a word inside glued ones

SPACELESS = ("zh", "ja")  # dictionaries have cut what belongs together in these

Term = tuple[str, str]  # language and word


@dataclass(frozen=True)
class Terms:
    """What the texts of a corpus are counted by.

    Attributes:
        written: terms of every post, hashtags first.
        read: terms of every content's OCR text.
        side_by_side: terms that follow each other without a word between them, of every post.
    """

    written: list[list[Term]]
    read: list[list[Term]]
    side_by_side: list[set[tuple[Term, Term]]]


def terms_of(corpus: Corpus) -> Terms:
    """The terms of every post (description and hashtags) and of every content's OCR text."""
    descriptions = [post.description for post in corpus.posts]
    texts = [*descriptions, *corpus.read]
    words = [tokens(text) for text in texts]
    tags = [post.language for post in corpus.posts] + [None] * len(corpus.read)
    spoken = languages(texts, tags)
    posts = len(descriptions)
    hashtags = [sorted({hashtag_token(tag) for tag in post.hashtags}) for post in corpus.posts]
    known = {word for of_post in words[:posts] for word in of_post}
    known |= {tag.removeprefix(HASHTAG) for of_post in hashtags for tag in of_post}
    glued = _glued(words[posts:], known)
    terms = [
        [(language or ANY, word) for word in of_text if _says_something(word, language)]
        for of_text, language in zip(words, spoken, strict=True)
    ]
    return Terms(
        written=[
            [(ANY, tag) for tag in of_post if tag != HASHTAG] + of_text
            for of_post, of_text in zip(hashtags, terms[:posts], strict=True)
        ],
        read=[[term for term in of_text if term[1] not in glued] for of_text in terms[posts:]],
        side_by_side=[
            {
                ((language, first), (language, second))
                for first, second in pairwise(of_post)
                if language and language not in SPACELESS
            }
            for of_post, language in zip(words[:posts], spoken[:posts], strict=True)
        ],
    )


def _says_something(word: str, language: str | None) -> bool:
    """Whether a word is none of its language's function words; of any, where it is not known."""
    return not (word in function_words(language) if language else is_listed(word))


def _glued(read: Sequence[Sequence[str]], known: set[str]) -> set[str]:
    """Words of OCR that are several words without the spaces between them.

    Args:
        read: words of each content's OCR text.
        known: words that people have written.
    """
    contents = Counter(word for words in read for word in set(words))
    only_read = {word for word in contents if word not in known}
    parts = known | {word for word in only_read if contents[word] >= FEW and len(word) < LONG}
    return {
        word
        for word in only_read
        if (len(word) >= LONG and contents[word] < FEW) or _splits(word, parts)
    }


def _splits(word: str, parts: set[str]) -> bool:
    """Whether a word is two or more known ones, function words of any language among them."""
    if len(word) < 2 * SHORTEST_PART:
        return False
    reached = {0}
    for end in range(SHORTEST_PART, len(word) + 1):
        for start in tuple(reached):
            piece = word[start:end]
            is_part = SHORTEST_PART <= len(piece) < len(word)
            if is_part and (piece in parts or is_listed(piece)):
                reached.add(end)
    return len(word) in reached
