"""Whether a list of results holds an answer, learnt on stills of the demo world."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from math import nan
from pathlib import Path

import numpy as np
import pytest

from vidpipe.demo.compositions import Composition, compositions
from vidpipe.demo.language import PARTS, describe, phrasings
from vidpipe.search import certainty
from vidpipe.search.answers import Search, answer
from vidpipe.search.certainty import FEWEST_OF_EACH, KEPT, Example, Judge, Weight, judge_of
from vidpipe.search.evaluation import Corpus
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch
from vidpipe.search.measures import MEASURES, measures
from vidpipe.search.question import Filters, Question
from vidpipe.search.searcher import Searcher
from vidpipe.settings import Settings
from vidpipe_tests.search.indexed_stills import POSTS, SHOWN, index_of_stills

SUBJECTS = {(one.subject, one.state) for one in SHOWN}
OTHERS = [one for one in compositions("seen") if (one.subject, one.state) not in SUBJECTS]
ABSENT = OTHERS[:: len(OTHERS) // 60]


def said(composition: Composition, number: int = 0) -> str:
    phrasing = phrasings("en")[number % len(phrasings("en"))]
    return describe(composition, "en", phrasing, parts=PARTS, variant=number)


@pytest.fixture(scope="module")
def searcher(module_database_settings: Settings) -> Iterator[Searcher]:
    with index_of_stills(module_database_settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def queries() -> list[LabelledQuery]:
    """The text of every post, and as many of what no post shows."""
    right = [
        LabelledQuery(
            post.video_id, "text", (RelevantStretch(post.video_id, 0, 1),), text=said(one)
        )
        for post, one in zip(POSTS, SHOWN, strict=True)
    ]
    absent = [
        LabelledQuery(f"absent-{number}", "text", (), text=said(one))
        for number, one in enumerate(ABSENT)
    ]
    return right + absent


@pytest.fixture(scope="module")
def calibrated(
    searcher: Searcher, queries: list[LabelledQuery], tmp_path_factory: pytest.TempPathFactory
) -> Judge:
    """The judge of texts, kept."""
    corpus = Corpus.read(searcher.connection)
    [judge] = certainty.calibrate(searcher, corpus, queries, Path())
    query_set = tmp_path_factory.mktemp("certainty") / "queries.yaml"
    query_set.write_text("any")
    for _ in range(2):
        certainty.keep(searcher, [judge], query_set)
    return judge


def test_questions_without_an_answer_are_told_from_those_with_one(
    searcher: Searcher, calibrated: Judge
) -> None:
    """Its figures hold for other wordings, which it never saw."""
    assert calibrated.kind == "text"
    assert calibrated.kept >= 0.9
    assert calibrated.emptied >= 0.8
    assert all(one.weight > 0 for one in calibrated.weights.values())
    right = [answer(searcher, Search(Question(said(one, 1)))) for one in SHOWN[::3]]
    absent = [answer(searcher, Search(Question(said(one, 1)))) for one in ABSENT[::3]]
    assert np.mean([one.certain for one in right]) >= 0.85
    assert np.mean([one.certain for one in absent]) <= 0.25


def test_a_kept_judge_is_the_one_that_was_calibrated(searcher: Searcher, calibrated: Judge) -> None:
    assert certainty.kept_judge(searcher, "text") == calibrated
    assert certainty.kept_judge(searcher, "image") is None


def test_what_is_not_certain_is_shown_as_the_nearest(searcher: Searcher, calibrated: Judge) -> None:
    """No result is hidden, and none passed off."""
    found = [answer(searcher, Search(Question(said(one)), k=3)) for one in ABSENT]
    doubted = [one for one in found if not one.certain]
    assert len(doubted) >= len(found) * 0.8
    for one in doubted:
        assert one.confidence is not None
        assert one.confidence < calibrated.threshold == one.least_confidence
        assert len(one.results) == 3
        assert all(row["certain"] is False for row in one.results)
        assert all(row["confidence"] == one.confidence for row in one.results)


def test_a_certain_list_shows_what_stands_out(searcher: Searcher, calibrated: Judge) -> None:
    question = Question(said(SHOWN[0]))
    found = answer(searcher, Search(question))
    assert found.certain
    assert found.results[0]["video_id"] == POSTS[0].video_id
    assert 1 <= len(found.results) < 10
    for row in found.results[1:]:
        assert searcher.standing(question, row["score"]) >= calibrated.deviations
    # one result at most is judged by as long a list
    shorter = answer(searcher, Search(question, k=1))
    assert shorter.confidence == pytest.approx(found.confidence, abs=0.05)


@pytest.mark.usefixtures("calibrated")
def test_only_what_was_calibrated_is_judged(searcher: Searcher) -> None:
    text = Question(said(ABSENT[0]))
    for search in (
        Search(text, cutoff="none"),
        Search(Question(said(ABSENT[0]), subtract=("night",))),
        Search(text, method="sum"),
        Search(text, method="rank_fusion"),
        Search(text, use_words=True),
        Search(Question(video="a:3")),
        Search(text, Filters(ingested_from=date(2100, 1, 1))),
    ):
        found = answer(searcher, search)
        assert found.certain is None
        assert found.confidence is None
        assert all(row["certain"] is None for row in found.results)
    uncalibrated = Search(Question(said(ABSENT[0]), subtract=("night",)))
    assert answer(searcher, uncalibrated).is_uncalibrated
    assert not answer(searcher, Search(text, cutoff="none")).is_uncalibrated


def test_every_measure_is_known_of_some_question(searcher: Searcher) -> None:
    """And one that an index or a question does not have is left open."""
    with searcher.connection.transaction(force_rollback=True):
        plain = Question(said(SHOWN[0]))
        both = Question(said(SHOWN[0]), video="a:3", add=("a tank",))
        known: set[str] = set()
        for question in (plain, both):
            measured = measures(searcher, question, searcher.find(question, k=10))
            assert set(measured) == set(MEASURES)
            known |= {name for name, value in measured.items() if np.isfinite(value)}
        # each still is one frame
        assert set(MEASURES) - known == {"second_frame"}
        one_result = searcher.find(plain, k=1)
        alone = measures(searcher, plain, one_result)
        assert np.isnan(alone["agreement"])
        assert np.isfinite(alone["score"])


def test_too_few_questions_make_no_judge(searcher: Searcher, queries: list[LabelledQuery]) -> None:
    """One question in twenty languages is one question."""
    corpus = Corpus.read(searcher.connection)
    absent = [query for query in queries if not query.relevant]
    right = [query for query in queries if query.relevant]
    few = [*right[: FEWEST_OF_EACH - 1], *absent]
    assert certainty.calibrate(searcher, corpus, few, Path()) == []
    same = [*(replace(query, pair="same") for query in right), *absent]
    assert certainty.calibrate(searcher, corpus, same, Path()) == []


def test_a_judge_is_measured_on_questions_that_it_did_not_see() -> None:
    """Measures of chance tell nothing, however many of them there are."""
    rng = np.random.default_rng(5)

    def example(number: int) -> Example:
        measured = {name: float(rng.normal()) for name in MEASURES}
        return Example(f"q{number}", measured, 3.0 if number % 2 else None)

    judge = judge_of("text", [example(number) for number in range(400)])
    assert judge.kept == pytest.approx(KEPT, abs=0.06)
    assert judge.emptied <= 0.12
    assert (judge.queries, judge.absent_queries) == (200, 200)


def test_a_right_answer_further_down_must_stand_out_itself() -> None:
    """A list may be certain and its right answer too far down to count: that is a loss, too."""
    examples = [
        Example(
            f"q{number}",
            dict.fromkeys(MEASURES, float(number % 2)),
            (1.0 if number < 40 else 9.0) if number % 2 else None,
            is_first=number >= 40,
        )
        for number in range(400)
    ]
    judge = judge_of("text", examples)
    assert judge.emptied == 1
    assert judge.kept == 1
    assert judge.deviations == 1
    alone = [replace(one, standing=1.0) if one.group == "q1" else one for one in examples[1::2]]
    higher = [replace(one, standing=9.0) if one.group != "q1" else one for one in alone]
    judge = judge_of("text", [*higher, *examples[::2]])
    assert judge.deviations == 9
    assert judge.kept == pytest.approx(1 - 1 / 200)


def test_confidence_is_a_probability_that_unknown_measures_leave_alone() -> None:
    judge = Judge("text", {"score": Weight(0.5, 0.1, 2.0)}, 0.0, 0.5, 0.0, 1.0, 1.0, 40, 40)
    assert judge.confidence({"score": 0.5}) == 0.5
    assert judge.confidence({"score": nan}) == 0.5
    assert judge.confidence({"score": 0.6}) == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert judge.confidence({"score": -100.0}) < 1e-9
