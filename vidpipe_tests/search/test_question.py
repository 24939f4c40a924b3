"""What can be asked: words with weights, and what stars say that are none of a weight."""

import pytest

from vidpipe.errors import SettingsError
from vidpipe.search.question import Question, weighted


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("helmet", ("helmet", 1.0)),
        ("helmet*0.5", ("helmet", 0.5)),
        (" military uniform*2", ("military uniform", 2.0)),
        ("5*4*0.5", ("5*4", 0.5)),
        ("tank*", ("tank*", 1.0)),
        ("tank* or truck", ("tank* or truck", 1.0)),
        ("five * stars", ("five * stars", 1.0)),
        ("five * ", ("five *", 1.0)),
        ("*0.5", ("*0.5", 1.0)),
    ],
)
def test_a_weight_stands_right_behind_the_last_star(words: str, read: tuple[str, float]) -> None:
    assert weighted(words) == read


@pytest.mark.parametrize("words", ["fire*x", "fire*0,5", "M*A*S*H", "fire*0.5.1", "fire*½"])
def test_a_weight_that_is_no_number_is_explained(words: str) -> None:
    with pytest.raises(SettingsError, match="is no number; write ") as refused:
        Question("a street", add=(words,))
    text = words.rpartition("*")[0]
    assert f'"{text}*0.5"' in str(refused.value)
    with pytest.raises(SettingsError, match="is no number"):
        Question("a street", subtract=(words,))
    with pytest.raises(SettingsError, match="is no number"):
        Question(words)


@pytest.mark.parametrize("words", ["fire*0", "fire*-1", "fire*inf", "fire*nan"])
def test_a_weight_that_weighs_nothing_or_everything_is_refused(words: str) -> None:
    with pytest.raises(SettingsError, match="a weight must be a number above 0"):
        weighted(words)
