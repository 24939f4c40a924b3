"""How fast this machine draws the demo world, and how large a world it can afford by that.

Belongs here: one short measurement, and what follows from it. Does not: rendering
(vidpipe.demo.world).

    python -m vidpipe.demo.pace      prints the seconds that one frame takes
"""

import os
import subprocess
import sys
import time

FRAMES = 40
FPS = 30

SMALLEST_WORLD, LARGEST_WORLD = 12, 120
# What may be spent on rendering and the pipeline; starting services and searching come on top.
BUDGET_S = 150.0
# Frames of an average video, and how much longer everything else takes than drawing them.
FRAMES_A_VIDEO, PIPELINE_FACTOR = 500, 2.2


def affordable_videos() -> int:
    """As many videos as this machine renders and indexes within `BUDGET_S`, by drawing a few.

    They are drawn in a process of its own: the process of a run must not hold OpenCV.
    """
    measure = [sys.executable, "-m", "vidpipe.demo.pace"]
    frame_s = float(subprocess.run(measure, check=True, capture_output=True, text=True).stdout)
    video_s = frame_s * FRAMES_A_VIDEO * PIPELINE_FACTOR / len(os.sched_getaffinity(0))
    return max(SMALLEST_WORLD, min(LARGEST_WORLD, int(BUDGET_S / video_s)))


def seconds_a_frame() -> float:
    """Measures the seconds to draw one frame of 640x360 on one core; encoding comes on top."""
    from vidpipe.demo.compositions import Composition
    from vidpipe.demo.scene import Scene

    composition = Composition.parse("tank/burning/street/night/rain")
    started = time.perf_counter()
    scene = Scene(composition, (640, 360), 0, duration_s=FRAMES / FPS, fps=FPS)
    for number in range(FRAMES):
        scene.frame(number / FPS)
    return (time.perf_counter() - started) / FRAMES


if __name__ == "__main__":
    print(seconds_a_frame())
