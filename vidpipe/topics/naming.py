"""What topics are called: the words that set each apart, by BERTopic's c-TF-IDF.

Belongs here: tokens in any script, counting them, the most telling of each topic.
Does not: finding the topics (fit.py), plugging words into BERTopic (model.py).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from vidpipe.topics.corpus import Corpus

WORDS = 8
LABEL_WORDS = 3
HASHTAG_WEIGHT = 3  # how often a hashtag counts: it names the subject
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
WeighedWord = tuple[str, float]


def tokens(text: str) -> list[str]:
    """The folded words of a text, without numbers and single letters.

    Scripts without spaces give pairs of characters.
    """
    found: list[str] = []
    for match in WORD.finditer(text[:LONGEST_TEXT]):
        word = match.group().casefold()
        if WITHOUT_SPACES.fullmatch(word):
            found += [word[start : start + 2] for start in range(len(word) - 1)]
        elif 1 < len(word) <= LONGEST_WORD and not NUMBER.fullmatch(word):
            found.append(word)
    return found


def label_of(words: Sequence[str], topic_id: int) -> str:
    """The first thing that people read of a topic."""
    return " · ".join(words[:LABEL_WORDS]) or f"topic {topic_id}"


class TopicWords:
    """The words of a corpus, counted once for all topics.

    Attributes:
        written: words of each post, with spaces between them.
        read: words of each content's accepted OCR text, likewise.
    """

    def __init__(self, corpus: Corpus) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self.written = [
            _words(" ".join([*post.hashtags * HASHTAG_WEIGHT, post.description]))
            for post in corpus.posts
        ]
        self.read = [_words(text) for text in corpus.read]
        self._vocabulary: NDArray[Any] = np.array([])
        self._counts_written = self._counts_read = None
        vectorizer = CountVectorizer(analyzer=str.split)
        if any(self.written) or any(self.read):
            counts = vectorizer.fit_transform([*self.written, *self.read]).tocsr()
            self._vocabulary = vectorizer.get_feature_names_out()
            posts = len(self.written)
            self._counts_written, self._counts_read = counts[:posts], counts[posts:]

    @property
    def distinct(self) -> int:
        """Number of different words."""
        return len(self._vocabulary)

    def most_telling(self, topics: Sequence[tuple[Rows, Rows]]) -> list[tuple[WeighedWord, ...]]:
        """The most telling words of each topic of one scope, the best first; none without words.

        Source: c-TF-IDF, Grootendorst, "BERTopic: Neural topic modeling with a class-based TF-IDF
        procedure", 2022.

        Args:
            topics: rows of its posts and of its contents.
        """
        if self._counts_written is None or self._counts_read is None or not topics:
            return [()] * len(topics)
        from bertopic.vectorizers import ClassTfidfTransformer
        from scipy.sparse import vstack

        counts = vstack(
            [
                _sum_of_rows(self._counts_written[posts])
                + _sum_of_rows(self._counts_read[contents])
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
        weights = counts[:, known].tocsr()
        if len(known) > 1:  # a single word has none to be weighed against, and c-TF-IDF fails
            weights = ClassTfidfTransformer(reduce_frequent_words=True).fit_transform(weights)
        words = self._vocabulary[known]
        return [
            tuple((str(words[column]), weight) for column, weight in _largest(weights[[topic]]))
            for topic in range(len(topics))
        ]


def _words(text: str) -> str:
    return " ".join(tokens(text))


def _sum_of_rows(counts: Any) -> Any:
    """The sum of sparse rows as one sparse row."""
    from scipy.sparse import csr_matrix

    return csr_matrix(np.ones((1, counts.shape[0]), counts.dtype)) @ counts


def _largest(row: Any) -> list[tuple[int, float]]:
    """Columns and weights of a sparse row, the greatest first; equal weights by column."""
    order = np.lexsort((row.indices, -row.data))
    order = order[row.data[order] > 0][:WORDS]
    return list(zip(row.indices[order].tolist(), row.data[order].tolist(), strict=True))
