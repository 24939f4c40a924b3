"""Labelled queries asked of a real index: what is right, what is visible, means by group."""

from collections.abc import Callable, Iterator

import pytest
from pgvector import HalfVector

from vidpipe.publication.transaction import publish_rows
from vidpipe.search.evaluation import (
    Corpus,
    Judged,
    judge,
    judged_by_people,
    report,
)
from vidpipe.search.judgements import keep_judgement, results_to_judge
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch
from vidpipe.search.searcher import Searcher, open_searcher
from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe_tests.publication.published_rows import (
    DAY,
    MODEL,
    Post,
    date_rows,
    digest,
    unit_vectors,
)

POSTS = [
    *(Post(f"a:{number}", f"c{number}") for number in range(12) if number != 7),
    Post("a:7", "c7", ocr=("ROAD CLOSED",)),
    Post("b:repost", "c2", account="bob"),
    Post("a:gone", "gone"),
]


@pytest.fixture(scope="module")
def searcher(module_database_settings: Settings) -> Iterator[Searcher]:
    with connect(module_database_settings, autocommit=True) as connection:
        rows = date_rows(POSTS, removed=frozenset({"a:gone"}))
        publish_rows(connection, rows, ingest_date=DAY, model=MODEL)
        for content in ("c2", "c5"):
            vector = unit_vectors([digest(content, 1)], MODEL.dimensions)[0].to_numpy()
            connection.execute(
                "insert into vidpipe.saved_queries (name, terms, embedding, model_id, embedded_at)"
                ' values (%s, \'[{"text": "any"}]\', %s, %s, now())',
                [content, HalfVector(vector), MODEL.model_id],
            )
    with open_searcher(module_database_settings) as opened:
        yield opened


def query(name: str, *stretches: tuple[str, float, float], **given: str) -> LabelledQuery:
    """A query that is answered by the saved one of the same text."""
    relevant = tuple(RelevantStretch(*one) for one in stretches)
    return LabelledQuery(name, given.pop("kind", "text"), relevant, **given)  # type: ignore[arg-type]


def by_saved_query(searcher: Searcher) -> Callable[[LabelledQuery], list[str]]:
    return lambda query: [
        row["content_sha256"] for row in searcher.find_saved(str(query.text), k=10)
    ]


def judged_one(searcher: Searcher, asked: LabelledQuery) -> Judged:
    corpus = Corpus.read(searcher.connection)
    ((one,), without) = judge(corpus, [asked], by_saved_query(searcher))
    assert without == []
    return one


def test_posts_of_equal_bytes_are_one_answer(searcher: Searcher) -> None:
    one = judged_one(searcher, query("q", ("a:2", 0, 9), ("b:repost", 0, 9), text="c2"))
    assert one.relevant == {digest("c2")}
    assert one.found[0] == digest("c2")
    assert len(one.found) == 10
    assert one.figures()["map@1"] == one.figures()["recall@1"] == 1


def test_a_query_is_visible_when_a_keyframe_lies_in_one_of_its_stretches(
    searcher: Searcher,
) -> None:  # keyframes are at 0, 0.5 and 1 s
    seen = judged_one(searcher, query("q", ("a:2", 0.4, 0.6), ("a:3", 0.6, 0.9), text="c2"))
    assert (seen.shown, seen.is_visible) == (1, True)
    unseen = judged_one(searcher, query("q", ("a:3", 0.6, 1.0), text="c2"))
    assert (unseen.shown, unseen.is_visible) == (0, False)


@pytest.mark.parametrize(
    ("words", "start_s", "is_visible"),
    [
        ("road closed", 0, True),
        ("Closed ROAD!", 0, False),  # OCR read no mark
        ("closed", 0, True),
        ("close", 0, False),
        ("road open", 0, False),
        ("road closed", 0.4, False),  # it stands in the first keyframe
    ],
)
def test_a_caption_is_visible_when_its_words_were_read_in_its_stretch(
    searcher: Searcher, words: str, start_s: float, is_visible: bool
) -> None:
    corpus = Corpus.read(searcher.connection)
    caption = query("q", ("a:7", start_s, 1.0), text=words, kind="caption")
    (judged,), _ = judge(corpus, [caption], lambda _: [])
    assert judged.is_visible == is_visible


