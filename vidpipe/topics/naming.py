"""What topics are called: words and hashtags that are typical of each and rare elsewhere.

Belongs here: weighing words, joining them to phrases, the words of each topic.
Does not: which words a text has (vocabulary.py), what is seen where words say nothing
(concepts.py), plugging words into BERTopic (model.py).

A word weighs by the share of the topic's contents that have it, times the logarithm of how much
larger that share is than elsewhere: its part in the divergence of the topic from the rest (Kullback
and Leibler, "On information and sufficiency", 1951). BERTopic's c-TF-IDF counts how often a word is
said, so one chatty post could name a topic; and a hashtag that stands everywhere, such as #fyp, has
a logarithm of 0 here. Where a topic is spoken of in several languages, the one of most of its
contents names it; hashtags are of all languages.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidpipe.topics.corpus import Corpus
from vidpipe.topics.tokens import HASHTAG, can_be_shown
from vidpipe.topics.vocabulary import ANY, Term, terms_of

WORDS = 8
LABEL_WORDS = 3
SEEN = "seen: "  # how labels begin that are from looks alone
FEWEST_CONTENTS = 2  # that have a word; one alone is no topic's
LEAST_SHARE = 0.2  # of the topic's contents with texts in the language
LEAST_RATIO = 3.0  # of that share and the one elsewhere
LEAST_WEIGHT = 0.4  # of the heaviest word's
READ_WEIGHT = 0.5  # of words that stand in pictures only: captions often say the same of anything
PHRASE_SHARE = 0.7  # of the contents with the rarer of two words, in which both stand side by side
SMOOTHING = 0.5  # contents

Rows = NDArray[np.int64]
WeighedWord = tuple[str, float]


def label_of(words: Sequence[str], topic_id: int, seen: Sequence[str] = ()) -> str:
    """The first thing that people read of a topic.

    Args:
        words: its words.
        topic_id: its number, by which it is called where there is nothing else.
        seen: what it shows, by which it is called where it has no words; the label says so.
    """
    if not words and seen:
        return SEEN + " · ".join(seen)
    return " · ".join(words[:LABEL_WORDS]) or f"topic {topic_id}"


class TopicWords:
    """The words of a corpus, counted once for all topics.

    Attributes:
        written: words of each post, with spaces between them, hashtags among them.
        read: words of each content's accepted OCR text, likewise.
    """

    def __init__(self, corpus: Corpus) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._corpus = corpus
        terms = terms_of(corpus)
        self.written = [" ".join(word for _, word in of_post) for of_post in terms.written]
        self.read = [" ".join(word for _, word in of_text) for of_text in terms.read]
        self._terms: list[Term] = []
        self._written: Any = None
        self._read: Any = None
        self._written_terms, self._side_by_side = terms.written, terms.side_by_side
        if any(terms.written) or any(terms.read):
            counting = CountVectorizer(analyzer=list, binary=True)
            counts = counting.fit_transform([*terms.written, *terms.read]).tocsr()
            self._terms = [tuple(term) for term in counting.get_feature_names_out().tolist()]
            self._written, self._read = counts[: len(terms.written)], counts[len(terms.written) :]
            in_writing = np.asarray(self._written.sum(axis=0)).ravel() > 0
            self._trust = np.where(in_writing, 1.0, READ_WEIGHT)
            self._languages = np.array([language for language, _ in self._terms])
            self._can_be_shown = np.array([can_be_shown(word) for _, word in self._terms])

    @property
    def distinct(self) -> int:
        """Number of different words."""
        return len({word for _, word in self._terms})

    def most_telling(
        self, topics: Sequence[tuple[Rows, Rows]], everything: tuple[Rows, Rows] | None = None
    ) -> list[tuple[WeighedWord, ...]]:
        """The words that name each topic of one scope, the best first; none if they say nothing.

        Args:
            topics: rows of its posts and of its contents.
            everything: posts and contents with which a single topic is compared; None: no others.
        """
        if self._written is None or not topics:
            return [()] * len(topics)
        counted = [self._of_contents(posts, contents) for posts, contents in topics]
        others = [self._of_contents(*everything)] if everything and len(topics) == 1 else counted
        total = np.sum([_sums(one)[0] for one in others], axis=0)
        spoken = np.sum([self._spoken(one) for one in others], axis=0)
        return [
            self._named(posts, one, total, spoken)
            for (posts, _), one in zip(topics, counted, strict=True)
        ]

    def _of_contents(self, posts: Rows, contents: Rows) -> Any:
        """The terms of each content, shape (contents, terms), 1 where one of its texts has it."""
        from scipy.sparse import csr_matrix

        assert self._written is not None
        assert self._read is not None
        place = {content: row for row, content in enumerate(contents.tolist())}
        rows = [place[self._corpus.posts[post].content] for post in posts.tolist()]
        shape = (len(contents), len(posts))
        of_posts = csr_matrix((np.ones(len(rows)), (rows, np.arange(len(rows)))), shape=shape)
        counts = (of_posts @ self._written[posts] + self._read[contents]).tocsr()
        counts.data[:] = 1
        return counts

    def _spoken(self, counts: Any) -> NDArray[np.float64]:
        """For each term, the number of contents with any text in its language."""
        spoken = np.zeros(len(self._terms))
        for language in np.unique(self._languages):
            of_language = self._languages == language
            spoken[of_language] = (counts[:, np.flatnonzero(of_language)].getnnz(axis=1) > 0).sum()
        return spoken

    def _named(
        self, posts: Rows, counts: Any, total: NDArray[Any], spoken: NDArray[Any]
    ) -> tuple[WeighedWord, ...]:
        """The words of one topic.

        Args:
            posts: rows of its posts.
            counts: terms of its contents.
            total: contents with each term, of all topics.
            spoken: contents with any text in each term's language, of all topics.
        """
        own, of_language = _sums(counts)[0], self._spoken(counts)
        share = own / np.maximum(of_language, 1)
        inside = (own + SMOOTHING) / (of_language + 2 * SMOOTHING)
        outside = (total - own + SMOOTHING) / (spoken - of_language + 2 * SMOOTHING)
        is_alone = spoken <= of_language  # nothing elsewhere to compare with
        ratio = np.where(is_alone, LEAST_RATIO, inside / outside)
        weights = inside * np.log(np.maximum(ratio, 1e-9)) * self._trust
        language = self._main_language(counts)
        can_name = self._can_be_shown & (own >= min(FEWEST_CONTENTS, counts.shape[0]))
        can_name &= (share >= LEAST_SHARE) & (ratio >= LEAST_RATIO)
        can_name &= np.isin(self._languages, [ANY, language])
        columns = np.flatnonzero(can_name & (weights > 0))
        order = columns[np.lexsort((columns, -weights[columns]))]
        ranked = [(self._terms[column], float(weights[column])) for column in order]
        return _shown(self._joined(posts, ranked))[:WORDS]

    def _main_language(self, counts: Any) -> str:
        """The language that most contents have words of; hashtags have none."""
        contents = {
            str(language): int(
                (counts[:, np.flatnonzero(self._languages == language)].getnnz(axis=1) > 0).sum()
            )
            for language in np.unique(self._languages)
            if language != ANY
        }
        return max(contents, key=lambda one: (contents[one], one), default=ANY)

    def _joined(self, posts: Rows, ranked: list[tuple[Term, float]]) -> list[WeighedWord]:
        """The words with those joined to a phrase that stand side by side nearly always."""
        top = dict(ranked[: 2 * WORDS])
        pairs: Counter[tuple[Term, Term]] = Counter()
        alone: Counter[Term] = Counter()
        for row in posts.tolist():
            phrases = self._side_by_side[row]
            alone.update({term for term in self._written_terms[row] if term in top})
            pairs.update(pair for pair in phrases if pair[0] in top and pair[1] in top)
        taken: set[Term] = set()
        joined: dict[Term, str] = {}
        for (first, second), times in sorted(pairs.items(), key=lambda one: (-one[1], one[0])):
            if {first, second} & taken:
                continue
            if times >= FEWEST_CONTENTS and times >= PHRASE_SHARE * max(
                alone[first], alone[second]
            ):
                taken |= {first, second}
                heavier, lighter = sorted((first, second), key=lambda one: -top[one])
                joined[heavier], joined[lighter] = f"{first[1]} {second[1]}", ""
        words = [(joined.get(term, term[1]), weight) for term, weight in ranked]
        return [(word, weight) for word, weight in words if word]


def _shown(ranked: Sequence[WeighedWord]) -> tuple[WeighedWord, ...]:
    """The words worth showing, none of them twice as word and hashtag."""
    shown: dict[str, WeighedWord] = {}
    least = LEAST_WEIGHT * ranked[0][1] if ranked else 0.0
    tags = {word[1:] for word, weight in ranked if word.startswith(HASHTAG) and weight >= least}
    for word, weight in ranked:
        if weight >= least and word not in tags:
            shown.setdefault(word, (word, weight))
    return tuple(shown.values())


def _sums(counts: Any) -> NDArray[np.float64]:
    """Contents with each term, shape (1, terms)."""
    return np.asarray(counts.sum(axis=0), np.float64).reshape(1, -1)
