"""One shot of the demo world: a composition before a moving camera, or a single still of it.

Belongs here: putting backdrop, subject, foreground and air together, as the camera shows them.
Does not: drawing them (vidpipe.demo.places, vidpipe.demo.subjects), where the camera goes
(vidpipe.demo.camera), cutting shots into videos (vidpipe.demo.video).

    still = render_still(Composition.parse("tank/burning/street/night/rain"), (360, 360), seed=7)
"""

from functools import cached_property
from typing import Any

import numpy as np

from vidpipe.demo import places, subjects
from vidpipe.demo.camera import draw_camera
from vidpipe.demo.compositions import Composition
from vidpipe.demo.layers import Layer
from vidpipe.demo.lens import Lens, draw_lens
from vidpipe.demo.sketch import BLACK, PAINTS, Picture, Sketch, pick
from vidpipe.demo.weather import Air, draw_air

CAMERA_ROOM = 1.2  # the canvas is larger than the frame by this factor: the camera moves in it
PHASES = 8  # drawings of the subject in motion that frames take in turn
PHASE_PERIOD_S = 1.0
# The subject's box with room for flames and raised arms, in the units of vidpipe.demo.subjects.
SPRITE_LEFT, SPRITE_TOP, SPRITE_RIGHT, SPRITE_BOTTOM = -1.35, -1.75, 1.35, 1.1


