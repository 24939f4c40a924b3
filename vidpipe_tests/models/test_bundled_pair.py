"""What the demo pair can do, on a small gallery that it never saw.

`vidpipe bench demo-models` measures it at full size.
"""

import pytest

from vidpipe.demo.compositions import Composition, difference
from vidpipe.demo.gallery import draw_compositions, draw_pairs, recall_at_1, render_stills
from vidpipe.demo.language import LANGUAGES, describe, phrasings, words
from vidpipe.models.bundled_pair import demo_pair, is_demo_pair
from vidpipe.models.clip import ClipPair, Vectors, unit
from vidpipe.settings import Settings, load_settings

GALLERY = 100
SEED = 70
# Below what the model card says, by the spread of a gallery this small.
TEXT_BAR, IMAGE_BAR, NAVIGATION_BAR = 0.95, 0.92, 0.88


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    image, text = (str(folder) for folder in demo_pair())
    home = tmp_path_factory.mktemp("home")
    return load_settings(home=home, clip_image_model=image, clip_text_model=text)


@pytest.fixture(scope="module")
def pair(settings: Settings) -> ClipPair:
    return ClipPair.from_settings(settings, threads=2)


@pytest.fixture(scope="module")
def shown() -> list[Composition]:
    return draw_compositions("unseen", GALLERY, SEED)


@pytest.fixture(scope="module")
def gallery(pair: ClipPair, shown: list[Composition]) -> Vectors:
    return pair.images.embed(render_stills(shown, SEED))


def test_the_pair_knows_itself(settings: Settings) -> None:
    assert is_demo_pair(settings)
    assert not is_demo_pair(load_settings(home=settings.home))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_find_pictures_in_every_language(
    pair: ClipPair, shown: list[Composition], gallery: Vectors, language: str
) -> None:
    known = phrasings(language, held_out=True)
    texts = [
        describe(one, language, known[number % len(known)], variant=number % 3)
        for number, one in enumerate(shown)
    ]
    assert recall_at_1(pair.texts.embed(texts) @ gallery.T) >= TEXT_BAR


def test_pictures_find_other_pictures_of_the_same(
    pair: ClipPair, shown: list[Composition], gallery: Vectors
) -> None:
    others = pair.images.embed(render_stills(shown, SEED + 1))
    assert recall_at_1(others @ gallery.T) >= IMAGE_BAR


def test_adding_and_taking_away_a_word_leads_to_the_neighbour(pair: ClipPair) -> None:
    pairs = draw_pairs("unseen", GALLERY // 2, SEED)
    stills = [one for one, _ in pairs] + [other for _, other in pairs]
    known = pair.images.embed(render_stills(stills, SEED + 2))
    asked = pair.images.embed(render_stills([one for one, _ in pairs], SEED + 3))
    changes = [(difference(*both), *both) for both in pairs]
    new, old = (
        pair.texts.embed([words(name, getattr(both[which], name))[0] for name, *both in changes])
        for which in (1, 0)
    )
    aims = range(len(pairs), 2 * len(pairs))
    assert recall_at_1(unit(asked + new - old) @ known.T, aims) >= NAVIGATION_BAR
    assert recall_at_1(asked @ known.T, aims) < NAVIGATION_BAR


@pytest.mark.parametrize(
    ("asked", "wanted", "other"),
    [
        ("tank", "tank/intact/field/day/clear", "dog/standing/field/day/clear"),
        ("一只奔跑的狗", "dog/running/beach/day/clear", "dog/sleeping/beach/day/clear"),
        ("di pantai", "cake/whole/beach/day/clear", "cake/whole/forest/day/clear"),
        ("रात में", "house/intact/street/night/clear", "house/intact/street/day/clear"),
    ],
)
def test_short_queries_tell_what_matters(
    pair: ClipPair, asked: str, wanted: str, other: str
) -> None:
    stills = render_stills([Composition.parse(one) for one in [wanted] * 6 + [other] * 6], SEED)
    scores = pair.images.embed(stills) @ pair.texts.embed([asked])[0]
    assert scores[:6].mean() > scores[6:].mean()
