"""The subjects of the demo world, drawn in a box of their own.

Belongs here: one drawing a subject, in all its states.
Does not: where it stands, light, weather and camera (vidpipe.demo.scene).

A drawing fills the box x -1 to 1, y -1 to 1 (y downwards) and stands on y = 1; flames, smoke and
raised arms may reach x ±1.3 and y -1.7. It faces right; the scene mirrors it. Everything that
varies between two pictures of one composition (colours, proportions, details) comes from `rng`,
which starts anew for every frame of a shot; `phase` (0 to 1, cyclic) moves legs, arms and flames.
"""

from collections.abc import Callable

import numpy as np

from vidpipe.demo.sketch import Sketch
from vidpipe.demo.subjects.aircraft import AIRCRAFT
from vidpipe.demo.subjects.animals import ANIMALS
from vidpipe.demo.subjects.food import FOOD
from vidpipe.demo.subjects.house import HOUSES
from vidpipe.demo.subjects.people import PEOPLE
from vidpipe.demo.subjects.speakers import SPEAKERS
from vidpipe.demo.subjects.sport import SPORT
from vidpipe.demo.subjects.vehicles import VEHICLES

Draw = Callable[[Sketch, str, np.random.Generator, float], None]

DRAWINGS: dict[str, Draw] = {
    **VEHICLES,
    **AIRCRAFT,
    **HOUSES,
    **SPEAKERS,
    **PEOPLE,
    **SPORT,
    **ANIMALS,
    **FOOD,
}
