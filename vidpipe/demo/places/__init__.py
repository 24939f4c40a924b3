"""The places of the demo world, drawn as backdrops.

Belongs here: which drawing belongs to which place; one file a place, by day and night, in every
weather.
Does not: what stands in it (vidpipe.demo.subjects), camera and lens (vidpipe.demo.scene).

A new place is a file here, called as the place and drawing it with `draw`, and its name among
`OUTDOORS` or `INDOORS` of vidpipe.demo.compositions.

A backdrop fills a canvas that is one unit high and `sketch.width` wide (0.5 to 2.6), y downwards
from 0 at the top. The subject will stand on a line between y 0.80 and 0.95, near the middle of the
width, and hide about half the width there, so that what tells a place must show beside and above
it, again and again. Everything that varies between two pictures comes from `rng`.
"""

from collections.abc import Callable
from importlib import import_module

import numpy as np

from vidpipe.demo.compositions import INDOORS, OUTDOORS
from vidpipe.demo.places.light import indoor_view, outdoor_view
from vidpipe.demo.places.sky import draw_sky
from vidpipe.demo.places.view import View
from vidpipe.demo.sketch import Sketch

# Sketch, time ("day", "night"), weather ("clear", "rain", "snow", "fog"; "none" indoors).
Draw = Callable[[Sketch, str, str, np.random.Generator], None]


def _outdoors(place: str) -> Draw:
    """The backdrop of a place under the open sky, whose file draws `(view, horizon)`."""
    draw: Callable[[View, float], None] = import_module(f"{__name__}.{place}").draw

    def backdrop(sketch: Sketch, time: str, weather: str, rng: np.random.Generator) -> None:
        view = outdoor_view(sketch, time, weather, rng)
        horizon = view.between(0.45, 0.62)
        draw_sky(view, horizon)
        draw(view, horizon)
        if view.chance(0.5):
            view.mirror()

    return backdrop


def _indoors(place: str) -> Draw:
    """The backdrop of a place under a roof, whose file draws `(view)`."""
    draw: Callable[[View], None] = import_module(f"{__name__}.{place}").draw

    def backdrop(sketch: Sketch, time: str, weather: str, rng: np.random.Generator) -> None:
        view = indoor_view(sketch, time, weather, rng)
        draw(view)
        if view.chance(0.5):
            view.mirror()

    return backdrop


DRAWINGS: dict[str, Draw] = {place: _outdoors(place) for place in OUTDOORS} | {
    place: _indoors(place) for place in INDOORS
}
