"""Descriptions in four languages."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidpipe.demo.compositions import Composition, compositions
from vidpipe.demo.language import (
    LANGUAGES,
    LEXICONS,
    PARTS,
    VARIANTS,
    agrees,
    attribute_values,
    describe,
    phrasings,
    words,
)
from vidpipe.errors import UnknownName

TANK = Composition.parse("tank/burning/street/night/rain")
SCRIPTS = {"en": "LATIN", "ms": "LATIN", "hi": "DEVANAGARI", "zh": "CJK"}
some_composition = st.sampled_from(compositions())
some_language = st.sampled_from(LANGUAGES)


def test_a_composition_is_described_in_every_language() -> None:
    assert {language: describe(TANK, language) for language in LANGUAGES} == {
        "en": "a burning tank on a street at night in the rain",
        "ms": "kereta kebal yang terbakar di jalan raya pada waktu malam dalam hujan",
        "hi": "रात में बारिश में सड़क पर जलता टैंक",
        "zh": "夜晚雨中在街道上燃烧的坦克",
    }


def test_every_language_has_several_phrasings_and_holds_out_at_least_30_percent() -> None:
    for language in LANGUAGES:
        all_of_them = phrasings(language)
        held_out = phrasings(language, held_out=True)
        assert len(all_of_them) >= 10
        assert len(held_out) / len(all_of_them) >= 0.3
        assert [*phrasings(language, held_out=False), *held_out] == [*all_of_them]
        assert len(set(LEXICONS[language].phrasings)) == len(all_of_them)


@given(some_composition, some_language, st.data())
def test_descriptions_are_tidy_and_in_their_script(
    composition: Composition, language: str, data: st.DataObject
) -> None:
    phrasing = data.draw(st.sampled_from(phrasings(language)))
    parts = data.draw(st.sets(st.sampled_from(sorted(PARTS)), min_size=1))
    variant = data.draw(st.integers(0, VARIANTS - 1))
    if parts == {"weather"} and composition.is_indoors:
        return
    text = describe(composition, language, phrasing, parts=frozenset(parts), variant=variant)
    assert text
    assert text == text.strip(" ,:;，：；")
    assert "  " not in text
    assert not set(text) & set("{}|")
    letters = [unicodedata.name(letter) for letter in text if letter.isalpha()]
    assert all(name.startswith(SCRIPTS[language]) for name in letters)


@pytest.mark.parametrize("language", LANGUAGES)
def test_different_compositions_are_described_differently(language: str) -> None:
    texts = {describe(one, language) for one in compositions()}
    assert len(texts) == len(compositions())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_description_names_what_it_says_and_nothing_else(language: str) -> None:
    scene = describe(TANK, language, parts=frozenset({"scene"}))
    whole = describe(TANK, language)
    assert scene in whole
    assert len(scene) < len(whole)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_attribute_value_has_a_word_of_its_own(language: str) -> None:
    for attribute, values in attribute_values().items():
        known = [words(attribute, value, language) for value in values]
        assert all(known)
        first = [variants[0] for variants in known]
        assert len(set(first)) == len(first), attribute


def test_english_articles_and_hindi_genders_agree() -> None:
    elephant = Composition.parse("elephant/sleeping/office/day/none")
    assert describe(elephant, variant=1).startswith("an elephant asleep")
    assert describe(Composition.parse("car/intact/street/day/fog")).startswith("an intact car")
    assert "जलती कार" in describe(Composition.parse("car/burning/street/day/fog"), "hi")
    assert "जलता ट्रक" in describe(Composition.parse("truck/burning/street/day/fog"), "hi")


def test_what_a_description_says_is_true_of_those_that_agree() -> None:
    other = Composition.parse("tank/burning/beach/night/rain")
    assert agrees(TANK, other, frozenset({"scene", "time", "weather"}))
    assert not agrees(TANK, other, frozenset({"scene", "place"}))
    assert not agrees(TANK, Composition.parse("tank/intact/street/night/rain"), PARTS)


def test_unknown_languages_phrasings_parts_and_values_are_named() -> None:
    with pytest.raises(UnknownName, match="'fr'; there are en, ms, hi, zh"):
        describe(TANK, "fr")
    with pytest.raises(UnknownName, match="no phrasing 99"):
        describe(TANK, phrasing=99)
    with pytest.raises(UnknownName, match="a description has parts of"):
        describe(TANK, parts=frozenset({"colour"}))
    with pytest.raises(UnknownName, match="weather 'hail' has no words in 'en'"):
        words("weather", "hail")
