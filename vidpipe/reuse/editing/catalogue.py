"""What people do to footage before they post it again, by name, with random amounts.

Belongs here: names, ranges, which edits go together.
Does not: doing it (vidpipe.reuse.editing.steps and its neighbours).

    draw("meme_bar", rng)       one edit with its amounts drawn
    draw_several(3, rng)        three compatible ones at once
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from vidpipe.errors import UnknownName
from vidpipe.reuse.editing.edit import Edit, joined
from vidpipe.reuse.editing.frames import (
    Barred,
    BesidePerson,
    InWindow,
    ScreenRecorded,
    UprightCanvas,
    WithPerson,
)
from vidpipe.reuse.editing.overlays import Caption, CaptionBox, Colour, Logo
from vidpipe.reuse.editing.steps import (
    Cropped,
    Greyed,
    Mirrored,
    PictureStep,
    Reshaped,
    Toned,
)
from vidpipe.reuse.editing.timetable import (
    Beheaded,
    Clipped,
    LeadIn,
    Paced,
    Surrounded,
    TimeStep,
    Trimmed,
)

Rng = np.random.Generator

PHRASES = (
    "WAIT FOR THE END", "nobody expected this", "breaking: watch before it is gone",
    "POV: your neighbour calls", "this happened today", "share before they delete it",
    "they do not want you to see this", "me on a monday morning", "part 2 in my profile",
    "THE TRUTH COMES OUT", "when the teacher leaves the room", "look at the left corner",
    "exclusive footage", "follow for more", "is this even legal", "unbelievable scenes",
    "my brother sent me this", "turn the sound on", "you will not believe what comes next",
    "full story in the comments",
)  # fmt: skip
INKS: tuple[Colour, ...] = ((255, 255, 255), (40, 226, 255), (255, 240, 120), (120, 255, 160))
PAINTS: tuple[Colour, ...] = (
    (255, 255, 255), (12, 12, 14), (60, 30, 200), (180, 90, 20), (40, 214, 244), (60, 140, 40),
)  # fmt: skip
BEHEADED_S = (0.03, 0.22)
ORDINARY_CRF = (22, 29)
COMPILATION_S = 30.0
SPLICE_S = 4.0
OTHERS_IN_A_COMPILATION = 5


@dataclass(frozen=True)
class Kind:
    """One entry of the catalogue.

    Attributes:
        draw: draws the amounts.
        group: of two edits of one group only one is done at once; None where it stands alone.
        is_for_wide: whether it makes sense of wide pictures only.
        looks: what is done, for people.
    """

    draw: Callable[[Rng], Edit]
    looks: str
    group: str | None = None
    is_for_wide: bool = False

    def fits(self, width_px: int, height_px: int) -> bool:
        """Whether it makes sense of pictures of this size."""
        return not self.is_for_wide or width_px > 1.2 * height_px


def draw(name: str, rng: Rng) -> Edit:
    """The edit of a name with amounts drawn; no two moments of source and copy coincide.

    Raises:
        UnknownName: there is no such edit.
    """
    if name == SEVERAL:
        return draw_several(3, rng)
    if name not in CATALOGUE:
        known = ", ".join([*CATALOGUE, SEVERAL])
        raise UnknownName(f"there is no edit {name!r}; there are {known}")
    edit = CATALOGUE[name].draw(rng)
    return replace(_never_in_step(edit, rng), names=(name,), seed=int(rng.integers(2**31)))


def draw_several(count: int, rng: Rng) -> Edit:
    """Some compatible edits at once, of `count` different groups."""
    groups: dict[str, list[str]] = {}
    for name, kind in CATALOGUE.items():
        if kind.group:
            groups.setdefault(kind.group, []).append(name)
    chosen = rng.permutation(sorted(groups))[:count]
    names = [str(rng.choice(groups[str(group)])) for group in sorted(map(str, chosen))]
    return joined([draw(name, rng) for name in names])


def _never_in_step(edit: Edit, rng: Rng) -> Edit:
    cuts = any(isinstance(step, Trimmed | Clipped) for step in edit.time)
    missing = () if cuts else (Beheaded(float(rng.uniform(*BEHEADED_S))),)
    crf = edit.crf or float(rng.uniform(*ORDINARY_CRF))
    return replace(edit, time=(*missing, *edit.time), crf=crf)


def _pictures(*makers: Callable[[Rng], PictureStep]) -> Callable[[Rng], Edit]:
    return lambda rng: Edit((), picture=tuple(make(rng) for make in makers))


def _times(*makers: Callable[[Rng], TimeStep]) -> Callable[[Rng], Edit]:
    return lambda rng: Edit((), time=tuple(make(rng) for make in makers))


def _logo(rng: Rng) -> PictureStep:
    return Logo(
        letters="".join(rng.choice(list("ABCDEFGHKLMNPRSTVXYZ"), 2)),
        right=int(rng.integers(2)),
        bottom=int(rng.integers(2)),
        side=float(rng.uniform(0.12, 0.2)),
        colour=_of(PAINTS[2:], rng),
        opacity=float(rng.uniform(0.75, 1)),
    )


def _caption(rng: Rng) -> PictureStep:
    return Caption(
        text=_phrase(rng),
        middle=float(rng.uniform(0.7, 0.88)),
        font=float(rng.uniform(0.07, 0.11)),
        ink=_of(INKS, rng),
    )


def _caption_box(rng: Rng) -> PictureStep:
    colour = _of(PAINTS, rng)
    return CaptionBox(
        text=_phrase(rng),
        bottom=int(rng.integers(2)),
        share=float(rng.uniform(0.16, 0.25)),
        across=float(rng.choice([1.0, rng.uniform(0.8, 1)])),
        colour=colour,
        ink=(12, 12, 14) if sum(colour) > 380 else (255, 255, 255),
    )


def _letterbox(rng: Rng) -> PictureStep:
    share = float(rng.uniform(0.1, 0.35))
    return Barred(top=share, bottom=share)


def _pillarbox(rng: Rng) -> PictureStep:
    share = float(rng.uniform(0.1, 0.35))
    return Barred(left=share, right=share)


def _white_pad(rng: Rng) -> PictureStep:
    left, top, right, bottom = (float(share) for share in rng.uniform(0.05, 0.2, 4))
    return Barred(left, top, right, bottom, colour=(255, 255, 255))


def _meme_bar(rng: Rng) -> PictureStep:
    has_second = rng.random() < 0.4
    return Barred(
        top=float(rng.uniform(0.2, 0.45)),
        bottom=float(rng.uniform(0.1, 0.25)) if has_second else 0.0,
        colour=(255, 255, 255),
        above=_phrase(rng),
        below=_phrase(rng) if has_second else "",
    )


def _off_centre(kept: float) -> Callable[[Rng], PictureStep]:
    """A crop whose middle lies well beside the frame's, in a corner or anywhere else."""

    def make(rng: Rng) -> PictureStep:
        if rng.random() < 0.5:
            left, top = (float(rng.integers(2)) for _ in range(2))
        else:
            near, far = (
                rng.uniform(0, 1),
                float(rng.choice([rng.uniform(0, 0.2), rng.uniform(0.8, 1)])),
            )
            left, top = (far, float(near)) if rng.random() < 0.5 else (float(near), far)
        return Cropped(kept, kept, left, top)

    return make


