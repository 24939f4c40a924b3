"""What topics are called: the words that set each apart, by BERTopic's c-TF-IDF.

Belongs here: tokens in any script, counting them, the most telling of each topic.
Does not: finding the topics.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from vidpipe.topics.corpus import Corpus

WORDS = 8
LABEL_WORDS = 3
HASHTAG_WEIGHT = 3  # hashtags count so often: they name the subject
MOST_TOPICS = 0.5  # a word in a larger share of the topics tells none apart
FEWEST_TOPICS = 4  # below, that share says nothing
LONGEST_TEXT = 5_000
LONGEST_WORD = 40

WORD = regex.compile(r"[\p{L}\p{M}\p{N}_]+")
WITHOUT_SPACES = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{M}ー]+"
)
NUMBER = regex.compile(r"[\p{N}_]+")

Rows = NDArray[np.int64]


def tokens(text: str) -> list[str]:
    """Words, folded; scripts without spaces as pairs of characters; no numbers, no letters."""
    found: list[str] = []
    for match in WORD.finditer(text[:LONGEST_TEXT]):
        word = match.group().casefold()
        if WITHOUT_SPACES.fullmatch(word):
            found += [word[start : start + 2] for start in range(len(word) - 1)]
        elif 1 < len(word) <= LONGEST_WORD and not NUMBER.fullmatch(word):
            found.append(word)
    return found


def label_of(words: Sequence[str], topic_id: int) -> str:
    """What people read first of a topic."""
    return " · ".join(words[:LABEL_WORDS]) or f"topic {topic_id}"


class TopicWords:
    """The words of a corpus, counted once for all topics."""

    def __init__(self, corpus: Corpus) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        written = [
            " ".join([*post.hashtags * HASHTAG_WEIGHT, post.description]) for post in corpus.posts
        ]
        self._vocabulary: NDArray[Any] = np.array([])
        self._written = self._read = None
        vectorizer = CountVectorizer(analyzer=tokens)
        if any(map(tokens, (*written, *corpus.read))):
            counts = vectorizer.fit_transform([*written, *corpus.read]).tocsr()
            self._vocabulary = vectorizer.get_feature_names_out()
            self._written, self._read = counts[: len(written)], counts[len(written) :]

    def most_telling(self, topics: Sequence[tuple[Rows, Rows]]) -> list[tuple[str, ...]]:
        """The most telling words of each topic of one scope, the best first; none without words.

        Source: c-TF-IDF, Grootendorst, "BERTopic: Neural topic modeling with a class-based TF-IDF
        procedure", 2022.

        Args:
            topics: rows of its posts and of its contents.
        """
        if self._written is None or self._read is None or not topics:
            return [()] * len(topics)
        from bertopic.vectorizers import ClassTfidfTransformer
        from scipy.sparse import vstack

        counts = vstack(
            [
                _sum_of_rows(self._written[posts]) + _sum_of_rows(self._read[contents])
                for posts, contents in topics
            ]
        ).tocsc()
        in_topics = np.diff(counts.indptr)
        is_telling = in_topics > 0
        if len(topics) >= FEWEST_TOPICS:
            is_telling &= in_topics <= MOST_TOPICS * len(topics)
        known = np.flatnonzero(is_telling)
        if not len(known):
            return [()] * len(topics)
        weigh = ClassTfidfTransformer(reduce_frequent_words=True)
        weights = weigh.fit_transform(counts[:, known].tocsr())
        return [
            tuple(str(self._vocabulary[known[column]]) for column in _largest(weights[[topic]]))
            for topic in range(len(topics))
        ]


def _sum_of_rows(counts: Any) -> Any:
    """One sparse row."""
    from scipy.sparse import csr_matrix

    return csr_matrix(np.ones((1, counts.shape[0]), counts.dtype)) @ counts


def _largest(row: Any) -> NDArray[np.int64]:
    """Columns of the greatest weights of a sparse row, of equal ones the first first."""
    order = np.lexsort((row.indices, -row.data))
    return np.asarray(row.indices[order][row.data[order] > 0][:WORDS], np.int64)
