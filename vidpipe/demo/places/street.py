"""A backdrop: a street that runs away from the viewer.

Belongs here: its houses, pavements, road markings and street lamps.
Does not: the sky (vidpipe.demo.places.sky), ground and water (vidpipe.demo.places.ground).
"""

from collections.abc import Callable
from itertools import pairwise

from vidpipe.demo.places.ground import draw_ground
from vidpipe.demo.places.materials import STONE
from vidpipe.demo.places.view import LAMPLIGHT, SNOW, View, steps
from vidpipe.demo.sketch import Point, shade

EYE_HEIGHT = 0.3  # of the camera above the road, in units at distance 1


def draw(view: View, horizon: float) -> None:
    """Draws the street, its houses growing smaller towards the horizon."""
    centre = view.width / 2 + view.between(-0.08, 0.08)
    kerb = view.between(0.3, 0.42)
    facade = kerb + view.between(0.08, 0.16)

    def at(x: float, y: float, z: float) -> Point:
        return centre + x / z, horizon + y / z

    road, pavement = view.pick(STONE, 25), view.pick(STONE, 25)
    draw_ground(view, horizon, shade(road, 0.6))
    for side in (-1, 1):
        strip = [at(side * kerb, EYE_HEIGHT, z) for z in (0.2, 9)]
        strip += [at(side * facade * 1.05, EYE_HEIGHT, z) for z in (9, 0.2)]
        view.poly(strip, view.cover(shade(pavement, 1.25)), 0.15)
        view.line(strip[:2], 0.012, view.cover((205, 205, 200)), 0.15)
        depths = [6.5 * 0.71**step for step in range(9 if view.width > 1.2 else 7)]
        for far, near in pairwise(depths):
            _facade(view, at, side * facade, far, near)
    paint = view.tone(view.pick(((235, 235, 225), (235, 190, 60))), 0.1)
    spans = [(z, z * 1.2) for z in (0.45, 0.65, 0.95, 1.4, 2.1, 3.2)]
    view.many([_stripe(at, -0.022, 0.022, z, end) for z, end in spans], paint)
    for z in (2.6, 1.75, 1.15, 0.75):
        for side in (-1, 1):
            foot, head = at(side * kerb * 1.06, EYE_HEIGHT, z), at(side * kerb * 1.06, -0.34, z)
            _street_lamp(view, foot, head, -side * 0.11 / z, z / 5)


def _stripe(
    at: Callable[[float, float, float], Point], left: float, right: float, near: float, far: float
) -> list[Point]:
    corners = ((left, near), (right, near), (right, far), (left, far))
    return [at(x, EYE_HEIGHT, z) for x, z in corners]


def _facade(
    view: View, at: Callable[[float, float, float], Point], x: float, far: float, near: float
) -> None:
    """Draws one house of a street: its wall runs from distance `far` to `near`."""
    haze = min(1.0, near / 4.5)
    height = -view.between(0.45, 1.1)
    wall = view.hue(0.4, 0.7)
    edge = [at(x, height, far), at(x, height, near)]
    view.poly([*edge, at(x, EYE_HEIGHT, near), at(x, EYE_HEIGHT, far)], wall, haze)
    view.line(edge, 0.035 / near, SNOW if view.snowy else shade(wall, 0.55), haze)
    # Seen edge-on, the side wall of a house that stands out above its neighbour.
    view.line([edge[1], at(x, EYE_HEIGHT, near)], 0.008 / near, shade(wall, 0.6), haze)
    depths = [
        (near + (far - near) * start, near + (far - near) * (start + 0.3)) for start in (0.12, 0.58)
    ]
    panes = [
        [at(x, y, z0), at(x, y, z1), at(x, y + 0.1, z1), at(x, y + 0.1, z0)]
        for y in steps(height + 0.08, 0.02, 0.17)
        for z0, z1 in depths
    ]
    lit = [bool(flag) for flag in view.rng.random(len(panes)) < (0.55 if view.night else 0.0)]
    dark = view.tone(view.hue(0.25, 0.3), haze)
    view.many([pane for pane, on in zip(panes, lit, strict=True) if not on], dark)
    view.many(
        [pane for pane, on in zip(panes, lit, strict=True) if on], view.shine(LAMPLIGHT, haze)
    )
    shop = [at(x, y, z) for y, z in ((0.12, near), (0.12, far), (0.2, far), (0.2, near))]
    view.poly(shop, view.hue(0.8, 0.75), haze)


def _street_lamp(view: View, foot: Point, head: Point, arm: float, far: float) -> None:
    thick = abs(arm) * 0.16
    end = (head[0] + arm, head[1] - abs(arm) * 0.2)
    view.line([foot, head, end], thick, (60, 65, 70), far)
    lamp = view.shine(LAMPLIGHT, far) if view.night else view.tone((225, 225, 215), far)
    view.disc((end[0], end[1] + thick), (abs(arm) * 0.3, abs(arm) * 0.17), lamp)
    view.cap([head, end], thick * 1.3, far)
    if view.night:
        view.glow(end, abs(arm) * 1.3, LAMPLIGHT, 0.4)
