"""The places of the demo world, drawn as backdrops.

Belongs here: one drawing a place, by day and night, in every weather.
Does not: what stands in it (vidpipe.demo.subjects), camera and lens (vidpipe.demo.scene).

A backdrop fills a canvas that is one unit high and `sketch.width` wide (0.5 to 2.6), y downwards
from 0 at the top. The subject will stand on a line between y 0.80 and 0.95, near the middle of the
width, and hide about half the width there, so that what tells a place must show beside and above
it. Everything that varies between two pictures comes from `rng`.
"""

from collections.abc import Callable

import numpy as np

from vidpipe.demo.places.indoors import INDOOR_PLACES
from vidpipe.demo.places.outdoors import OUTDOOR_PLACES
from vidpipe.demo.sketch import Sketch

# Sketch, time ("day", "night"), weather ("clear", "rain", "snow", "fog"; "none" indoors).
Draw = Callable[[Sketch, str, str, np.random.Generator], None]

DRAWINGS: dict[str, Draw] = {**OUTDOOR_PLACES, **INDOOR_PLACES}