class Scene:
    """A shot whose frames can be asked for in any order; equal arguments give equal frames."""

    def __init__(
        self,
        composition: Composition,
        size: tuple[int, int],
        seed: int | tuple[int, ...],
        *,
        duration_s: float = 1.0,
        fps: float = 1.0,
    ) -> None:
        """Draws the backdrop; the subject is drawn when a frame needs it.

        Args:
            composition: what is shown.
            size: (width_px, height_px) of the frames.
            seed: decides everything that the composition leaves open.
            duration_s: time in which the camera makes its way.
            fps: frames a second; noise and motion change from one to the next.
        """
        seeds = np.random.SeedSequence(seed).spawn(5)
        rng = np.random.default_rng(seeds[0])
        self.composition, self.size = composition, size
        self._duration_s, self._fps = duration_s, fps
        self._camera = draw_camera(rng)
        self._subject_seed = seeds[1]
        frames = max(1, round(duration_s * fps))
        backdrop = _draw_backdrop(composition, size, np.random.default_rng(seeds[2]))
        self._lens: Lens = draw_lens(
            size, np.random.default_rng(seeds[4]), light=float(backdrop.mean()), frames=frames
        )
        self._backdrop = self._lens.develop(backdrop)
        self._air: Air = draw_air(composition, size, np.random.default_rng(seeds[3]))
        self._falling = self._layer(self._air.falling) if self._air.falling is not None else None
        self._sprites: dict[int, Layer] = {}

    def frame(self, time_s: float) -> Picture:
        """The picture at a time after the shot's start: uint8 RGB, (height_px, width_px, 3)."""
        import cv2

        progress = min(1.0, max(0.0, time_s / self._duration_s))
        canvas = self._backdrop.copy()
        self._put_subject(canvas, time_s, progress)
        view: Any = cv2.warpAffine(
            canvas,
            self._view(canvas, progress),
            self.size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        self._let_fall(view, time_s)
        return self._lens.record(view, round(time_s * self._fps))

    @cached_property
    def _unit_px(self) -> float:
        return float(min(self.size))

    def _view(self, canvas: Picture, progress: float) -> Any:
        """The matrix from frame to canvas pixels."""
        zoom = _between(self._camera.zoom, progress)
        start, end = (np.array(offset) for offset in self._camera.pan)
        spare = np.array(canvas.shape[1::-1]) - np.array(self.size) / zoom
        left, top = spare / 2 + (start + (end - start) * progress) * self._unit_px
        return np.array([[1 / zoom, 0, left], [0, 1 / zoom, top]])

    def _put_subject(self, canvas: Picture, time_s: float, progress: float) -> None:
        number = int(time_s / PHASE_PERIOD_S * PHASES) % PHASES
        if number not in self._sprites:
            self._sprites[number] = self._layer(self._draw_sprite(number / PHASES))
        sprite = self._sprites[number]
        camera, scale_px = self._camera, self._camera.subject_scale * self._unit_px
        middle_x = canvas.shape[1] / 2 + _between(camera.subject_x, progress) * self._unit_px
        ground_y = canvas.shape[0] / 2 + camera.stand_y * self._unit_px
        left = round(middle_x - sprite.colours.shape[1] / 2)
        top = round(ground_y - (1 - SPRITE_TOP) * scale_px)
        sprite.over(canvas, left, top)

    def _draw_sprite(self, phase: float) -> Picture:
        scale_px = self._camera.subject_scale * self._unit_px
        sketch = Sketch.blank(
            round((SPRITE_RIGHT - SPRITE_LEFT) * scale_px),
            round((SPRITE_BOTTOM - SPRITE_TOP) * scale_px),
            scale_px,
            (-SPRITE_LEFT * scale_px, -SPRITE_TOP * scale_px),
        )
        rng = np.random.default_rng(self._subject_seed)
        draw = subjects.DRAWINGS[self.composition.subject]
        draw(sketch, self.composition.state, rng, phase)
        sprite = sketch.pixels[:, ::-1] if self._camera.is_mirrored else sketch.pixels
        colours = sprite[..., :3] * self._air.light
        if self._air.veil_share:
            veil = self._air.veil * (sprite[..., 3:].astype(np.float32) / 255)
            colours += (veil - colours) * self._air.veil_share
        lit = sprite.copy()
        lit[..., :3] = np.clip(colours, 0, 255)
        return lit

    def _let_fall(self, view: Picture, time_s: float) -> None:
        if self._falling is None:
            return
        height_px = self.size[1]
        shift_px = round(time_s / self._air.period_s * height_px) % height_px
        for top in (shift_px, shift_px - height_px):
            self._falling.over(view, 0, top)

    def _layer(self, pixels: Picture) -> Layer:
        return Layer.of(self._lens.develop(pixels))


def render_still(
    composition: Composition, size: tuple[int, int], seed: int | tuple[int, ...]
) -> Picture:
    """Renders one picture of a composition: uint8 RGB, shape (height_px, width_px, 3).

    Args:
        composition: what is shown.
        size: (width_px, height_px).
        seed: another seed gives another picture, as different as two photographs.
    """
    scene = Scene(composition, size, seed)
    parts = (seed,) if isinstance(seed, int) else seed
    return scene.frame(float(np.random.default_rng((*parts, 1)).random()))


def _draw_backdrop(
    composition: Composition, size: tuple[int, int], rng: np.random.Generator
) -> Picture:
    """Draws the backdrop: uint8 RGB, larger than the frame by `CAMERA_ROOM`."""
    width_px, height_px = (round(side * CAMERA_ROOM) for side in size)
    sketch = Sketch.blank(width_px, height_px, height_px, (0, 0))
    places.DRAWINGS[composition.place](sketch, composition.time, composition.weather, rng)
    _draw_clutter(sketch, rng)
    return np.ascontiguousarray(sketch.pixels[..., :3])


def _draw_clutter(sketch: Sketch, rng: np.random.Generator) -> None:
    """Draws things that stand in the way at the edges: posts, a shoulder, something cut off."""
    for _ in range(int(rng.integers(0, 4))):
        colour = pick((*PAINTS, BLACK), rng)
        side = rng.choice([0.0, 1.0])
        x = sketch.width * (side + (1 - 2 * side) * rng.uniform(0, 0.16))
        reach, top = rng.uniform(0.02, 0.09), rng.uniform(0.3, 1.0)
        if rng.random() < 0.5:
            sketch.rectangle(x - reach / 2, top, x + reach / 2, 1.1, colour)
        else:
            sketch.ellipse((x, rng.uniform(0.85, 1.1)), (reach * 1.6, reach * 1.6), colour)


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share
