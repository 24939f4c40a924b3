"""Labelled queries about a planned world: right by its truth, nothing rendered but pictures."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vidpipe.demo.compositions import Composition
from vidpipe.demo.language import LANGUAGES, attribute_values, describe, phrasings, words
from vidpipe.demo.queries import IN_PLACE, write_queries
from vidpipe.demo.story import plan_world
from vidpipe.demo.truth import truth_of
from vidpipe.search.labelled_queries import KINDS, LabelledQuery, read_query_set

VIDEOS = 24


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return truth_of(plan_world(seed=3, videos=VIDEOS, weeks=10))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, truth: dict[str, Any]) -> Path:
    directory = tmp_path_factory.mktemp("world")
    write_queries(truth, directory)
    return directory


@pytest.fixture(scope="module")
def queries(folder: Path) -> list[LabelledQuery]:
    """Those that the world answers."""
    return [query for query in read_query_set(folder / "queries.yaml") if query.relevant]


def shots(truth: dict[str, Any]) -> dict[tuple[str, float], Composition]:
    return {
        (video["video_id"], shot["start_s"]): Composition.parse(shot["composition"])
        for video in truth["videos"]
        for shot in video["shots"]
    }


@pytest.fixture(scope="module")
def absent(folder: Path) -> list[LabelledQuery]:
    return [query for query in read_query_set(folder / "queries.yaml") if not query.relevant]


def test_there_are_queries_of_every_kind_and_language(queries: list[LabelledQuery]) -> None:
    kinds = Counter(query.kind for query in queries)
    assert set(kinds) == set(KINDS) - {"saved"}
    assert kinds["text"] == VIDEOS * len(LANGUAGES)
    for kind in ("image", "text_image", "navigation"):
        assert kinds[kind] == VIDEOS // 2
    for language in LANGUAGES:
        assert {query.kind for query in queries if query.language == language} >= {
            "text", "text_image", "navigation",
        }  # fmt: skip
    assert {query.language for query in queries if query.kind == "caption"} <= {"en", "ms"}


def test_every_query_has_right_answers_in_the_world(
    queries: list[LabelledQuery], truth: dict[str, Any]
) -> None:
    durations = {video["video_id"]: video["duration_s"] for video in truth["videos"]}
    for query in queries:
        for stretch in query.relevant:
            assert 0 <= stretch.start_s < stretch.end_s <= durations[stretch.video_id]


def test_absent_queries_ask_for_what_no_shot_shows(
    absent: list[LabelledQuery], truth: dict[str, Any]
) -> None:
    kinds = Counter(query.kind for query in absent)
    assert kinds == dict.fromkeys(("text", "image", "text_image", "navigation"), VIDEOS // 2)
    said = {query.text for query in absent if query.kind == "text"}
    for shown in shots(truth).values():
        for language in LANGUAGES:
            for phrasing in phrasings(language, held_out=True):
                told = describe(shown, language, phrasing, parts=IN_PLACE, variant=0)
                assert told not in said


def test_a_text_means_the_same_in_all_languages_and_holds_for_all_its_answers(
    queries: list[LabelledQuery], truth: dict[str, Any]
) -> None:
    shown = shots(truth)
    pairs: dict[str, list[LabelledQuery]] = {}
    for query in queries:
        if query.kind == "text":
            assert query.pair is not None
            pairs.setdefault(query.pair, []).append(query)
    for same in pairs.values():
        assert {query.language for query in same} == set(LANGUAGES)
        assert len({query.relevant for query in same}) == 1
        scenes = {
            (one.subject, one.state)
            for stretch in same[0].relevant
            for one in [shown[stretch.video_id, stretch.start_s]]
        }
        assert len(scenes) == 1


def test_wordings_are_those_that_training_never_saw(
    queries: list[LabelledQuery], truth: dict[str, Any]
) -> None:
    seen = {
        describe(composition, "en", phrasing, variant=variant)
        for composition in shots(truth).values()
        for phrasing in phrasings("en", held_out=False)
        for variant in range(4)
    }
    full = [query.text for query in queries if query.kind == "text" and query.language == "en"]
    assert full
    assert not set(full) & seen


def test_a_navigation_leads_from_a_neighbour_to_its_aim(
    queries: list[LabelledQuery], truth: dict[str, Any]
) -> None:
    """The word added is one of every right answer's, the word taken away another of its kind."""
    shown = shots(truth)
    for query in queries:
        if query.kind != "navigation":
            continue
        assert query.image is not None
        assert query.language is not None
        [new], [old] = query.add, query.subtract
        for stretch in query.relevant:
            aim = shown[stretch.video_id, stretch.start_s]
            changed = [
                {words(name, value, query.language)[0] for value in values}
                for name, values in attribute_values().items()
                if getattr(aim, name) in values
                and words(name, getattr(aim, name), query.language)[0] == new
            ]
            assert any(old in usual and old != new for usual in changed)


def test_pictures_are_there_and_none_is_left_over(
    queries: list[LabelledQuery], absent: list[LabelledQuery], folder: Path
) -> None:
    named = sorted(query.image for query in [*queries, *absent] if query.image)
    assert sorted(f"query_images/{file.name}" for file in folder.glob("query_images/*")) == named
    for name in named:
        with Image.open(folder / name) as image:
            assert image.size == (640, 360)
            image.load()


def test_a_caption_query_names_videos_that_show_the_whole_text(
    queries: list[LabelledQuery], truth: dict[str, Any]
) -> None:
    videos = {video["video_id"]: video for video in truth["videos"]}
    asked = [query for query in queries if query.kind == "caption"]
    assert asked
    for query in asked:
        for stretch in query.relevant:
            texts = [
                caption["text"].lower()
                for caption in videos[stretch.video_id]["captions"]
                if caption["is_whole"] and caption["start_s"] == stretch.start_s
            ]
            assert query.text in texts


def test_the_same_world_has_the_same_queries(
    tmp_path: Path, folder: Path, truth: dict[str, Any]
) -> None:
    write_queries(truth, tmp_path)
    assert (tmp_path / "queries.yaml").read_bytes() == (folder / "queries.yaml").read_bytes()
    for file in folder.glob("query_images/*"):
        assert (tmp_path / "query_images" / file.name).read_bytes() == file.read_bytes()
