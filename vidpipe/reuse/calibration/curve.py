"""The tail of chance as a picture: how many unrelated pairs are how sure, and what is needed.

Belongs here: drawing it. Does not: fitting it (vidpipe.reuse.calibration.tail).

Pillow only, as contact sheets: what draws it loads no decoder.
"""

import io
from math import exp, log10

from vidpipe.reuse.calibration.figures import Calibration

WIDTH_PX, HEIGHT_PX = 760, 420
LEFT_PX, TOP_PX, RIGHT_PX, BOTTOM_PX = 78, 44, 20, 52
FONT_PX = 14
PAPER, INK, GRID = (24, 26, 30), (225, 225, 225), (62, 66, 74)
FITTED, OBSERVED, NEEDED = (110, 190, 255), (255, 200, 90), (240, 120, 110)
BEYOND_NEEDED_NATS = 4.0
QUALITY = 90


def curve(found: Calibration) -> bytes:
    """A JPEG: the surety in nats across, and up the pairs of the corpus that are as sure.

    The line is what is expected, each step what the pairs of this calibration say, and the upright
    line the surety that a match needs.
    """
    from PIL import Image, ImageDraw, ImageFont

    tail = found.tail
    last = max([found.needed_nats + BEYOND_NEEDED_NATS, *found.sureties])
    at_start = found.corpus_pairs * tail.share
    measured = tail.pairs + (found.check.pairs if found.check.holds else 0)
    steps = [
        (nats, found.corpus_pairs * (len(found.sureties) - place) / max(1, measured))
        for place, nats in enumerate(found.sureties)
    ]
    highest = log10(max([at_start, 1.0, *(count for _, count in steps)])) + 0.5
    lowest = log10(max(1e-12, at_start * exp((tail.start_nats - last) / tail.scale_nats)))
    lowest = min(lowest, -3.0)

    def place(nats: float, count: float) -> tuple[float, float]:
        across = (nats - tail.start_nats) / max(1e-9, last - tail.start_nats)
        up = (log10(max(count, 1e-300)) - lowest) / (highest - lowest)
        return (
            LEFT_PX + across * (WIDTH_PX - LEFT_PX - RIGHT_PX),
            HEIGHT_PX - BOTTOM_PX - min(max(up, 0.0), 1.0) * (HEIGHT_PX - TOP_PX - BOTTOM_PX),
        )

    sheet = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT_PX)
    step = max(1, round((highest - lowest) / 8))
    for power in range(int(lowest) - 1, int(highest) + 1, step):
        if lowest <= power <= highest:
            x, y = place(tail.start_nats, 10.0**power)
            pen.line([(x, y), (WIDTH_PX - RIGHT_PX, y)], fill=GRID)
            pen.text((8, y - FONT_PX / 2), f"{10.0**power:.0e}", fill=INK, font=font)
    for nats in range(int(tail.start_nats), int(last) + 1, max(1, int((last - 3) / 10))):
        x, y = place(float(nats), 10.0**lowest)
        pen.line([(x, TOP_PX), (x, y)], fill=GRID)
        pen.text((x - 4, y + 6), str(nats), fill=INK, font=font)
    end = at_start * exp((tail.start_nats - last) / tail.scale_nats)
    pen.line([place(tail.start_nats, at_start), place(last, end)], fill=FITTED, width=2)
    for surety, count in steps:
        x, y = place(surety, count)
        pen.ellipse([(x - 3, y - 3), (x + 3, y + 3)], fill=OBSERVED)
    x, y = place(found.needed_nats, 10.0**lowest)
    pen.line([(x, TOP_PX), (x, y)], fill=NEEDED, width=2)
    title = f"unrelated pairs of {found.corpus} contents that are as sure"
    pen.text((LEFT_PX, 6), title, fill=INK, font=font)
    pen.text((LEFT_PX, 24), "expected", fill=FITTED, font=font)
    pen.text((LEFT_PX + 90, 24), "observed, scaled up", fill=OBSERVED, font=font)
    pen.text((LEFT_PX + 260, 24), "needed for a copy", fill=NEEDED, font=font)
    pen.text((LEFT_PX, HEIGHT_PX - 24), "surety (nats)", fill=INK, font=font)
    written = io.BytesIO()
    sheet.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
