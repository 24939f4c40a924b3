"""The sky over places, by day and night, in every weather.

Belongs here: sun, moon, stars and clouds.
Does not: the colours of the sky and the light it gives (vidpipe.demo.places.light), nor falling
rain and snow, which pass before the subject too (vidpipe.demo.weather).
"""

from vidpipe.demo.places.view import View
from vidpipe.demo.sketch import Colour, mix, shade


def draw_sky(view: View, horizon: float) -> None:
    """Draws the sky down to the horizon, and its haze below."""
    view.fade(0, horizon, view.zenith, view.haze)
    view.fade(horizon, 1.01, view.haze, view.haze)
    if view.weather == "clear":
        _stars_and_moon(view, horizon) if view.night else _sun_and_clouds(view)
    elif view.weather == "rain":
        _rain_clouds(view)
    elif view.weather == "snow":
        for x in view.across(0.35):
            _cloud(view, x, view.between(0.02, 0.2), 0.12, mix(view.zenith, view.haze, 0.5))


def _stars_and_moon(view: View, horizon: float) -> None:
    view.specks(0, 0, view.width, horizon, int(45 * view.width), 0.006, (235, 235, 220))
    centre = (view.width / 2 + view.between(-0.35, 0.35), view.between(0.09, 0.22))
    view.glow(centre, 0.22, (150, 160, 190), 0.4)
    view.moon(centre, view.between(0.045, 0.075), view.zenith)


def _sun_and_clouds(view: View) -> None:
    has_clouds = view.chance(0.75)
    if not has_clouds or view.chance(0.7):
        centre = (view.width / 2 + view.between(-0.35, 0.35), view.between(0.08, 0.22))
        view.glow(centre, 0.3, (255, 240, 190), 0.5)
        view.sketch.circle(centre, view.between(0.045, 0.08), (255, 246, view.between(150, 225)))
    if has_clouds:
        for x in view.across(0.4):
            _cloud(view, x, view.between(0.06, 0.28), view.between(0.06, 0.1), (250, 250, 250))


def _cloud(view: View, x: float, y: float, size: float, colour: Colour) -> None:
    view.disc((x, y), (size * 1.6, size * 0.4), shade(colour, 0.93))
    view.disc((x - size * 0.5, y - size * 0.25), (size * 0.7, size * 0.45), colour)
    view.disc((x + size * 0.4, y - size * 0.4), (size * 0.75, size * 0.6), colour)


def _rain_clouds(view: View) -> None:
    for row, share in ((0.2, 0.35), (0.1, 0.15), (0.01, -0.1)):
        for x in view.across(0.24, 0.35):
            colour = shade(mix(view.zenith, view.haze, max(0.0, share)), view.between(0.82, 1.08))
            radii = (view.between(0.15, 0.22), view.between(0.05, 0.085))
            view.disc((x, row + view.between(-0.02, 0.02)), radii, colour)
