"""Labelled queries: written and read back, and refused with the query and the field named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.errors import DecodeError, SettingsError, UnknownName
from vidpipe.search.labelled_queries import (
    KINDS,
    LabelledQuery,
    RelevantStretch,
    read_query_set,
    write_query_set,
)

words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029\x85"),
    min_size=1,
)
stretches = st.builds(RelevantStretch, words, st.floats(0, 1e4), st.floats(0, 1e4, allow_nan=False))
queries = st.builds(
    LabelledQuery,
    id=words,
    kind=st.sampled_from(KINDS),
    relevant=st.lists(stretches, max_size=3).map(tuple),
    text=words,
    image=st.none() | words,
    add=st.lists(words, max_size=2).map(tuple),
    subtract=st.lists(words, max_size=2).map(tuple),
    language=st.none() | st.sampled_from(["en", "ms", "hi", "zh", "no"]),
    pair=st.none() | words,
)


@given(st.lists(queries, unique_by=lambda query: query.id, max_size=5))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, written: list[LabelledQuery]
) -> None:
    path = tmp_path_factory.mktemp("set") / "queries.yaml"
    write_query_set(path, written)
    assert read_query_set(path) == written


def test_several_stretches_of_a_video_are_one_right_answer() -> None:
    where = (
        RelevantStretch("a:1", 0, 1),
        RelevantStretch("a:1", 5, 6),
        RelevantStretch("b:2", 0, 1),
    )
    query = LabelledQuery("q", "text", where, text="tank")
    assert query.relevant_videos == {"a:1", "b:2"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("just words", "needs a list called queries"),
        ("queries: []", "has version None, not 1"),
        ("version: 1\nqueries: {}", "needs a list called queries"),
        ("version: 1\nqueries: [3]", "query 0 is no mapping"),
        ("version: 1\nqueries: [{id: q, kind: text, text: a}]", ""),
        (
            "version: 1\nqueries: [{id: q, kind: smell, text: a}]",
            "query q.*no kind is called 'smell'",
        ),
        ("version: 1\nqueries: [{id: q, kind: text}]", "query q.*has nothing to search by"),
        (
            "version: 1\nqueries: [{id: q, kind: text, txt: a}]",
            r"query q has unknown fields \['txt'\]",
        ),
        (
            "version: 1\nqueries: [{kind: text, text: a}]",
            "query number 0 cannot be understood.*'id'",
        ),
        (
            "version: 1\nqueries: [{id: q, kind: text, text: a, relevant: [{video: b}]}]",
            "query q cannot be understood.*'video'",
        ),
        (
            "version: 1\nqueries: [{id: q, kind: text, text: a}, {id: q, kind: text, text: b}]",
            "two queries have the id 'q'",
        ),
        ("version: 1\nqueries: [\x00", "is no YAML"),
        ("version: 1\nqueries: !!python/object:os.system []", "is no YAML"),
    ],
)
def test_a_file_that_is_no_query_set_is_refused_with_the_reason(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "queries.yaml"
    path.write_text(text, encoding="utf-8")
    if not complaint:
        assert [query.id for query in read_query_set(path)] == ["q"]
        return
    with pytest.raises(SettingsError, match=complaint):
        read_query_set(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"gone\.yaml cannot be read"):
        read_query_set(tmp_path / "gone.yaml")


def test_a_picture_that_cannot_be_asked_is_named_with_its_query(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    empty, gone = (
        LabelledQuery("q7", "image", (), image=name) for name in ("empty.jpg", "gone.jpg")
    )
    with pytest.raises(DecodeError, match=r"query q7: .*empty\.jpg is no picture .*it is empty"):
        empty.question(tmp_path)
    with pytest.raises(UnknownName, match=r"query q7: .*gone\.jpg cannot be read"):
        gone.question(tmp_path)
