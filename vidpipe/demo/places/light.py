"""The light of an hour and a weather, out of doors and under a roof.

Belongs here: how bright it is, and the colours of sky and haze; the view that a place is drawn in.
Does not: drawing the sky (vidpipe.demo.places.sky), nor air before the subject
(vidpipe.demo.weather).
"""

import numpy as np

from vidpipe.demo.places.view import NIGHT_SKY, View
from vidpipe.demo.sketch import WHITE, Colour, Sketch, mix, pick, varied

CLEAR_SKIES: tuple[tuple[Colour, Colour], ...] = (  # above, at the horizon
    ((50, 120, 220), (185, 215, 245)), ((30, 160, 185), (195, 235, 230)),
    ((110, 110, 175), (250, 165, 90)), ((115, 95, 185), (240, 190, 220)),
    ((150, 185, 225), (242, 242, 238)), ((225, 160, 80), (250, 226, 170)),
    ((215, 120, 130), (250, 205, 180)), ((20, 80, 170), (120, 180, 225)),
)  # fmt: skip
# Grey levels above and at the horizon, by day and by night.
DULL_SKIES = {
    ("rain", False): (78, 150), ("snow", False): (172, 212), ("fog", False): (196, 214),
    ("rain", True): (20, 50), ("snow", True): (34, 74), ("fog", True): (44, 72),
}  # fmt: skip
DAYLIGHT = {"clear": (0.82, 1.1), "rain": (0.5, 0.8), "snow": (0.7, 1.0), "fog": (0.65, 0.95)}


def outdoor_view(sketch: Sketch, time: str, weather: str, rng: np.random.Generator) -> View:
    """A view with the light and the colours of the sky at this hour in this weather."""
    night = time == "night"
    if night:
        level = float(rng.uniform(0.24, 0.46))
        light = (level * 0.85, level * 0.92, level * 1.12)
    else:
        level = float(rng.uniform(*DAYLIGHT[weather]))
        light = (level, level, level)
    if weather != "clear":
        above, below = (grey * float(rng.uniform(0.8, 1.15)) for grey in DULL_SKIES[weather, night])
        red, green, blue = (float(share) for share in rng.uniform(0.9, 1.1, 3))
        zenith, haze = ((grey * red, grey * green, grey * blue) for grey in (above, below))
    elif night:
        zenith = pick((NIGHT_SKY, (18, 12, 34), (6, 18, 26), (8, 8, 12)), rng, 4)
        haze = mix(
            zenith, pick(((40, 55, 95), (70, 50, 60), (30, 60, 70)), rng), rng.uniform(0.3, 0.8)
        )
    else:
        above_colour, below_colour = CLEAR_SKIES[int(rng.integers(len(CLEAR_SKIES)))]
        zenith, haze = varied(above_colour, rng), varied(below_colour, rng, 10)
    return View(sketch, night, weather, rng, light, zenith, haze)


def indoor_view(sketch: Sketch, time: str, weather: str, rng: np.random.Generator) -> View:
    """A view with the light of the windows by day, or of the lamps by night."""
    night = time == "night"
    level = rng.uniform(0.34, 0.58) if night else rng.uniform(0.88, 1.1)
    warmth = (1.1, 0.95, 0.78) if night else (1.0, 1.0, 1.0)
    red, green, blue = (float(level * share) for share in warmth)
    return View(sketch, night, weather, rng, (red, green, blue), WHITE, WHITE)
