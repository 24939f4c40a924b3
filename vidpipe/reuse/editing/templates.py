"""Templates that many accounts wear: all videos that wear one look alike, whatever they show.

Belongs here: a few fixed templates, laid over any footage in one shape so that they lie exactly
alike. Does not: random edits (vidpipe.reuse.editing.catalogue).
"""

from vidpipe.errors import UnknownName
from vidpipe.reuse.editing.edit import Edit
from vidpipe.reuse.editing.frames import Barred
from vidpipe.reuse.editing.overlays import CaptionBox, Logo, Ticker
from vidpipe.reuse.editing.steps import PictureStep, Reshaped

FPS = 15.0
WIDE = 16 / 9
LOGO = Logo("TV", 1, 0, 0.2, (60, 30, 200), 1.0)
TEMPLATES: dict[str, tuple[PictureStep, ...]] = {
    "caption_box": (
        CaptionBox("breaking: watch before it is gone", 1, 0.25, 1.0, (40, 214, 244), (12, 12, 14)),
    ),
    "meme_bar": (
        Barred(
            top=0.4,
            bottom=0.2,
            colour=(255, 255, 255),
            above="when the teacher leaves the room",
            below="follow for more",
        ),
    ),
    "logo": (LOGO,),
    "white_frame": (Barred(0.12, 0.12, 0.12, 0.12, colour=(255, 255, 255)),),
    "ticker": (
        Ticker(
            "LIVE: storm warning for the coast · elections on sunday · roads closed · ",
            0.14,
            9.0,
            (30, 20, 160),
            (255, 255, 255),
        ),
    ),
}
"""What each template lays over wide footage, by name."""


def worn(template: str) -> Edit:
    """The edit that makes footage wear a template.

    Raises:
        UnknownName: there is no such template.
    """
    if template not in TEMPLATES:
        raise UnknownName(f"there is no template {template!r}; there are {', '.join(TEMPLATES)}")
    return Edit((template,), picture=(Reshaped(WIDE, 0.5), *TEMPLATES[template]), fps=FPS)