def _centred(kept: float) -> Callable[[Rng], PictureStep]:
    return lambda _: Cropped(kept, kept)


def _reshaped(aspect: float) -> Callable[[Rng], PictureStep]:
    return lambda rng: Reshaped(aspect, float(rng.uniform(0, 1)))


def _in_window(rng: Rng) -> PictureStep:
    left, top = rng.uniform(0, 1, 2)
    return InWindow(float(rng.uniform(0.4, 0.6)), float(left), float(top))


def _upright_canvas(rng: Rng) -> PictureStep:
    return UprightCanvas(float(rng.uniform(0.35, 0.65)), bool(rng.random() < 0.5))


def _with_person(rng: Rng) -> PictureStep:
    return WithPerson(float(rng.uniform(0.35, 0.5)), int(rng.integers(2)), int(rng.integers(2)))


def _beside_person(rng: Rng) -> PictureStep:
    return BesidePerson(float(rng.uniform(0.4, 0.6)), bool(rng.random() < 0.5))


def _screen(rng: Rng) -> Edit:
    corners = rng.uniform(-0.012, 0.012, (4, 2))
    step = ScreenRecorded(
        share=float(rng.uniform(0.8, 0.92)),
        corners=tuple((float(x), float(y)) for x, y in corners),
        blur_px=float(rng.uniform(0.6, 1.1)),
        gamma=float(rng.uniform(0.75, 1.3)),
        title=_phrase(rng),
    )
    return Edit((), picture=(step,), fps=30.0, jitter=0.4)


def _trim(kept: float) -> Callable[[Rng], TimeStep]:
    return lambda rng: Trimmed(float(rng.uniform(0, 1 - kept)), kept)


def _paced(speed: float) -> Callable[[Rng], TimeStep]:
    return lambda _: Paced(speed)


def _lead_in(rng: Rng) -> TimeStep:
    return LeadIn(float(rng.uniform(1, 3)))


def _intro(rng: Rng) -> TimeStep:
    return Surrounded(((1, float(rng.uniform(0, 1)), float(rng.uniform(2, 5))),))


