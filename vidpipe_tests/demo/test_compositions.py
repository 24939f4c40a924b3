"""The vocabulary of the demo world, its compositions and their split."""

import pytest

from vidpipe.demo.compositions import (
    INDOOR_WEATHER,
    INDOORS,
    ONLY_OUTDOORS,
    PLACES,
    SUBJECT_STATES,
    Composition,
    compositions,
    difference,
    neighbours,
)
from vidpipe.errors import UnknownName
from vidpipe.models.bundled_pair import HELD_OUT_FILE
from vidpipe.packaged import packaged


def test_the_world_is_as_rich_as_promised() -> None:
    assert len(SUBJECT_STATES) >= 24
    assert len(PLACES) >= 10
    assert len(set(compositions())) == len(compositions()) > 5000


def test_the_split_holds_out_at_least_15_percent_and_every_value_is_seen() -> None:
    seen, unseen = compositions("seen"), compositions("unseen")
    assert set(seen) | set(unseen) == set(compositions())
    assert not set(seen) & set(unseen)
    assert 0.15 <= len(unseen) / len(compositions()) <= 0.25
    for name in ("subject", "state", "place", "time", "weather"):
        assert {getattr(one, name) for one in seen} == {getattr(one, name) for one in unseen}


def test_the_held_out_list_that_travels_with_the_models_is_the_split() -> None:
    written = (packaged("demo/models") / HELD_OUT_FILE).read_text(encoding="utf-8").split()
    assert written == [str(one) for one in compositions("unseen")]


def test_there_is_weather_out_of_doors_only_and_no_vehicle_indoors() -> None:
    for one in compositions():
        assert (one.weather == INDOOR_WEATHER) == (one.place in INDOORS) == one.is_indoors
        assert not (one.is_indoors and one.subject in ONLY_OUTDOORS)


def test_a_composition_is_found_by_its_name() -> None:
    for one in compositions()[::97]:
        assert Composition.parse(str(one)) == one


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (
            "dragon/burning/street/night/rain",
            "no subject is called 'dragon'; there are tank, truck",
        ),
        ("tank/asleep/street/night/rain", "no state is called 'asleep'; there are intact, burning"),
        ("tank/burning/moon/night/rain", "no place is called 'moon'; there are street"),
        ("tank/burning/street/noon/rain", "no time is called 'noon'"),
        ("tank/burning/street/night/hail", "no weather is called 'hail'"),
        ("tank/burning/kitchen/night/none", "makes no sense: tank cannot be in kitchen"),
        ("dog/running/office/day/rain", "makes no sense"),
        ("tank", "is no composition: give subject/state/place/time/weather"),
        ("", "is no composition"),
    ],
)
def test_an_unknown_composition_is_refused_with_what_there_is(name: str, complaint: str) -> None:
    with pytest.raises(UnknownName, match=complaint):
        Composition.parse(name)


def test_neighbours_differ_in_one_attribute_and_neighbourhood_is_mutual() -> None:
    for one in compositions()[::501]:
        near = neighbours(one)
        assert near
        assert one not in near
        for other in near:
            name = difference(one, other)
            assert getattr(one, name) != getattr(other, name)
            assert one in neighbours(other)


def test_the_difference_of_strangers_is_an_error() -> None:
    one = Composition.parse("tank/burning/street/night/rain")
    with pytest.raises(ValueError, match="unpack"):
        difference(one, Composition.parse("dog/running/beach/day/clear"))
