"""The palettes of what places under the open sky are made of.

Belongs here: leaves, wood, stone, sand and water, each in several colours.
Does not: paints, skin and metals, which subjects share (vidpipe.demo.sketch).

Colours vary more within a place than between places, so that a place is known by its shapes.
"""

from vidpipe.demo.sketch import Colour

LEAVES: tuple[Colour, ...] = (
    (50, 110, 50), (90, 130, 45), (150, 140, 50), (190, 110, 45), (165, 65, 45), (40, 100, 90),
)  # fmt: skip
WOOD: tuple[Colour, ...] = (
    (105, 75, 50),
    (140, 100, 65),
    (95, 90, 85),
    (205, 200, 190),
    (120, 65, 45),
)
STONE: tuple[Colour, ...] = ((130, 128, 125), (165, 150, 125), (110, 100, 110), (150, 110, 90))
SANDS: tuple[Colour, ...] = (
    (235, 220, 180), (245, 240, 228), (215, 165, 105), (185, 105, 70), (200, 185, 165),
    (150, 120, 95),
)  # fmt: skip
SEAS: tuple[Colour, ...] = (
    (40, 110, 170), (40, 160, 165), (80, 100, 115), (95, 125, 100), (30, 70, 120), (120, 150, 175),
)  # fmt: skip
