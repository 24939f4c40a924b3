"""From questions to answers, without a terminal: cut-offs, reasons, and what cannot be asked."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from vidpipe.errors import DecodeError, SettingsError, UnknownName, VidpipeError
from vidpipe.search.answers import Search, answer
from vidpipe.search.question import Filters, Question
from vidpipe.search.saved_queries import SavedTerm, save_query
from vidpipe.search.searcher import Searcher
from vidpipe.settings import Settings
from vidpipe_tests.search.indexed_stills import index_of_stills


@pytest.fixture(scope="module")
def searcher(module_database_settings: Settings) -> Iterator[Searcher]:
    with index_of_stills(module_database_settings) as opened:
        yield opened


@pytest.fixture
def saved(searcher: Searcher) -> Iterator[str]:
    """A saved query that is the vector of a:3, with a cut-off that only a:3 reaches."""
    with searcher.connection.transaction(force_rollback=True):
        save_query(searcher.connection, "like-3", [SavedTerm("video", "a:3")], cutoff=0.999)
        searcher.connection.execute(
            "update vidpipe.saved_queries set embedding = vidpipe.term_vector('video:a:3', %(m)s),"
            " model_id = %(m)s, embedded_at = now()",
            {"m": searcher.model.model_id},
        )
        yield "like-3"


def videos(searcher: Searcher, search: Search) -> list[str]:
    return [row["video_id"] for row in answer(searcher, search).results]


def test_without_calibration_all_results_are_shown(searcher: Searcher) -> None:
    found = answer(searcher, Search(Question("a tank")))
    assert len(found.results) == 10
    assert found.cutoff is None
    assert found.nearest is None
    assert found.certain is None
    assert found.is_uncalibrated
    assert len(answer(searcher, Search(Question("a tank"), k=3)).results) == 3


def test_a_cut_off_shows_what_reaches_it(searcher: Searcher) -> None:
    everything = answer(searcher, Search(Question("a tank"), cutoff="none")).results
    third = everything[2]["score"]
    found = answer(searcher, Search(Question("a tank"), cutoff=third))
    assert found.cutoff == third
    assert [row["rank"] for row in found.results] == [1, 2, 3]
    assert all(row["certain"] for row in found.results)


def test_an_answer_that_nothing_reaches_says_how_near_the_nearest_is(searcher: Searcher) -> None:
    nearest = answer(searcher, Search(Question("a tank"), cutoff="none")).results[0]["score"]
    found = answer(searcher, Search(Question("a tank"), cutoff=0.999))
    assert found.results == []
    assert (found.cutoff, found.nearest) == (0.999, nearest)


def test_where_filters_leave_nothing_nothing_is_near(searcher: Searcher) -> None:
    never = Filters(posted_to=date(1970, 1, 1))
    found = answer(searcher, Search(Question("a tank"), never, cutoff=0.1))
    assert (found.results, found.nearest) == ([], None)


def test_a_saved_query_is_answered_by_its_own_cut_off(searcher: Searcher, saved: str) -> None:
    question = Question(saved=saved)
    found = answer(searcher, Search(question))
    assert found.cutoff == pytest.approx(0.999)
    assert [(row["video_id"], row["reason"]) for row in found.results] == [
        ("a:3", "frame at 0.0 s answers like-3: +1 video:a:3")
    ]
    assert len(videos(searcher, Search(question, cutoff="none"))) == 10
    searcher.connection.execute(
        "update vidpipe.saved_queries set embedding = l2_normalize(("
        " vidpipe.term_vector('video:a:3', model_id) + vidpipe.term_vector('video:a:4', model_id)"
        ")::halfvec) where name = %s",
        [saved],
    )
    nearest = answer(searcher, Search(question, k=2))
    assert [row["certain"] for row in nearest.results] == [False, False]


def test_a_reason_names_the_frame_and_what_each_term_contributes(searcher: Searcher) -> None:
    """The contributions add up to the score."""
    question = Question("a tank", add=("a street*0.5",), subtract=("night",))
    for row in answer(searcher, Search(question, cutoff="none")).results:
        frame, told = row["reason"].split(": ")
        assert frame == "frame at 0.0 s"
        shares = dict(reversed(part.split(" ", 1)) for part in told.split(", "))
        assert set(shares) == {"a tank", "a street", "night"}
        assert sum(map(float, shares.values())) == pytest.approx(row["score"], abs=3e-3)


def test_an_example_and_words_are_reasons_of_their_own(searcher: Searcher) -> None:
    (first, *_) = answer(searcher, Search(Question(video="a:3"))).results
    assert first["reason"] == "frame at 0.0 s looks like the example's at 0.0 s"
    (first, *_) = answer(searcher, Search(Question("video"), use_words=True)).results
    looks, words = first["reason"].split("; ")
    assert looks == f"place {first['looks_rank']} by looks, frame at 0.0 s"
    assert words == f"place {first['words_rank']} by words, in description"


def test_with_words_a_result_holds_them_or_reaches_the_cut_off(searcher: Searcher) -> None:
    asked = Question("keep out")
    everything = answer(searcher, Search(asked, use_words=True, cutoff="none")).results
    assert len(everything) == 10
    (only,) = answer(searcher, Search(asked, use_words=True, cutoff=0.999)).results
    assert (only["video_id"], only["looks_rank"], only["matched_as"]) == ("a:7", None, "inside")
    assert [place["text"] for place in only["places"]] == ["KEEPOUT"]
    assert only["timestamp_s"] == 0, "the frame in which they were read"
    assert only["reason"] == "place 1 by words (inside), in ocr at 0.0 s"
    nothing = answer(searcher, Search(Question("nowhere"), use_words=True, cutoff=0.999))
    assert nothing.results == []
    assert nothing.cutoff == 0.999
    assert nothing.nearest is not None


def test_a_mistake_in_words_is_told(searcher: Searcher) -> None:
    with pytest.raises(VidpipeError, match="two letters or more"):
        answer(searcher, Search(Question("a* fire"), use_words=True))


def test_a_post_can_be_the_start_of_a_navigation(searcher: Searcher) -> None:
    """With a weight that hardly counts, the post itself is nearest."""
    question = Question(video="a:3", add=("night*0.001",))
    found = answer(searcher, Search(question, cutoff="none")).results
    assert found[0]["video_id"] == "a:3"
    assert "video:a:3" in found[0]["reason"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"k": 0}, "-k 0"),
        ({"question": Question(video="a:3"), "use_words": True}, "--words looks for the words"),
        ({"use_words": True, "method": "sum"}, "leave --words out"),
        ({"method": "rank_fusion", "cutoff": 0.2}, "a cosine similarity"),
        ({"question": Question(video="a:3"), "cutoff": 0.2}, "a cosine similarity"),
    ],
)
def test_what_cannot_be_asked_together_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Search(**{"question": Question("a tank"), **given})


@pytest.mark.parametrize("question", [Question(video="nobody"), Question(saved="nobody")])
def test_what_does_not_exist_is_named(searcher: Searcher, question: Question) -> None:
    with pytest.raises(UnknownName, match="nobody"):
        answer(searcher, Search(question))


def test_the_terms_of_a_saved_query_are_told_with_their_weights(searcher: Searcher) -> None:
    """Pictures by their file's name alone: where they lie is nobody's business."""
    terms = [
        SavedTerm("image", "/srv/media/queries/tank.png", 2.0),
        SavedTerm("text", "night", -0.5),
        SavedTerm("saved", "streets"),
    ]
    with searcher.connection.transaction(force_rollback=True):
        save_query(searcher.connection, "mixed", terms)
        searcher.connection.execute(
            "update vidpipe.saved_queries set embedding = vidpipe.term_vector('video:a:3', %(m)s),"
            " model_id = %(m)s, embedded_at = now()",
            {"m": searcher.model.model_id},
        )
        (first, *_) = answer(searcher, Search(Question(saved="mixed"), cutoff="none")).results
    assert first["reason"] == (
        "frame at 0.0 s answers mixed: +2 picture tank.png, +1 streets, -0.5 night"
    )


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (
            Filters(account="alcie"),
            r"no account is called 'alcie'; did you mean alice \(tiktok\)\?",
        ),
        (Filters(account="@ALICE_"), r"did you mean alice \(tiktok\)"),
        (Filters(account="zzzzzz"), "no account is called 'zzzzzz'$"),
        (Filters(platform="tiktk"), r"no post is on platform 'tiktk'; did you mean tiktok\?"),
        (Filters(hashtag="waar"), "no post has hashtag 'waar'"),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_the_nearest(
    searcher: Searcher, filters: Filters, message: str
) -> None:
    with pytest.raises(UnknownName, match=message):
        answer(searcher, Search(Question("a tank"), filters))


@pytest.mark.parametrize("name", ["alice", "@alice"])
def test_a_name_that_somebody_has_is_not_refused(searcher: Searcher, name: str) -> None:
    assert videos(searcher, Search(Question("a tank"), Filters(account=name, platform="tiktok")))


def test_an_account_of_another_platform_is_told_where_it_is(searcher: Searcher) -> None:
    with searcher.connection.transaction(force_rollback=True):
        searcher.connection.execute(
            "update vidpipe.videos set platform = 'x' where video_id = 'a:3'"
        )
        with pytest.raises(UnknownName, match="account 'alice' is not on x, but on tiktok"):
            answer(searcher, Search(Question("a tank"), Filters(account="alice", platform="x")))


@pytest.mark.parametrize(
    ("terms", "question", "kind"),
    [
        ([SavedTerm("text", "a tank")], Question(saved="q"), "text"),
        ([SavedTerm("video", "a:3")], Question(saved="q"), "image"),
        ([SavedTerm("video", "a:3")], Question(saved="q", add=("night",)), "text_image"),
        ([SavedTerm("text", "a tank")], Question(saved="q", video="a:3"), "text_image"),
        (
            [SavedTerm("text", "a tank"), SavedTerm("text", "night", -1)],
            Question(saved="q", add=("rain",)),
            "navigation",
        ),
    ],
)
def test_a_question_with_a_saved_query_is_of_the_kind_that_its_terms_say(
    searcher: Searcher, terms: list[SavedTerm], question: Question, kind: str
) -> None:
    with searcher.connection.transaction(force_rollback=True):
        save_query(searcher.connection, "q", terms)
        assert searcher.kind(question) == kind


def test_a_picture_that_is_none_is_refused(searcher: Searcher) -> None:
    with pytest.raises(DecodeError):
        answer(searcher, Search(Question(picture=b"this is no picture")))
