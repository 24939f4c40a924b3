"""How well an index answers labelled queries.

Belongs here: asking them, telling which answers are right, means by kind and language.
Does not: the measures of one ranking (retrieval_metrics.py), the queries' format
(labelled_queries.py), keeping figures (quality_history.py).

Posts of equal bytes are one answer, as a search shows them. A query is visible when a keyframe lies
in one of its stretches, and a caption when its words were read there: what no keyframe shows cannot
be found, and that is the summariser's loss. Figures are of visible queries; those of all stand
beside them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import psycopg

from vidpipe.search.labelled_queries import LabelledQuery
from vidpipe.search.retrieval_metrics import mean_interval, measures
from vidpipe.search.searcher import EVERYTHING, Searcher

DEPTH = 10  # answers that are asked for: the largest k that is measured
PLACES = (1, 5, 10)
RIGHT_GRADE = 0.5
BY_LOOKS = ("text", "image", "text_image", "navigation")  # kinds of queries that vectors answer


@dataclass(frozen=True)
class Judged:
    """One query with its answers.

    Attributes:
        query: what was asked.
        found: contents, the best first.
        relevant: contents that are right.
        shown: how many of its stretches a keyframe shows.
        known: contents that somebody judged; None where the truth of all is known.
    """

    query: LabelledQuery
    found: tuple[str, ...]
    relevant: frozenset[str]
    shown: int
    known: frozenset[str] | None = None

    @property
    def is_visible(self) -> bool:
        """Whether a keyframe shows what is asked for."""
        return self.shown > 0

    def figures(self) -> dict[str, float]:
        """Every measure at every number of places.

        What nobody judged is left out of the ranking, not taken as wrong (Sakai, "Alternatives to
        bpref", SIGIR 2007); `judged@k` says how much of the first k was judged.
        """
        ranked, known = self.found, self.known
        if known is not None:
            ranked = tuple(content for content in ranked if content in known)
        figures = {
            name: value
            for k in PLACES
            for name, value in measures(ranked, self.relevant, k).items()
        }
        if known is not None:
            for k in PLACES:
                first = self.found[:k]
                figures[f"judged@{k}"] = sum(one in known for one in first) / max(1, len(first))
        return figures


@dataclass(frozen=True)
class Corpus:
    """What an index holds of the videos that queries name.

    Attributes:
        contents: content of every post.
        keyframes: times of each content's keyframes in seconds, with the words that OCR accepted.
    """

    contents: Mapping[str, str]
    keyframes: Mapping[str, tuple[tuple[float, str], ...]]

    @classmethod
    def read(cls, connection: psycopg.Connection) -> "Corpus":
        """All posts that a search can find."""
        posts = connection.execute(
            "select video_id, content_sha256 from vidpipe.videos where removed_at is null"
        ).fetchall()
        keyframes: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for content, time_s, words in connection.execute(
            "select k.content_sha256, k.timestamp_s,"
            " coalesce(string_agg(o.text, ' ') filter (where o.accepted), '')"
            " from vidpipe.keyframes as k left join vidpipe.ocr_lines as o using (keyframe_sha256)"
            " group by 1, 2 order by 1, 2"
        ):
            keyframes[content].append((time_s, words))
        return cls(dict(posts), {content: tuple(known) for content, known in keyframes.items()})

    def relevant(self, query: LabelledQuery) -> frozenset[str]:
        """The contents that are right; videos that are not indexed cannot be."""
        return frozenset(
            self.contents[video] for video in query.relevant_videos if video in self.contents
        )

    def shown(self, query: LabelledQuery) -> int:
        """How many stretches of a query a keyframe shows."""
        return sum(
            any(
                one.start_s <= time_s < one.end_s
                and (query.kind != "caption" or _holds(words, str(query.text)))
                for time_s, words in self.keyframes.get(self.contents.get(one.video_id, ""), ())
            )
            for one in query.relevant
        )


def _holds(text: str, words: str) -> bool:
    """Whether each of some words stands in a text as a word."""
    known = text.casefold()
    return all(
        re.search(rf"(?<!\w){re.escape(word)}(?!\w)", known) for word in words.casefold().split()
    )


def ask(searcher: Searcher, query: LabelledQuery, folder: Path) -> tuple[str, ...]:
    """Contents that answer a query, the best first.

    A caption is looked for by words, too; a saved query is asked without its cut-off.

    Args:
        searcher: the searcher of the index that is asked.
        query: to ask.
        folder: folder of the query set's file, where pictures are looked for.
    """
    if query.kind == "saved":
        found = searcher.find_saved(str(query.text), k=DEPTH, min_score=EVERYTHING)
        return tuple(row["content_sha256"] for row in found)
    question = query.question(folder)
    by_words = query.kind == "caption"
    find = searcher.find_by_looks_and_words if by_words else searcher.find
    return tuple(row["content_sha256"] for row in find(question, k=DEPTH))


def ask_exactly(searcher: Searcher, query: LabelledQuery, folder: Path) -> tuple[str, ...]:
    """Contents that answer a query by all vectors of the searcher's model, active or not.

    Models can be compared so.

    Args:
        searcher: the searcher of the index that is asked.
        query: to ask; of one of `BY_LOOKS`.
        folder: folder of the query set's file, where pictures are looked for.
    """
    return tuple(searcher.rank_exactly(query.question(folder), k=DEPTH))


def judge(
    corpus: Corpus,
    queries: Iterable[LabelledQuery],
    answer: Callable[[LabelledQuery], Sequence[str]],
) -> tuple[list[Judged], list[LabelledQuery]]:
    """Asks every query that has a right answer in the index.

    Args:
        corpus: what the index holds.
        queries: to ask.
        answer: gives the contents that answer a query.

    Returns:
        What was asked, and the queries left out because nothing in the index is right.
    """
    judged, without = [], []
    for query in queries:
        if relevant := corpus.relevant(query):
            judged.append(Judged(query, tuple(answer(query)), relevant, corpus.shown(query)))
        else:
            without.append(query)
    return judged, without


def judged_by_people(searcher: Searcher, corpus: Corpus) -> list[Judged]:
    """Every saved query with judgements of which one is an answer, asked.

    A content is right when the mean grade of its posts is at least 0.5. Of each judge, the newest
    grade of a post counts.
    """
    grades: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for name, video, grade in searcher.connection.execute(
        "select query_name, video_id, grade from vidpipe.current_judgements"
        " inner join vidpipe.saved_queries as s on query_name = s.name"
        " where s.embedding is not null order by 1, 2"
    ):
        if video in corpus.contents:
            grades[name][corpus.contents[video]].append(grade)
    judged = []
    for name, of_contents in grades.items():
        right = frozenset(one for one, given in of_contents.items() if fmean(given) >= RIGHT_GRADE)
        if right:
            query = LabelledQuery(name, "saved", (), text=name)
            found = ask(searcher, query, Path())
            judged.append(Judged(query, found, right, len(right), frozenset(of_contents)))
    return judged


def report(judged: Sequence[Judged], without: Sequence[LabelledQuery]) -> dict[str, Any]:
    """Means with 95 % intervals: overall, by kind, by language, and by language among paired ones.

    `pairs` compares only questions that were asked in every language of the set.
    """
    visible = [one for one in judged if one.is_visible]
    labelled = [one for one in judged if one.query.kind in BY_LOOKS]
    stretches = sum(len(one.query.relevant) for one in labelled)
    return {
        "overall": _means(visible),
        "all_queries": _means(judged),
        "by_kind": _grouped(visible, lambda one: one.query.kind),
        "by_language": _grouped(visible, lambda one: one.query.language),
        "pairs": _grouped(_paired(visible), lambda one: one.query.language),
        "queries": {
            "asked": len(judged),
            "visible": len(visible),
            "without_right_answer": len(without),
        },
        "share_of_stretches_shown": (
            sum(one.shown for one in labelled) / stretches if stretches else None
        ),
    }


def figure_text(means: Mapping[str, Any], measure: str) -> str:
    """A figure of a group with its interval, as people read it; empty if the group has none."""
    if measure not in means:
        return ""
    low, high = means[f"{measure}_95"]
    return f"{means[measure]:.3f} ({low:.3f} to {high:.3f})"


def _grouped(judged: Iterable[Judged], key: Callable[[Judged], str | None]) -> dict[str, Any]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        name = key(one)
        if name is not None:
            groups[name].append(one)
    return {name: _means(groups[name]) for name in sorted(groups)}


def _paired(judged: Iterable[Judged]) -> list[Judged]:
    pairs: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.query.pair is not None:
            pairs[one.query.pair].append(one)
    most = max((len(pair) for pair in pairs.values()), default=0)
    return [one for pair in pairs.values() if len(pair) == most for one in pair]


def _means(judged: Sequence[Judged]) -> dict[str, Any]:
    """Each measure's mean and interval, and the number of queries."""
    means: dict[str, Any] = {"queries": len(judged)}
    if not judged:
        return means
    figures = [one.figures() for one in judged]
    for name in figures[0]:
        interval = mean_interval([one[name] for one in figures])
        means[name] = round(interval.mean, 4)
        means[f"{name}_95"] = [round(interval.low, 4), round(interval.high, 4)]
    return means
