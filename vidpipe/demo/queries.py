"""`queries.yaml`: labelled queries about a demo world, for judging a search of it.

Belongs here: what is asked about a world, and which of its videos are right by its truth.
Does not: the file's format (vidpipe.search.labelled_queries), the world (vidpipe.demo.world).

    text         a description of a shot or of parts of it, in four languages
    image        another rendering of a shot's composition
    text_image   another rendering, and words for what matters in it
    navigation   a picture of a neighbour, plus the word that a shot has, minus the neighbour's
    caption      words that are burnt into a video
    absent       the first four about what no video shows: their right answer is "nothing found"

Shots are drawn evenly from all videos, shown by a keyframe or not: what the keyframes miss is the
summariser's loss, and whoever evaluates can tell it from the stretches named here. Wordings are
those that the demo models never saw in training.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidpipe.demo.compositions import Composition, compositions, difference, neighbours
from vidpipe.demo.gallery import encode_still
from vidpipe.demo.language import (
    LANGUAGES,
    PARTS,
    VARIANTS,
    agrees,
    attribute_values,
    describe,
    phrasings,
    words,
)
from vidpipe.demo.scene import render_still
from vidpipe.search.labelled_queries import LabelledQuery, RelevantStretch, write_query_set

QUERIES, IMAGES = "queries.yaml", "query_images"
IMAGE_PX = (640, 360)
IN_PLACE = frozenset({"scene", "place"})
# How specific texts are: in full, or as people search.
SAID = (
    PARTS,
    PARTS,
    IN_PLACE | {"time"},
    IN_PLACE,
    frozenset({"scene"}),
)


@dataclass(frozen=True)
class Shown:
    """A shot of the world."""

    video_id: str
    start_s: float
    end_s: float
    composition: Composition


def write_queries(truth: dict[str, Any], directory: Path) -> None:
    """Writes `queries.yaml` and the pictures that it names into the folder of a world.

    Args:
        truth: the world's truth, see vidpipe.demo.truth.
        directory: where `truth.json` stands.
    """
    (directory / IMAGES).mkdir()
    write_query_set(directory / QUERIES, [*_Questions(truth, directory).all()])


def _in_place(composition: Composition) -> tuple[str, str, str]:
    """What a description of the parts `IN_PLACE` tells."""
    return composition.subject, composition.state, composition.place


def _turn(number: int) -> str:
    """Takes turns among the languages, so that each occurs as often."""
    return LANGUAGES[number % len(LANGUAGES)]


class _Questions:
    """The questions about one world; the same truth gives the same questions."""

    def __init__(self, truth: dict[str, Any], directory: Path) -> None:
        self._videos, self._directory = truth["videos"], directory
        self._seed = int(truth["seed"])
        self._rng = np.random.default_rng((self._seed, 7))
        self._shots = [
            Shown(
                video["video_id"],
                shot["start_s"],
                shot["end_s"],
                Composition.parse(shot["composition"]),
            )
            for video in self._videos
            for shot in video["shots"]
        ]

    def all(self) -> Iterator[LabelledQuery]:
        """As many statements as the world has videos, half as many of each other kind, and half as
        many of each kind but captions that no video answers."""
        count, half = len(self._videos), max(1, len(self._videos) // 2)
        yield from self._texts(count)
        yield from self._images(half)
        yield from self._texts_with_images(half)
        yield from self._navigations(half)
        yield from self._captions(half)
        yield from self._absent(half)

    def _draw(self, count: int) -> list[Composition]:
        """Draws compositions of different shots, at most as many as there are."""
        known = sorted({shot.composition for shot in self._shots})
        chosen = self._rng.permutation(len(known))[:count]
        return [known[index] for index in chosen]

    def _where(
        self, composition: Composition, parts: frozenset[str]
    ) -> tuple[RelevantStretch, ...]:
        return tuple(
            RelevantStretch(shot.video_id, shot.start_s, shot.end_s)
            for shot in self._shots
            if agrees(composition, shot.composition, parts)
        )

    def _worded(self, composition: Composition, parts: frozenset[str]) -> dict[str, str]:
        """The same wording, given in every language."""
        choice, variant = int(self._rng.integers(100)), int(self._rng.integers(VARIANTS))
        texts = {}
        for language in LANGUAGES:
            known = phrasings(language, held_out=True)
            phrasing = known[choice % len(known)]
            texts[language] = describe(
                composition, language, phrasing, parts=parts, variant=variant
            )
        return texts

    def _texts(self, count: int) -> Iterator[LabelledQuery]:
        for number, composition in enumerate(self._draw(count), start=1):
            parts = SAID[number % len(SAID)]
            pair, where = f"text-{number:04d}", self._where(composition, parts)
            for language, text in self._worded(composition, parts).items():
                yield LabelledQuery(
                    f"{pair}-{language}", "text", where, text=text, language=language, pair=pair
                )

    def _images(self, count: int) -> Iterator[LabelledQuery]:
        for number, composition in enumerate(self._draw(count), start=1):
            yield self._image(f"image-{number:04d}", composition)

    def _image(self, name: str, composition: Composition) -> LabelledQuery:
        where, image = self._where(composition, PARTS), self._picture(name, composition)
        return LabelledQuery(name, "image", where, image=image)

    def _texts_with_images(self, count: int) -> Iterator[LabelledQuery]:
        for number, composition in enumerate(self._draw(count), start=1):
            yield self._text_with_image(f"text_image-{number:04d}", composition, _turn(number))

    def _text_with_image(self, name: str, composition: Composition, language: str) -> LabelledQuery:
        return LabelledQuery(
            name,
            "text_image",
            self._where(composition, PARTS),
            text=self._worded(composition, IN_PLACE)[language],
            image=self._picture(name, composition),
            language=language,
        )

    def _navigations(self, count: int) -> Iterator[LabelledQuery]:
        for number, aim in enumerate(self._draw(count), start=1):
            yield self._navigation(f"navigation-{number:04d}", aim, _turn(number))

    def _navigation(self, name: str, aim: Composition, language: str) -> LabelledQuery:
        start = self._start(aim)
        changed = difference(start, aim)
        return LabelledQuery(
            name,
            "navigation",
            self._where(aim, PARTS),
            image=self._picture(name, start),
            add=words(changed, getattr(aim, changed), language)[:1],
            subtract=words(changed, getattr(start, changed), language)[:1],
            language=language,
        )

    def _absent(self, count: int) -> Iterator[LabelledQuery]:
        """The questions whose subject, as it is described, no shot shows in that place."""
        shown = {_in_place(shot.composition) for shot in self._shots}
        others = [one for one in compositions() if _in_place(one) not in shown]
        chosen = self._rng.permutation(len(others))[:count]
        for number, composition in enumerate((others[index] for index in chosen), start=1):
            name, language = f"absent-{number:04d}", _turn(number)
            text = self._worded(composition, IN_PLACE)[language]
            yield LabelledQuery(f"{name}-text", "text", (), text=text, language=language)
            yield self._image(f"{name}-image", composition)
            yield self._text_with_image(f"{name}-text_image", composition, language)
            yield self._navigation(f"{name}-navigation", composition, language)

    def _start(self, aim: Composition) -> Composition:
        """A neighbour to navigate from; its difference has words, every attribute as often."""
        named = attribute_values()
        by_attribute: dict[str, list[Composition]] = {}
        for one in neighbours(aim):
            changed = difference(one, aim)
            if getattr(one, changed) in named[changed]:
                by_attribute.setdefault(changed, []).append(one)
        choices = by_attribute[str(self._rng.choice(sorted(by_attribute)))]
        return choices[int(self._rng.integers(len(choices)))]

    def _captions(self, count: int) -> Iterator[LabelledQuery]:
        stretches: dict[tuple[str, str], list[RelevantStretch]] = {}
        for video in self._videos:
            for caption in video["captions"]:
                if caption["is_whole"]:
                    stretches.setdefault((caption["text"], caption["language"]), []).append(
                        RelevantStretch(video["video_id"], caption["start_s"], caption["end_s"])
                    )
        known = sorted(stretches)
        for number, index in enumerate(self._rng.permutation(len(known))[:count], start=1):
            text, language = known[index]
            yield LabelledQuery(
                f"caption-{number:04d}",
                "caption",
                tuple(stretches[known[index]]),
                text=text.lower(),
                language=language,
            )

    def _picture(self, name: str, composition: Composition) -> str:
        """Renders a picture to search by, unlike any of the world's; its path."""
        seed = (self._seed, 8, int(self._rng.integers(2**31)))
        image = f"{IMAGES}/{name}.jpg"
        (self._directory / image).write_bytes(
            encode_still(render_still(composition, IMAGE_PX, seed))
        )
        return image
