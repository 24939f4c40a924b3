"""How fast this machine draws the demo world, for choosing how much of it to draw.

Belongs here: one short measurement. Does not: choosing (vidpipe.cli.demo).

    python -m vidpipe.demo.pace      prints the seconds that one frame takes
"""

import time

from vidpipe.demo.compositions import Composition
from vidpipe.demo.scene import Scene

FRAMES = 40
FPS = 30


def seconds_a_frame() -> float:
    """Measures the seconds to draw one frame of 640x360 on one core; encoding comes on top."""
    composition = Composition.parse("tank/burning/street/night/rain")
    started = time.perf_counter()
    scene = Scene(composition, (640, 360), 0, duration_s=FRAMES / FPS, fps=FPS)
    for number in range(FRAMES):
        scene.frame(number / FPS)
    return (time.perf_counter() - started) / FRAMES


if __name__ == "__main__":
    print(seconds_a_frame())