def _compilation(rng: Rng) -> Edit:
    """Four seconds among pieces of other footage."""
    room_s = COMPILATION_S - SPLICE_S
    cuts = np.sort(rng.dirichlet(np.full(OTHERS_IN_A_COMPILATION, 6.0))) * room_s
    pieces = [
        (number + 1, float(rng.uniform(0, 1)), float(length))
        for number, length in enumerate(rng.permutation(cuts))
    ]
    place = int(rng.integers(OTHERS_IN_A_COMPILATION + 1))
    return Edit(
        (),
        time=(
            Clipped(float(rng.uniform(0, 1)), SPLICE_S),
            Surrounded(tuple(pieces[:place]), tuple(pieces[place:])),
        ),
    )


def _phrase(rng: Rng) -> str:
    return str(rng.choice(PHRASES))


def _of(colours: tuple[Colour, ...], rng: Rng) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def _toned(gain: tuple[float, float], lift: tuple[float, float]) -> Callable[[Rng], PictureStep]:
    return lambda rng: Toned(float(rng.uniform(*gain)), float(rng.uniform(*lift)))


CATALOGUE: dict[str, Kind] = {
    "re_encoded": Kind(lambda _: Edit((), crf=35.0), "crf 35", "quality"),
    "small": Kind(lambda _: Edit((), shorter_side_px=240), "240p", "quality"),
    "grey": Kind(_pictures(lambda _: Greyed()), "no colours", "tone"),
    "bright": Kind(_pictures(_toned((1.0, 1.2), (0.1, 0.18))), "much lighter", "tone"),
    "dark": Kind(_pictures(_toned((0.4, 0.65), (0, 0))), "much darker", "tone"),
    "logo": Kind(_pictures(_logo), "a logo in a corner", "overlay"),
    "caption": Kind(_pictures(_caption), "outlined text", "overlay"),
    "caption_box": Kind(_pictures(_caption_box), "an opaque box with text"),
    "letterbox": Kind(_pictures(_letterbox), "bars above and below", "frame"),
    "pillarbox": Kind(_pictures(_pillarbox), "bars beside", "frame"),
    "white_pad": Kind(_pictures(_white_pad), "white on all sides", "frame"),
    "mirror": Kind(_pictures(lambda _: Mirrored()), "left and right exchanged", "shape"),
    "trim_20": Kind(_times(_trim(0.8)), "a fifth cut off", "time"),
    "trim_50": Kind(_times(_trim(0.5)), "half cut off", "time"),
    "trim_80": Kind(_times(_trim(0.2)), "a fifth kept"),
    "slower": Kind(_times(_paced(0.8)), "0.8 times the pace", "time"),
    "faster": Kind(_times(_paced(1.25)), "1.25 times the pace", "time"),
    "much_faster": Kind(_times(_paced(1.5)), "1.5 times the pace", "time"),
    "fifteen_fps": Kind(lambda _: Edit((), fps=15.0), "15 pictures a second", "time"),
    "black_lead_in": Kind(_times(_lead_in), "1 to 3 s of black before", "time"),
    "foreign_intro": Kind(_times(_intro), "2 to 5 s of other footage before", "time"),
    "screen_recording": Kind(_screen, "a player on a screen, filmed"),
    "centre_crop_5": Kind(_pictures(_centred(0.95)), "the middle 95 %", "shape"),
    "centre_crop_10": Kind(_pictures(_centred(0.9)), "the middle 90 %", "shape"),
    "centre_crop_20": Kind(_pictures(_centred(0.8)), "the middle 80 %", "shape"),
    "centre_crop_30": Kind(_pictures(_centred(0.7)), "the middle 70 %"),
    "corner_crop_10": Kind(_pictures(_off_centre(0.9)), "90 %, off centre", "shape"),
    "corner_crop_20": Kind(_pictures(_off_centre(0.8)), "80 %, off centre"),
    "corner_crop_30": Kind(_pictures(_off_centre(0.7)), "70 %, off centre"),
    "square": Kind(_pictures(_reshaped(1.0)), "a square out of a wide picture", None, True),
    "upright": Kind(_pictures(_reshaped(9 / 16)), "9:16 out of a wide picture", None, True),
    "meme_bar": Kind(_pictures(_meme_bar), "white bars with text", "frame"),
    "picture_in_picture": Kind(_pictures(_in_window), "a window over other footage"),
    "upright_canvas": Kind(
        _pictures(_upright_canvas), "across a 9:16 canvas over other pictures", None, True
    ),
    "reaction_window": Kind(_pictures(_with_person), "other footage covers a corner"),
    "reaction_layout": Kind(_pictures(_beside_person), "other footage beside it"),
    "spliced": Kind(_compilation, "4 s in 30 s of other footage"),
}
"""Every edit by name."""

SEVERAL = "three_at_once"
"""The name of three random compatible edits at once."""
EDIT_NAMES = (*CATALOGUE, SEVERAL)