def test_queries_without_a_right_answer_are_left_out_and_counted(searcher: Searcher) -> None:
    corpus = Corpus.read(searcher.connection)
    asked = [
        query("nowhere", ("a:unknown", 0, 9), text="c2"),
        query("removed", ("a:gone", 0, 9), text="c2"),
        query("there", ("a:2", 0, 9), text="c2"),
    ]
    judged, without = judge(corpus, asked, by_saved_query(searcher))
    assert [one.query.id for one in judged] == ["there"]
    assert [one.id for one in without] == ["nowhere", "removed"]
    assert report(judged, without)["queries"] == {
        "asked": 1,
        "visible": 1,
        "without_right_answer": 2,
    }


def test_means_are_taken_by_kind_by_language_and_among_the_same_questions(
    searcher: Searcher,
) -> None:
    right, wrong = ("a:2", 0.0, 9.0), ("a:5", 0.6, 0.9)
    asked = [
        query("1", right, text="c2", language="en", pair="p1"),
        query("2", right, text="c2", language="ms", pair="p1"),
        query("3", right, text="c5", language="en", pair="p2"),
        query("4", right, text="c2", kind="image"),
        query("5", wrong, text="c5", kind="image"),
    ]
    corpus = Corpus.read(searcher.connection)
    figures = report(*judge(corpus, asked, by_saved_query(searcher)))
    assert figures["overall"]["queries"] == 4
    assert figures["all_queries"]["queries"] == 5
    assert figures["by_kind"]["image"]["mrr@1"] == 1
    assert figures["by_kind"]["text"]["mrr@1"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["by_language"]["en"]["mrr@1"] == 0.5
    assert figures["pairs"]["en"]["queries"] == figures["pairs"]["ms"]["queries"] == 1
    low, high = figures["by_language"]["en"]["mrr@1_95"]
    assert low == 0
    assert high == 1
    assert figures["share_of_stretches_shown"] == pytest.approx(4 / 5)


def test_a_report_of_nothing_has_no_figures() -> None:
    figures = report([], [])
    assert figures["overall"] == {"queries": 0}
    assert figures["share_of_stretches_shown"] is None


def test_judgements_of_people_are_measured_and_what_nobody_judged_is_counted(
    searcher: Searcher,
) -> None:
    grades = {"a:2": [1, 2, 0], "a:3": [0], "a:5": [1, 0, 0], "a:gone": [1]}
    for video, given in grades.items():
        for judge_no, grade in enumerate(given):
            searcher.connection.execute(
                "insert into vidpipe.relevance_judgements"
                " (query_name, video_id, grade, judged_by) values ('c2', %s, %s, %s)",
                [video, grade, f"judge{judge_no}"],
            )
    (one,) = judged_by_people(searcher, Corpus.read(searcher.connection))
    assert one.relevant == {digest("c2")}
    assert one.known == frozenset({digest("c2"), digest("c3"), digest("c5")})
    figures = one.figures()
    assert figures["mrr@1"] == figures["map@5"] == 1
    assert figures["judged@1"] == 1
    assert figures["judged@10"] == pytest.approx(
        len(set(one.found) & {digest("c2"), digest("c3"), digest("c5")}) / 10
    )
    means = report([one], [])
    assert means["by_kind"]["saved"]["queries"] == 1
    assert means["share_of_stretches_shown"] is None


def test_of_several_judgements_by_one_person_the_newest_counts(searcher: Searcher) -> None:
    with searcher.connection.transaction(force_rollback=True):
        searcher.connection.execute("delete from vidpipe.relevance_judgements")
        for video, grades in (("a:2", (0, 0, 1)), ("a:5", (1, 1, 0))):
            for grade in grades:
                keep_judgement(searcher.connection, "c2", video, grade)
        (one,) = judged_by_people(searcher, Corpus.read(searcher.connection))
    assert one.relevant == {digest("c2")}
    assert one.known == frozenset({digest("c2"), digest("c5")})


def test_what_this_login_judged_is_not_asked_again_and_what_others_judged_is(
    searcher: Searcher,
) -> None:
    with searcher.connection.transaction(force_rollback=True):
        searcher.connection.execute("delete from vidpipe.relevance_judgements")
        keep_judgement(searcher.connection, "c2", "a:2", 1)
        searcher.connection.execute(
            "insert into vidpipe.relevance_judgements (query_name, video_id, grade, judged_by)"
            " values ('c2', 'a:5', 1, 'tom')"
        )
        left = {row["video_id"] for row in results_to_judge(searcher, "c2", k=20)}
    assert "a:2" not in left
    assert "a:5" in left
