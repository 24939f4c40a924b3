"""Finding the topics of a corpus: of all videos, and of each account's.

Belongs here: the order of steps, from a corpus to topics with their members.
Does not: reading (corpus.py), each step itself, BERTopic (model.py), ids and storing (store.py).

What is clustered are contents: reposts of the same bytes count once. Each frame is then given the
topic that it shows (shown.py), so that a video of several scenes has shares in several.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from vidpipe.topics.clustering import OUTLIER, Clustering, Groups, groups_of
from vidpipe.topics.corpus import Account, Corpus
from vidpipe.topics.descriptions import Described, described_space
from vidpipe.topics.hashtags import HashtagSpace
from vidpipe.topics.model import (
    AverageLinkage,
    BlendedSpace,
    are_alike,
    fit_model,
    words_of_groups,
)
from vidpipe.topics.naming import TopicWords
from vidpipe.topics.shown import shown_topics
from vidpipe.topics.space import (
    Labels,
    Space,
    Vectors,
    blend,
    setting_axes,
    setting_space,
    unit_rows,
)

if TYPE_CHECKING:
    from bertopic import BERTopic

MOST_FITTED = 4_000  # contents that a space is fitted to
OWN_SHARE = 0.05  # of the corpus, from which an account's videos are left out of its setting space
PICTURES = 4  # representative keyframes of a topic


@dataclass(frozen=True)
class TopicSettings:
    """The settings of a topic run that a user may choose.

    Attributes:
        words_weight: weight of hashtags against looks, 0 to 1.
        least_videos: number of contents that make a topic.
        threshold: cosine distance up to which groups are one; None chooses it.
    """

    words_weight: float = 0.4
    least_videos: int = 3
    threshold: float | None = None


@dataclass(frozen=True)
class FoundTopic:
    """One topic.

    Attributes:
        account: the account whose topic it is; None for the whole corpus.
        words: its words, the most telling first.
        contents: rows of the corpus whose main topic it is.
        medoid: the row nearest to the centre.
        keyframes: representative keyframes, each of another content.
        embedding: mean vector of its contents by the model, unit length.
        shares: share of seconds whose frames show it, by row of the corpus.
        seen: concepts that it shows, if it has no words.
    """

    account: Account | None
    words: tuple[str, ...]
    contents: tuple[int, ...]
    medoid: int
    keyframes: tuple[str, ...]
    embedding: Vectors
    shares: dict[int, float] = field(repr=False)
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """The global topics' space, for placing later videos.

    Attributes:
        looks: the space of subjects.
        described: how descriptions are placed in it.
        hashtags: the space of the corpus's hashtags.
        groups: the global topics, in order, in the blended space.
        words_weight: weight of hashtags when looks and hashtags are blended.
    """

    looks: Space
    described: Described
    hashtags: HashtagSpace
    groups: Groups
    words_weight: float


@dataclass(frozen=True)
class Found:
    """Everything that a run found.

    Attributes:
        topics: global ones, the largest first, then those of each account.
        clustering: the groups of the whole corpus.
        fitted: None where the corpus is empty.
        positions: places of the contents in the blended space, for a map; shape (contents, axes).
        model: BERTopic of the whole corpus; None where it is empty.
    """

    topics: tuple[FoundTopic, ...]
    clustering: Clustering
    fitted: Fitted | None
    positions: Vectors
    model: "BERTopic | None" = field(default=None, repr=False)

    @property
    def global_topics(self) -> tuple[FoundTopic, ...]:
        """The topics of the whole corpus."""
        return tuple(topic for topic in self.topics if topic.account is None)


def find_topics(corpus: Corpus, settings: TopicSettings) -> Found:
    """All topics of a corpus; the same for the same corpus, whatever the number of threads."""
    with threadpool_limits(1):  # sums of several threads differ in their last digits
        if not corpus.contents:
            nothing = Clustering(np.zeros(0, np.int64), settings.threshold or 0.0)
            return Found((), nothing, None, np.zeros((0, 1), np.float32))
        return _find(corpus, settings)


def _find(corpus: Corpus, settings: TopicSettings) -> Found:
    every = np.arange(len(corpus.contents))
    space, described = _subjects(corpus)
    looks = described.mix(space, space.place(corpus.means), corpus.descriptions)
    hashtags = HashtagSpace.of(corpus.hashtags(every, None), looks)
    placing, grouping = _sub_models(corpus, None, every, space, looks, hashtags, settings)
    topic_words = TopicWords(corpus)
    model = fit_model(corpus, topic_words, placing, grouping)
    scope = _Scope.of(None, every, placing, grouping)
    topics = list(_topics(corpus, scope, words_of_groups(model)))
    everything = (np.arange(len(corpus.posts)), every)
    settings_of = _SettingSpaces.of(corpus.means, scope.labels)
    for account, contents in corpus.accounts.items():
        if len(contents) >= settings.least_videos:
            rows = np.array(contents)
            own = settings_of.space(corpus.means, rows)
            own_looks = own.place(corpus.means[rows])
            own_tags = HashtagSpace.of(corpus.hashtags(rows, account), own_looks)
            placing, grouping = _sub_models(
                corpus, account, rows, own, own_looks, own_tags, settings
            )
            grouping.fit(placing.fit_transform(corpus.means[rows]))
            own_scope = _Scope.of(account, rows, placing, grouping)
            telling = topic_words.most_telling(_members(corpus, own_scope), everything)
            words = [tuple(word for word, _ in of_topic) for of_topic in telling]
            topics += _topics(corpus, own_scope, words)
    fitted = Fitted(space, described, hashtags, scope.groups, scope.weight)
    return Found(tuple(topics), scope.clustering, fitted, scope.vectors, model)


@dataclass(frozen=True)
class _Scope:
    """Contents that were clustered together, and how; arrays go with `contents`."""

    account: Account | None
    contents: NDArray[np.int64]
    vectors: Vectors
    clustering: Clustering
    groups: Groups
    space: Space
    words: Vectors
    weight: float

    @classmethod
    def of(
        cls,
        account: Account | None,
        contents: NDArray[np.int64],
        placing: BlendedSpace,
        grouping: AverageLinkage,
    ) -> "_Scope":
        """The scope by its fitted sub-models."""
        clustering, vectors = grouping.clustering, placing.vectors
        groups = groups_of(vectors, clustering.labels, clustering.threshold)
        return cls(
            account,
            contents,
            vectors,
            clustering,
            groups,
            placing.space,
            placing.words,
            placing.weight,
        )

    @property
    def labels(self) -> Labels:
        return self.clustering.labels


@dataclass(frozen=True)
class _SettingSpaces:
    """Spaces of settings: of shared axes, or of own ones for accounts that shape the corpus."""

    residuals: Vectors
    rows: Labels
    axes: Vectors

    @classmethod
    def of(cls, means: Vectors, labels: Labels) -> "_SettingSpaces":
        rows = np.flatnonzero(labels[:MOST_FITTED] != OUTLIER)
        count = int(labels.max(initial=OUTLIER)) + 1
        centres = np.array([means[labels == label].mean(axis=0) for label in range(count)])
        residuals = means[rows] - centres.reshape(count, means.shape[1])[labels[rows]]
        return cls(residuals, rows, setting_axes(residuals))

    def space(self, means: Vectors, contents: NDArray[np.int64]) -> Space:
        axes = self.axes
        if len(contents) > OWN_SHARE * len(means):
            axes = setting_axes(self.residuals[~np.isin(self.rows, contents)])
        return setting_space(means[contents], axes)


def _subjects(corpus: Corpus) -> tuple[Space, Described]:
    fitted = min(len(corpus.contents), MOST_FITTED)
    frames = int(np.searchsorted(corpus.owners, fitted))
    return described_space(
        corpus.means[:fitted],
        corpus.frames[:frames],
        corpus.owners[:frames],
        corpus.descriptions[:fitted],
    )


def _sub_models(
    corpus: Corpus,
    account: Account | None,
    contents: NDArray[np.int64],
    space: Space,
    looks: Vectors,
    hashtags: HashtagSpace,
    settings: TopicSettings,
) -> tuple[BlendedSpace, AverageLinkage]:
    words = hashtags.place(corpus.hashtags(contents, account))
    return (
        BlendedSpace(space, looks, words, settings.words_weight),
        AverageLinkage(
            settings.least_videos, settings.threshold, are_alike=are_alike(corpus.means[contents])
        ),
    )


def _members(corpus: Corpus, scope: _Scope) -> list[tuple[Labels, Labels]]:
    """Rows of the posts and of the contents of each topic."""
    labels, contents = scope.labels, scope.contents
    of_topics = (contents[labels == label] for label in range(len(scope.groups.centroids)))
    return [
        (np.array(corpus.rows_of_posts(of_topic, scope.account), np.int64), of_topic)
        for of_topic in of_topics
    ]


def _topics(
    corpus: Corpus, scope: _Scope, words_of_topics: Sequence[tuple[str, ...]]
) -> Iterator[FoundTopic]:
    labels, contents = scope.labels, scope.contents
    shares = _shares(corpus, scope)
    for label, words in enumerate(words_of_topics):
        members = np.flatnonzero(labels == label)
        nearness = scope.vectors[members] @ scope.groups.centroids[label]
        by_nearness = members[np.argsort(-nearness, kind="stable")]
        yield FoundTopic(
            account=scope.account,
            words=words,
            contents=tuple(contents[members].tolist()),
            medoid=int(contents[by_nearness[0]]),
            keyframes=tuple(_pictures(corpus, scope, label, by_nearness[:PICTURES])),
            embedding=unit_rows(corpus.means[contents[members]].mean(axis=0, keepdims=True))[0],
            shares=shares[label],
        )


def _shares(corpus: Corpus, scope: _Scope) -> list[dict[int, float]]:
    """For each topic, the contents that show it and the share of their seconds that do.

    A content whose frames show nothing of its own topic is in it all the same, with a share of 0.
    """
    frames, owners = corpus.frames_of(scope.contents)
    shown = _shown(corpus, scope, frames, owners)
    seconds = corpus.seconds[frames]
    count = len(scope.groups.centroids)
    totals = np.bincount(owners, seconds, minlength=len(scope.contents))
    seen = np.zeros((count, len(scope.contents)))
    is_shown = shown != OUTLIER
    np.add.at(seen, (shown[is_shown], owners[is_shown]), seconds[is_shown])
    found: list[dict[int, float]] = []
    for label in range(count):
        shares = np.minimum(seen[label] / np.maximum(totals, 1e-9), 1)
        showing = np.flatnonzero((shares > 0) | (scope.labels == label))
        found.append({int(scope.contents[row]): float(shares[row]) for row in showing})
    return found


def _shown(corpus: Corpus, scope: _Scope, frames: Labels, owners: Labels) -> Labels:
    """The topic that each frame shows: subjects by all of its looks, settings by those."""
    vectors = corpus.frames[frames]
    if scope.account is not None:
        vectors = ((vectors - scope.space.mean) @ scope.space.axes).astype(np.float32)
    return shown_topics(vectors, scope.labels[owners])


def _placed_frames(corpus: Corpus, scope: _Scope, frames: Labels, owners: Labels) -> Vectors:
    return blend(scope.space.place(corpus.frames[frames]), scope.words[owners], scope.weight)


def _pictures(corpus: Corpus, scope: _Scope, label: int, rows: NDArray[np.int64]) -> Iterator[str]:
    """The keyframe of each of these contents that is nearest to the topic's centre."""
    for row in rows:
        frames, _ = corpus.frames_of(scope.contents[[row]])
        placed = _placed_frames(corpus, scope, frames, np.full(len(frames), row))
        yield corpus.keyframes[frames[np.argmax(placed @ scope.groups.centroids[label])]]
