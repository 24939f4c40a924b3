"""A BERTopic of the whole corpus, with this package's space, clustering and words plugged in.

Belongs here: the sub-models as BERTopic calls them, and fitting it.
Does not: what the sub-models do (space.py, hashtags.py, clustering.py, naming.py), the order of
steps (fit.py), keeping the model (saved_model.py).

See "Sub-models" in BERTopic's documentation. Accounts are clustered by the same sub-models without
a BERTopic of their own, which would cost thousands of accounts more than everything else does.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vidpipe.topics.clustering import OUTLIER, Clustering, cluster
from vidpipe.topics.corpus import Corpus
from vidpipe.topics.hashtags import filled_in
from vidpipe.topics.naming import WORDS, TopicWords, WeighedWord
from vidpipe.topics.space import Labels, Space, Vectors, blend, unit_rows

if TYPE_CHECKING:
    from bertopic import BERTopic

ALIKE = 0.9  # mean cosine from which videos are of one topic: nothing tells them apart
ALIKE_THRESHOLD = 0.5  # for later videos then
# In the place of a document without words, as BERTopic does; two, for c-TF-IDF fails with one.
NO_WORDS = "emptydoc nowords"
NO_WORD: WeighedWord = ("", 1e-5)  # what BERTopic calls a topic without words


class BlendedSpace:
    """Contents as one unit vector of all they have: BERTopic's dimensionality reduction.

    As t-SNE does, it places nothing but what it is fitted to.

    Attributes:
        space: the space of looks.
        looks: places of the contents in it by looks and descriptions, unit rows.
        words: hashtag vectors of the contents; where there are none, those of similar contents.
        weight: weight of the words, 0 to 1; 0 if there are none at all.
        vectors: the places, unit rows, shape (contents, axes).
    """

    def __init__(self, space: Space, looks: Vectors, words: Vectors, weight: float) -> None:
        self.space = space
        self.looks = looks
        self.words = words
        self.weight = weight if words.any() else 0.0
        self.vectors: Vectors = np.zeros((0, 1), np.float32)

    def fit_transform(self, means: Vectors, y: None = None) -> Vectors:  # noqa: ARG002
        """Places contents by their mean vectors, shape (contents, dimensions)."""
        if len(means) != len(self.looks):
            raise ValueError(
                f"{len(means)} contents are not the {len(self.looks)} that were placed"
            )
        self.words = filled_in(self.words, self.looks)
        self.vectors = blend(self.looks, self.words, self.weight)
        return self.vectors


class AverageLinkage:
    """Groups of near contents: BERTopic's clustering.

    Attributes:
        least: number of contents that make a group.
        threshold: cosine distance up to which groups are one; None chooses it.
        are_alike: all contents are one group, however they are placed.
        clustering: the groups found.
        labels_: the group of each content, or `OUTLIER`.
    """

    def __init__(self, least: int, threshold: float | None, *, are_alike: bool) -> None:
        self.least = least
        self.threshold = threshold
        self.are_alike = are_alike
        self.clustering = Clustering(np.zeros(0, np.int64), threshold or ALIKE_THRESHOLD)

    @property
    def labels_(self) -> Labels:
        return self.clustering.labels

    def fit(self, vectors: Vectors, y: None = None) -> "AverageLinkage":  # noqa: ARG002
        """Finds the groups of unit rows."""
        if self.are_alike:
            label = 0 if len(vectors) >= self.least else OUTLIER
            self.clustering = Clustering(
                np.full(len(vectors), label), self.threshold or ALIKE_THRESHOLD
            )
        else:
            self.clustering = cluster(vectors, least=self.least, threshold=self.threshold)
        return self


def are_alike(means: Vectors) -> bool:
    """Whether nothing tells contents apart, by their mean vectors."""
    return float(np.square(unit_rows(means).mean(axis=0)).sum()) >= ALIKE


def fit_model(
    corpus: Corpus, topic_words: TopicWords, placing: BlendedSpace, grouping: AverageLinkage
) -> "BERTopic":
    """A BERTopic of all contents, with the model's vectors as embeddings.

    The vectorizer reads words with spaces between them, so that it is the same when the model is
    loaded: functions of ours could not be saved with it.
    """
    from bertopic import BERTopic
    from bertopic.representation import BaseRepresentation
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    class MostTellingWords(BaseRepresentation):  # type: ignore[misc]
        """The words of this package; contents in no topic keep those of BERTopic."""

        def extract_topics(
            self,
            topic_model: BERTopic,
            documents: Any,
            c_tf_idf: Any,  # noqa: ARG002
            topics: Mapping[int, Sequence[WeighedWord]],
        ) -> dict[int, list[WeighedWord]]:
            given = documents.sort_values("ID")["Topic"].to_numpy()
            numbers = [number for number in topics if number != OUTLIER]
            members = [np.flatnonzero(given == number) for number in numbers]
            telling = topic_words.most_telling(
                [(np.array(corpus.rows_of_posts(rows, None), np.int64), rows) for rows in members]
            )
            words = {
                number: list(of_topic) or [NO_WORD]
                for number, of_topic in zip(numbers, telling, strict=True)
            }
            in_none = {
                number: list(of_topic[: topic_model.top_n_words])
                for number, of_topic in topics.items()
                if number == OUTLIER
            }
            return in_none | words

    model = BERTopic(
        language="multilingual",  # English would drop all letters but its own
        top_n_words=WORDS,
        umap_model=placing,
        hdbscan_model=grouping,
        vectorizer_model=CountVectorizer(lowercase=False, token_pattern=r"\S+"),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        representation_model=MostTellingWords(),
    )
    return model.fit(_documents(corpus, topic_words), corpus.means)


def numbers_of(model: "BERTopic") -> dict[int, int]:
    """BERTopic's number of each group: it counts anew, the largest first."""
    mappings: dict[int, int] = model.topic_mapper_.get_mappings()
    return {int(group): int(number) for group, number in mappings.items() if group != OUTLIER}


def words_of_groups(model: "BERTopic") -> list[tuple[str, ...]]:
    """The words of each group, in the order of groups."""
    numbers = numbers_of(model)
    return [
        tuple(word for word, _ in model.get_topic(numbers[group]) if word)
        for group in range(len(numbers))
    ]


def _documents(corpus: Corpus, topic_words: TopicWords) -> list[str]:
    """The words of every content: written in its posts, read in its frames."""
    documents = []
    for content, read in enumerate(topic_words.read):
        written = [topic_words.written[row] for row in corpus.rows_of_posts([content], None)]
        documents.append(" ".join(filter(None, [*written, read])) or NO_WORDS)
    return documents if topic_words.distinct != 1 else [f"{one} {NO_WORDS}" for one in documents]
