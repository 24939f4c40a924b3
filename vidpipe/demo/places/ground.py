"""The ground and the water of places under the open sky, in every weather.

Belongs here: what lies under snow or rain, pebbles and tufts, waves.
Does not: the colours of a place's ground, which the place picks (vidpipe.demo.places.materials).
"""

from vidpipe.demo.places.view import LAMPLIGHT, View
from vidpipe.demo.sketch import Colour, mix, shade


def draw_ground(view: View, top: float, colour: Colour) -> None:
    """Draws the ground down to the lower edge: covered by snow, or wet with puddles."""
    ground = view.cover(colour)
    wet = 0.7 if view.weather == "rain" else 1.0
    view.fade(top, 1.01, view.tone(shade(ground, wet), 0.85), view.tone(shade(ground, wet * 0.92)))
    if view.weather != "rain":
        return
    for x in view.across(0.13, 0.4):
        y = view.between(min(top + 0.05, 0.9), 0.97)
        size = view.between(0.07, 0.13) * (0.5 + 0.8 * (y - top) / (1 - top))
        pale = mix(
            shade(view.haze, 1.25), LAMPLIGHT, 0.25 if view.night and view.chance(0.5) else 0
        )
        view.disc((x, y), (size, size * 0.22), shade(pale, 0.75))
        view.disc((x + size * 0.1, y + size * 0.04), (size * 0.8, size * 0.14), pale)


def draw_texture(view: View, top: float, ground: Colour) -> None:
    """Scatters pebbles or tufts, and mottles the ground in some pictures."""
    colour = view.tone(shade(view.cover(ground), view.between(0.7, 1.15)))
    view.specks(
        0, top + 0.02, view.width, 1, int(40 * view.width), view.between(0.006, 0.014), colour
    )
    if view.chance(0.3):
        view.sketch.grain(top, 1, 0.02, 8, view.rng)


def draw_waves(view: View, top: float, bottom: float) -> None:
    """Draws the crests of waves between two heights, those further down larger."""
    number = int(14 * view.width) + 6
    places = view.rng.uniform((-0.1, 0), (view.width, 1), (number, 2))
    crests = [
        ((x, y), (x + s * 0.5, y - s * 0.1), (x + s, y), (x + s * 0.5, y + s * 0.05))
        for x, y, s in ((x, top + (bottom - top) * d, 0.05 + 0.1 * d) for x, d in places)
    ]
    view.many(crests, view.tone((225, 235, 240), 0.35))
