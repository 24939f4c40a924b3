"""A human figure from a pose and a look: bones, clothes, head and face.

Belongs here: what every drawn person shares, and coordinates of one part of a drawing.
Does not: costumes, tools and sports (people, sport), people seen to the waist only (speakers).

A figure turned by `view` 1 faces right, by 0 faces the onlooker. Its near arm and leg are the left
ones in the picture. Angles of bones count from straight down, towards the right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import acos, atan2, cos, degrees, hypot, pi, radians, sin

import numpy as np

from vidpipe.demo.sketch import (
    BLACK,
    PAINTS,
    SKIN_TONES,
    STEEL,
    WHITE,
    Colour,
    Point,
    Sketch,
    mix,
    pick,
    shade,
    varied,
)  # fmt: skip

Draw = Callable[[Sketch, str, np.random.Generator, float], None]
Bend = tuple[float, float]  # angles of the upper and the lower bone
Limb = tuple[Point, Point, Point]

HAIRS: tuple[Colour, ...] = (
    (30, 24, 22), (62, 42, 28), (110, 70, 36), (196, 156, 88), (150, 66, 30), (165, 165, 168),
)  # fmt: skip
MOUTH: Colour = (110, 30, 34)
TORSO, HEAD, NECK = 0.58, 0.225, 0.03
ARM: Bend = (0.27, 0.26)
LEG: Bend = (0.40, 0.42)
ARM_WIDTH, LEG_WIDTH, SOLE = 0.15, 0.2, 0.05


@dataclass(frozen=True)
class Frame:
    """The coordinates of one part of a drawing: moved, turned, scaled, and made `wide` across."""

    sketch: Sketch
    at: Point
    unit: float
    turn_deg: float = 0.0
    wide: float = 1.0

    def spot(self, x: float, y: float) -> Point:
        """Where a point of this part lies on the sketch."""
        across, down = x * self.unit * self.wide, y * self.unit
        c, s = cos(radians(self.turn_deg)), sin(radians(self.turn_deg))
        return self.at[0] + across * c - down * s, self.at[1] + across * s + down * c

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fills a polygon."""
        self.sketch.polygon([self.spot(*point) for point in points], colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fills a rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draws a polyline with round ends."""
        self.sketch.line([self.spot(*point) for point in points], width * self.unit, colour)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fills a small circle, more cheaply than `oval`."""
        self.line([(x, y), (x, y)], 2 * radius, colour)

    def oval(
        self, centre: Point, radii: Point, colour: Colour, start: float = 0, end: float = 360
    ) -> None:
        """Fills an ellipse or a sector of it."""
        self.sketch.ellipse(
            self.spot(*centre),
            (radii[0] * self.unit * self.wide, radii[1] * self.unit),
            colour,
            turn_deg=self.turn_deg,
            start_deg=start,
            end_deg=end,
        )


@dataclass(frozen=True, kw_only=True)
class Look:
    """What stays the same while a figure moves. `sleeves` and `cloth` say what share is covered."""

    skin: Colour
    hair: Colour
    style: int
    beard: bool
    build: float
    head: float
    leggy: float
    tilt: float
    top: Colour = STEEL
    sleeves: float = 1.0
    trousers: Colour = STEEL
    cloth: float = 1.0
    socks: Colour | None = None
    shoes: Colour = BLACK
    hands: Colour | None = None

    @classmethod
    def random(cls, rng: np.random.Generator) -> "Look":
        """Draws a random person, in clothes still to be chosen."""
        return cls(
            skin=pick(SKIN_TONES, rng, 12),
            hair=pick(HAIRS, rng, 12),
            style=int(rng.integers(6)),
            beard=bool(rng.random() < 0.3),
            build=float(rng.uniform(0.86, 1.16)),
            head=float(rng.uniform(0.93, 1.08)),
            leggy=float(rng.uniform(0.95, 1.05)),
            tilt=float(rng.uniform(-4, 4)),
            trousers=pick(PAINTS, rng),
            shoes=varied((50, 40, 36), rng, 22),
        )


@dataclass(frozen=True)
class Pose:
    """The angles of the bones; of each pair the near one comes first."""

    arms: tuple[Bend, Bend] = ((-14, -6), (14, 6))
    legs: tuple[Bend, Bend] = ((-7, -4), (7, 4))
    lean: float = 0.0
    view: float = 0.2
    x: float = 0.0
    lift: float = 0.0

    def loosened(self, rng: np.random.Generator, amount: float = 6) -> "Pose":
        """The pose as another person would take it."""
        shift = [float(value) for value in rng.uniform(-amount, amount, 9)]
        (a, b), (c, d) = self.arms
        (e, f), (g, h) = self.legs
        return replace(
            self,
            arms=((a + shift[0], b + shift[1]), (c + shift[2], d + shift[3])),
            legs=((e + shift[4], f + shift[5]), (g + shift[6], h + shift[7])),
            lean=self.lean + shift[8] / 2,
        )


def run_pose(phase: float, stride: float = 50) -> Pose:
    """One moment of a run: limbs spread widely, one knee always bent."""
    turn = 2 * pi * phase
    swing, push = sin(turn), cos(turn)
    near, far = 14 + stride * swing, 14 - stride * swing
    return Pose(
        arms=((-55 * swing, 85 - 55 * swing), (55 * swing, 85 + 55 * swing)),
        legs=((near, near - 42 - 45 * push), (far, far - 42 + 45 * push)),
        lean=17,
        view=0.85,
        x=-0.1,
        lift=0.03 + 0.04 * abs(swing),
    )


@dataclass(frozen=True)
class Figure:
    """A posed person, ready to be drawn part by part so that costumes go in between."""

    sketch: Sketch
    look: Look
    view: float
    chest: Frame  # (0, 0) is the neck, (0, 1) the hips
    head: Frame  # unit: radius of the head
    arms: tuple[Limb, Limb]
    legs: tuple[Limb, Limb]

    @classmethod
    def posed(cls, sketch: Sketch, look: Look, pose: Pose) -> "Figure":
        """A figure standing on y = 1 with its lower foot, or `lift` above."""
        turn = pose.lean - look.tilt
        sides = tuple(side * (0.29 - 0.22 * pose.view) * look.build for side in (-1, 1))
        bones = tuple(length * look.leggy for length in LEG)
        drop = max(_limb((0, 0), bend, bones, 0)[2][1] for bend in pose.legs)
        hip = (pose.x, 1 - SOLE - drop - pose.lift)
        neck = _bone(hip, 180 - turn, TORSO + (1 - look.leggy) * 0.8)
        chest = Frame(sketch, neck, TORSO, turn, look.build * (1 - 0.3 * pose.view))
        radius = HEAD * look.head
        top = _bone(neck, 180 - turn * 0.6, NECK + radius * 0.95)
        head = Frame(sketch, top, radius, turn * 0.5)
        near, far = (
            _limb(_turned(neck, (side, 0.08), turn), bend, ARM, -look.tilt)
            for side, bend in zip(sides, pose.arms, strict=True)
        )
        legs = tuple(
            _limb((hip[0] + side * 0.42, hip[1]), bend, bones, 0)
            for side, bend in zip(sides, pose.legs, strict=True)
        )
        return cls(sketch, look, pose.view, chest, head, (near, far), (legs[0], legs[1]))

    def reaching(self, near: Point | None, far: Point | None, elbow: Bend = (-1, 1)) -> "Figure":
        """The figure with its hands at these points; `elbow` says to which side each arm bends."""
        arms = [
            arm if target is None else reach(arm[0], target, ARM, side)
            for arm, target, side in zip(self.arms, (near, far), elbow, strict=True)
        ]
        return replace(self, arms=(arms[0], arms[1]))

    @property
    def hands(self) -> tuple[Point, Point]:
        """The near and the far hand."""
        return self.arms[0][2], self.arms[1][2]

    def draw_back(self) -> None:
        """Draws everything below the neck that costumes cover."""
        if self.view >= 0.5:
            self._arm(self.arms[1], 0.78)
        self._leg(self.legs[1], 0.8, 1)
        self._leg(self.legs[0], 1.0, 1 if self.view >= 0.5 else -1)
        top, low = self.look.top, self.look.trousers
        self.chest.polygon([(-0.36, 0.75), (0.36, 0.75), (0.37, 1.12), (-0.37, 1.12)], low)
        self.chest.polygon(
            [(-0.5, 0.12), (-0.2, -0.04), (0.2, -0.04), (0.5, 0.12), (0.37, 0.95), (-0.37, 0.95)],
            top,
        )
        self.chest.polygon([(0.2, 0.0), (0.5, 0.12), (0.37, 0.95), (0.24, 0.95)], shade(top, 0.86))

    def draw_front(self) -> None:
        """Draws the arms before the body."""
        if self.view < 0.5:
            self._arm(self.arms[1], 0.94)
        self._arm(self.arms[0], 1.0)

    def draw_head(self, *, happy: bool = False) -> None:
        """Draws neck, hair and face."""
        look, head, view = self.look, self.head, self.view
        dark = shade(look.skin, 0.82)
        self.sketch.line([self.chest.spot(0, 0.05), head.at], 0.15 * look.build, dark)
        if look.style == 1:  # long hair
            head.oval((-0.25 * view, 0.35), (1.02, 1.2), shade(look.hair, 0.85))
        elif look.style == 2:  # a bun, or a ponytail
            head.oval((-0.6 * view - 0.3, -0.75), (0.5, 0.48), shade(look.hair, 0.85))
        elif look.style == 3:  # curls
            head.oval((-0.2 * view, -0.25), (1.22, 1.15), look.hair)
        head.oval((0, 0), (0.9, 1.0), look.skin)
        if look.beard:
            head.oval((0.12 * view, 0.1), (0.86, 0.95), look.hair, 10 - 40 * view, 170 - 25 * view)
            head.oval((0.2 * view, 0.12), (0.66, 0.5), look.skin)
        if look.style != 4:  # 4 is bald
            head.oval(
                (-0.12 * view, -0.08), (0.96, 1.0), look.hair, 172 - 30 * view, 368 - 55 * view
            )
            head.oval((0.25 * view, 0.0), (0.72, 0.5), look.skin)
        head.oval((-0.95 + 0.85 * view, 0.1), (0.16, 0.24), dark)
        self._face(happy)

    def _face(self, happy: bool) -> None:
        head, view, ink = self.head, self.view, shade(self.look.hair, 0.5)
        for x in (0.36 + 0.24 * view, -0.36 + 0.5 * view):
            head.dot(x, -0.08, 0.17, WHITE)
            head.dot(x + 0.06 * view, -0.07, 0.1, ink)
            head.line([(x - 0.18, -0.36), (x + 0.18, -0.36)], 0.1, ink)
        nose = 0.06 + 0.8 * view
        dark = shade(self.look.skin, 0.72)
        head.line([(nose, 0.0), (nose + 0.08, 0.24), (nose - 0.06, 0.26)], 0.11, dark)
        mouth = 0.48 * view
        if happy:
            head.oval((mouth, 0.42), (0.44, 0.4), MOUTH, 0, 180)
            head.box(mouth - 0.38, 0.42, mouth + 0.38, 0.56, WHITE)
        else:
            head.line([(mouth - 0.24, 0.55), (mouth, 0.6), (mouth + 0.24, 0.54)], 0.12, MOUTH)

    def _arm(self, arm: Limb, light: float) -> None:
        look, width = self.look, ARM_WIDTH * self.look.build
        skin, cloth = shade(look.skin, light), shade(look.top, light)
        edge = shade(look.top if look.sleeves > 0.4 else look.skin, 0.62)
        self.sketch.line(arm, width + 0.035, edge)
        self.sketch.line(arm, width * 0.9, skin)
        if look.sleeves > 0:
            self.sketch.line(part_of(arm, look.sleeves), width, cloth)
        hand = skin if look.hands is None else shade(look.hands, light)
        self.sketch.line([arm[2], arm[2]], 0.17, hand)

    def _leg(self, leg: Limb, light: float, side: float) -> None:
        look, width = self.look, LEG_WIDTH * self.look.build
        hip, knee, ankle = leg
        along = atan2(ankle[0] - knee[0], ankle[1] - knee[1]) + side * pi / 2
        length = 0.09 + 0.09 * self.view
        toe = (ankle[0] + length * sin(along), ankle[1] + length * cos(along))
        cloth = shade(look.trousers, light)
        self.sketch.line(leg, width + 0.03, shade(cloth if look.cloth > 0.7 else look.skin, 0.65))
        self.sketch.line(leg, width * 0.85, shade(look.skin, light))
        if look.socks is not None:
            self.sketch.line([between(knee, ankle, 0.3), ankle], width * 0.88, look.socks)
        self.sketch.line(part_of((hip, knee, ankle), look.cloth), width, cloth)
        self.sketch.line([ankle, toe], 2 * SOLE + 0.03, shade(look.shoes, light))


def between(first: Point, second: Point, share: float) -> Point:
    """A point on the way from the first (share 0) to the second (share 1), or beyond."""
    return first[0] + (second[0] - first[0]) * share, first[1] + (second[1] - first[1]) * share


def part_of(limb: Limb, share: float) -> list[Point]:
    """The upper share of a limb."""
    start, joint, end = limb
    if share <= 0.5:
        return [start, between(start, joint, 2 * share)]
    return [start, joint, between(joint, end, 2 * share - 1)]


def reach(start: Point, target: Point, bones: Bend, side: float) -> Limb:
    """A limb that ends at the target, or as near to it as its bones allow."""
    upper, lower = bones
    away = hypot(target[0] - start[0], target[1] - start[1])
    length = min(max(away, abs(upper - lower) + 0.01), upper + lower - 0.001)
    straight = degrees(atan2(target[0] - start[0], target[1] - start[1]))
    bend = degrees(acos((upper**2 + length**2 - lower**2) / (2 * upper * length)))
    joint = _bone(start, straight + side * bend, upper)
    return start, joint, _bone(start, straight, length)


def shine(colour: Colour) -> Colour:
    """The colour where light falls on it."""
    return mix(colour, WHITE, 0.6)


def _bone(start: Point, angle_deg: float, length: float) -> Point:
    angle = radians(angle_deg)
    return start[0] + length * sin(angle), start[1] + length * cos(angle)


def _limb(start: Point, bend: Bend, bones: Sequence[float], turn: float) -> Limb:
    joint = _bone(start, bend[0] + turn, bones[0])
    return start, joint, _bone(joint, bend[1] + turn, bones[1])


def _turned(origin: Point, offset: Point, turn_deg: float) -> Point:
    c, s = cos(radians(turn_deg)), sin(radians(turn_deg))
    return origin[0] + offset[0] * c - offset[1] * s, origin[1] + offset[0] * s + offset[1] * c
