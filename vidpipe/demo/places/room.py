"""What places under a roof share: walls, floors, windows, lamps, and how furniture is placed.

Belongs here: the shell of a room, and the widths along its wall that furniture may take.
Does not: the furniture that tells one room from another (one file a place, beside this one).

Day and night differ in the windows and in the light: bright everywhere, or dim with pools of light
below the lamps. Colours vary more within a room than between rooms, so that a room is known by its
furniture; only the office's armchair is always green.
"""

from collections.abc import Callable, Sequence

from vidpipe.demo.places.view import LAMPLIGHT, NIGHT_SKY, View, steps
from vidpipe.demo.sketch import BLACK, PAINTS, STEEL, WHITE, Colour, Point, shade

# Draws a piece of furniture into the stretch of a wall between two places along it.
Piece = Callable[[View, float, float], None]

DAY_SKIES: tuple[Colour, ...] = (
    (150, 200, 250), (190, 225, 250), (225, 238, 250), (250, 225, 180), (180, 235, 240),
)  # fmt: skip
FURNITURE_WOODS: tuple[Colour, ...] = (
    (150, 105, 65), (190, 150, 100), (95, 65, 45), (215, 205, 190), (120, 115, 110), (165, 90, 60),
)  # fmt: skip
BESIDE = 0.36  # from the middle of the picture, where the subject leaves furniture in sight


def draw_room(view: View, floor: float, wall: Colour) -> None:
    """Draws the back wall, its skirting board and the floor."""
    view.fade(0, floor, view.tone(shade(wall, view.between(0.85, 1))), view.tone(wall))
    ground = view.pick((*FURNITURE_WOODS, (150, 150, 150), (90, 110, 120), (180, 170, 150)), 25)
    view.fade(floor, 1.01, view.tone(shade(ground, 0.85)), view.tone(ground))
    view.box(0, floor - 0.022, view.width, floor, shade(wall, 0.6))
    if view.chance(0.3):
        view.sketch.grain(floor, 1, 0.03, 6, view.rng)


def draw_planks(view: View, floor: float) -> None:
    """Draws the seams of a floor, which run away from the viewer."""
    focus, pitch = view.width / 2, 0.17 * (1 + view.width / 3)
    view.many(
        [
            ((focus + s * 0.6, floor), (focus + s * 1.4, 1.0), (focus + s * 1.4 + 0.008, 1.0))
            for s in steps(-9 * pitch, 9.5 * pitch, pitch)
        ],
        view.tone((70, 60, 55)),
    )


def draw_tiled_floor(view: View, floor: float) -> None:
    """Draws the seams of tiles."""
    draw_planks(view, floor)
    rows = [floor + (1 - floor) * share for share in (0.12, 0.32, 0.6)]
    view.boxes([(0, y, view.width, y + 0.006) for y in rows], view.tone((70, 60, 55)))


def along_wall(view: View, pieces: Sequence[tuple[float, Piece]]) -> None:
    """Puts pieces, each given with its width, along the wall, over and over, starting anywhere."""
    period = sum(width for width, _ in pieces)
    left = -period * view.rng.random()
    while left < view.width:
        for width, piece in pieces:
            if left + width > 0:
                piece(view, left, left + width)
            left += width


def beside_subject(view: View, gap: float) -> list[float]:
    """Places (x) at both sides of the subject, and further out where the picture is wide."""
    middle = view.width / 2
    first = min(BESIDE + view.between(-0.03, 0.03), middle - 0.08)
    steps = [first + gap * index for index in range(int(view.width / 2 / gap) + 1)]
    return [middle + side * step for step in steps for side in (-1, 1)]


def draw_window(view: View, left: float, right: float) -> None:
    """Draws a window with its frame and, in some pictures, curtains."""
    left, right, top, bottom = (
        left + 0.025, right - 0.025, view.between(0.1, 0.16), view.between(0.46, 0.52)
    )  # fmt: skip
    draw_pane(view, left, top, right, bottom)
    view.box(left - 0.02, bottom, right + 0.02, bottom + 0.022, (225, 222, 215))
    if view.chance(0.5):
        cloth = view.hue(0.6, 0.8)
        for x in (left - 0.02, right - 0.03):
            view.box(x, top - 0.03, x + 0.05, bottom + 0.02, cloth)
            view.box(x + 0.02, top - 0.03, x + 0.03, bottom + 0.02, shade(cloth, 0.75))
        view.box(left - 0.03, top - 0.04, right + 0.03, top - 0.022, (110, 85, 60))


def draw_pane(view: View, left: float, top: float, right: float, bottom: float) -> None:
    """Draws glass and mullions: daylight with a cloud, or a night sky with stars and moon."""
    frame = view.pick((WHITE, *FURNITURE_WOODS))
    view.box(left - 0.016, top - 0.016, right + 0.016, bottom + 0.016, frame)
    width, height = right - left, bottom - top
    if view.night:
        sky = view.pick((NIGHT_SKY,), 8)
        view.boxes([(left, top, right, bottom)], sky)
        view.specks(left, top, right, bottom, 12, 0.006, (240, 240, 225))
        radius = min(0.036, width * 0.2, height * 0.3)
        view.moon(
            (left + width * view.between(0.3, 0.6), top + height * view.between(0.3, 0.5)),
            radius,
            sky,
        )
    else:
        sky = view.pick(DAY_SKIES, 12)
        view.boxes([(left, top, right, bottom)], sky)
        cloud = (left + width * 0.5, top + height * view.between(0.3, 0.6))
        view.disc(cloud, (width * 0.35, min(0.04, height * 0.2)), (255, 255, 255))
    middle, thick = (left + right) / 2, min(0.012, width * 0.1)
    view.box(middle - thick / 2, top, middle + thick / 2, bottom, frame)
    view.box(left, top + height * 0.45, right, top + height * 0.45 + thick, frame)


def draw_lamps(view: View, y: float) -> None:
    """Draws lamps that hang from the ceiling, and at night the pools of their light."""
    paint = view.pick((*PAINTS, STEEL))
    for x in view.across(0.45, 0.15):
        view.line([(x, 0), (x, y)], 0.007, BLACK)
        shape: list[Point] = [
            (x - 0.02, y),
            (x + 0.02, y),
            (x + 0.075, y + 0.055),
            (x - 0.075, y + 0.055),
        ]
        view.poly(shape, paint)
        bulb = LAMPLIGHT if view.night else view.tone((235, 235, 225))
        view.disc((x, y + 0.057), (0.05, 0.016), bulb)
        if view.night:
            view.glow((x, y + 0.16), 0.3, LAMPLIGHT, 0.28)
