"""What topics are called: the words that set each apart, by BERTopic's c-TF-IDF.

Belongs here: tokens in any script, BERTopic with our groups. Does not: finding the groups.
"""

from collections.abc import Sequence
from typing import Any

import regex

from vidpipe.topics.clustering import OUTLIER
from vidpipe.topics.space import Labels, Vectors

WORDS = 8
LABEL_WORDS = 3
MOST_TOPICS = 0.5  # a word in a larger share of the topics tells none apart
FEWEST_TOPICS = 4  # below, that share says nothing
LONGEST_TEXT = 5_000
LONGEST_WORD = 40
NOTHING = "\N{SYMBOL FOR NULL}"  # stands for a video without words; never shown

WORD = regex.compile(r"[\p{L}\p{M}\p{N}_]+")
WITHOUT_SPACES = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{M}ー]+"
)
NUMBER = regex.compile(r"[\p{N}_]+")


def tokens(text: str) -> list[str]:
    """Words, folded; scripts without spaces as pairs of characters; no numbers, no letters."""
    found: list[str] = []
    for match in WORD.finditer(text[:LONGEST_TEXT]):
        word = match.group().casefold()
        if WITHOUT_SPACES.fullmatch(word):
            found += [word[start : start + 2] for start in range(len(word) - 1)]
        elif 1 < len(word) <= LONGEST_WORD and not NUMBER.fullmatch(word):
            found.append(word)
    return found or [NOTHING]


def name_groups(texts: Sequence[str], vectors: Vectors, labels: Labels) -> list[list[str]]:
    """The most telling words of each group, the best first; none where it has no words.

    Args:
        texts: one of each video.
        vectors: in which the groups were found.
        labels: group of each video, or `OUTLIER`.
    """
    count = int(labels.max(initial=OUTLIER)) + 1
    if not count or not any(token != NOTHING for text in texts for token in tokens(text)):
        return [[] for _ in range(count)]
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    topics = count + int((labels == OUTLIER).any())
    model = BERTopic(
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=GivenGroups(labels),
        vectorizer_model=CountVectorizer(
            analyzer=tokens, max_df=MOST_TOPICS if topics >= FEWEST_TOPICS else 1.0
        ),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        top_n_words=WORDS + 1,
    )
    # BERTopic refuses texts that are empty.
    found, _ = model.fit_transform([text or NOTHING for text in texts], vectors)
    number = {int(label): int(topic) for label, topic in zip(labels, found, strict=True)}
    return [
        [word for word, weight in model.get_topic(number[label]) if _is_shown(word, weight)][:WORDS]
        for label in range(count)
    ]


def label_of(words: Sequence[str], topic_id: int) -> str:
    """What people read first of a topic."""
    return " · ".join(words[:LABEL_WORDS]) or f"topic {topic_id}"


class GivenGroups:
    """A clustering model for BERTopic whose groups were found before."""

    def __init__(self, labels: Labels) -> None:
        self.labels_ = labels

    def fit(self, *_: Any) -> "GivenGroups":
        """Nothing is left to do."""
        return self

    def predict(self, _: Any) -> Labels:
        """The given groups."""
        return self.labels_


def _is_shown(word: str, weight: float) -> bool:
    return bool(word) and weight > 0 and word != NOTHING
