"""A few short videos that vidpipe renders itself, laid out as an uploads folder.

Belongs here: planning the clips (accounts, dates, shots, captions) and writing
them as H.264 MP4 with native sidecars.
Does not: drawing (vidpipe.demo.pictures), reading videos back, judging what was found in them.

What a clip shows is planned first and returned as its truth, so that a demo or a test can say what
should have been found. The same seed gives the same bytes on one machine: one encoder thread, fixed
dates, and file times that belong to the plan.
"""

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vidpipe.demo.pictures import (
    BACKDROPS,
    COLOURS,
    SUBJECTS,
    Picture,
    Shot,
    caption_band,
    shot_painter,
)
from vidpipe.errors import SettingsError

FIRST_INGEST_DATE = date(2025, 3, 3)
INGEST_DATES = 3
LANDSCAPE_PX = (640, 360)
PORTRAIT_PX = (360, 640)
FRAME_RATES_HZ = (24, 25, 30)
# Frames between two keyframes of the encoder: every shot can be sought to.
GROUP_OF_PICTURES = 48

ACCOUNTS = (("street_views", "demotube"), ("sky_daily", "demotube"), ("harbour_news", "demogram"))
REPOSTER = ("borrowed_clips", "demogram")
CAPTIONS = (
    "ROAD CLOSED",
    "BREAKING NEWS",
    "FREE CONCERT TONIGHT",
    "STORM WARNING",
    "OPEN EVERY DAY",
    "THE BRIDGE IS SAFE",
    "VOTE ON SUNDAY",
    "BOIL YOUR WATER",
)


@dataclass(frozen=True)
class Caption:
    """Text burnt into the picture from `start_s` (inclusive) to `end_s` (exclusive)."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class RenderedClip:
    """One upload and the truth about it.

    `black_lead_in_s` is the black stretch before the first shot. `copy_of` is the upload that this
    one repeats byte for byte. `sidecar` is None for an upload without metadata.
    """

    path: Path
    ingest_date: date
    account: str
    platform: str
    posted_at: datetime
    width_px: int
    height_px: int
    fps: int
    duration_s: float
    black_lead_in_s: float
    shots: tuple[Shot, ...]
    captions: tuple[Caption, ...]
    sidecar: Path | None
    copy_of: Path | None


def render_uploads(directory: Path, *, clips: int = 8, seed: int = 0) -> list[RenderedClip]:
    """Renders an uploads folder: `<ingest date>/<account>/<file>.mp4` with `<file>.json` beside it.

    From two clips on, the last is a repost: the bytes of the first, by another account of another
    platform on a later date. From four on, the third has no sidecar.

    Args:
        directory: where the folder shall stand; it may exist when it is empty.
        clips: number of uploads, the repost included.
        seed: another seed gives other pictures, captions and lengths.

    Returns:
        The uploads with their truth, ordered by ingest date and path.

    Raises:
        SettingsError: `clips` is below 1, `directory` is not empty, or it cannot be written.
            Nothing is left behind: the folder is rendered under a temporary name and renamed.
    """
    if clips < 1:
        raise SettingsError(f"cannot render {clips} clips: ask for at least 1")
    if seed < 0:
        raise SettingsError(f"the seed {seed} is negative: give 0 or a positive number")
    directory = directory.absolute()
    planned = plan_uploads(directory, clips=clips, seed=seed)
    try:
        _refuse_to_overwrite(directory)
        directory.parent.mkdir(parents=True, exist_ok=True)
        unfinished = directory.with_name(f".{directory.name[:200]}.{uuid.uuid4().hex[:8]}")
        unfinished.mkdir()
        try:
            for index, clip in enumerate(planned):
                _write_upload(clip, directory, unfinished, seed=seed, index=index)
            unfinished.replace(directory.resolve())
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise SettingsError(
            f"cannot write clips to {directory}: {error.strerror or error}; choose another folder"
        ) from error
    return sorted(planned, key=lambda clip: clip.path)


def plan_uploads(directory: Path, *, clips: int, seed: int) -> list[RenderedClip]:
    """What `render_uploads` will write, without drawing: one entry an upload, the repost last."""
    originals = max(1, clips - 1)
    planned = [_plan_clip(directory, index, originals, seed) for index in range(originals)]
    if clips > 1:
        planned.append(_plan_repost(directory, planned[0]))
    return planned


def _plan_clip(directory: Path, index: int, originals: int, seed: int) -> RenderedClip:
    rng = np.random.default_rng([seed, index])
    account, platform = ACCOUNTS[index % len(ACCOUNTS)]
    day = FIRST_INGEST_DATE + timedelta(days=index * INGEST_DATES // originals)
    width_px, height_px = PORTRAIT_PX if index % 3 == 1 else LANDSCAPE_PX
    black_lead_in_s = 0.5 if index % 3 == 0 else 0.0
    shots = _plan_shots(rng, index, black_lead_in_s)
    captions: tuple[Caption, ...] = ()
    if index % 2 == 0:
        captioned = shots[index // 2 % len(shots)]
        text = CAPTIONS[(index // 2 + seed) % len(CAPTIONS)]
        captions = (Caption(text, captioned.start_s, captioned.end_s),)
    # A space in a name is ordinary in the wild, so the demo has one too.
    stem = f"{shots[0].colour} {shots[0].subject} {index + 1:02d}"
    path = directory / day.isoformat() / account / f"{stem}.mp4"
    has_sidecar = not (index == 2 and originals >= 3)
    return RenderedClip(
        path=path,
        ingest_date=day,
        account=account,
        platform=platform,
        posted_at=datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        + timedelta(hours=index % 12),
        width_px=width_px,
        height_px=height_px,
        fps=FRAME_RATES_HZ[index % len(FRAME_RATES_HZ)],
        duration_s=shots[-1].end_s,
        black_lead_in_s=black_lead_in_s,
        shots=shots,
        captions=captions,
        sidecar=path.with_suffix(".json") if has_sidecar else None,
        copy_of=None,
    )


def _plan_shots(rng: np.random.Generator, index: int, lead_in_s: float) -> tuple[Shot, ...]:
    """Two or three shots of 1.5 to 2.5 s with different backdrops, the second partly blurred.

    Backdrops, subjects and colours go round with the clip's index: neighbours look different.
    """
    names, colours = list(BACKDROPS), list(COLOURS)
    shots: list[Shot] = []
    start_s = lead_in_s
    for number in range(2 + index % 2):
        end_s = start_s + float(rng.integers(6, 11)) / 4
        is_blurred = number == 1 and index % 2 == 0
        shots.append(
            Shot(
                start_s=start_s,
                end_s=end_s,
                subject=SUBJECTS[(index + 2 * number) % len(SUBJECTS)],
                colour=colours[(3 * index + number) % len(colours)],
                backdrop=names[(index + 3 * number) % len(names)],
                blur_start_s=start_s + 0.5 if is_blurred else start_s,
                blur_end_s=start_s + 1.0 if is_blurred else start_s,
            )
        )
        start_s = end_s
    return tuple(shots)


def _plan_repost(directory: Path, original: RenderedClip) -> RenderedClip:
    account, platform = REPOSTER
    day = FIRST_INGEST_DATE + timedelta(days=INGEST_DATES - 1)
    path = directory / day.isoformat() / account / "must see.mp4"
    return RenderedClip(
        path=path,
        ingest_date=day,
        account=account,
        platform=platform,
        posted_at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
        width_px=original.width_px,
        height_px=original.height_px,
        fps=original.fps,
        duration_s=original.duration_s,
        black_lead_in_s=original.black_lead_in_s,
        shots=original.shots,
        captions=original.captions,
        sidecar=path.with_suffix(".json"),
        copy_of=original.path,
    )


def _refuse_to_overwrite(directory: Path) -> None:
    if directory.is_dir():
        if any(directory.iterdir()):
            raise SettingsError(f"{directory} is not empty: choose a new or an empty folder")
    elif directory.exists():
        raise SettingsError(f"{directory} is a file: choose a new or an empty folder")


def _write_upload(
    clip: RenderedClip, directory: Path, unfinished: Path, *, seed: int, index: int
) -> None:
    """Writes one planned upload below `unfinished`, which will be renamed to `directory`."""
    path = unfinished / clip.path.relative_to(directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    if clip.copy_of is None:
        _encode(path, clip, np.random.default_rng([seed, index, 1]))
    else:
        shutil.copyfile(unfinished / clip.copy_of.relative_to(directory), path)
    written = [path]
    if clip.sidecar is not None:
        sidecar = unfinished / clip.sidecar.relative_to(directory)
        sidecar.write_text(json.dumps(_metadata(clip), indent=1) + "\n", encoding="utf-8")
        written.append(sidecar)
    # Without a sidecar the file time is the posting time; and an old file needs no waiting time
    # before it counts as completely uploaded.
    for file in written:
        os.utime(file, (clip.posted_at.timestamp(), clip.posted_at.timestamp()))


def _metadata(clip: RenderedClip) -> dict[str, Any]:
    """The native sidecar of a clip."""
    scenes = [f"a {shot.colour} {shot.subject} before {shot.backdrop}" for shot in clip.shots]
    post = clip.path.stem.replace(" ", "-")
    description = ", then ".join(scenes)
    if clip.copy_of is not None:
        description = f"You will not believe this: {description}"
    return {
        "id": post,
        "platform": clip.platform,
        "account": clip.account,
        "posted_at": clip.posted_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "description": description[0].upper() + description[1:],
        "hashtags": sorted({shot.subject for shot in clip.shots}),
        "url": f"https://example.org/{clip.account}/{post}",
    }


def _encode(path: Path, clip: RenderedClip, rng: np.random.Generator) -> None:
    """Draws and encodes one clip as H.264 in MP4."""
    import av

    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(clip.fps))
        stream.width, stream.height, stream.pix_fmt = clip.width_px, clip.height_px, "yuv420p"
        # The same pictures must give the same bytes. x264's macroblock tree, in assembly and with
        # B-frames, decides differently now and then (x264 in PyAV 18.1: 1 encoding in 8), and the
        # number of threads changes its decisions as well.
        stream.options = {
            "preset": "veryfast",
            "crf": "23",
            "g": str(GROUP_OF_PICTURES),
            "x264-params": "mbtree=0",
        }
        stream.codec_context.thread_count = 1
        for picture in _frames(clip, rng):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _frames(clip: RenderedClip, rng: np.random.Generator) -> Iterator[Picture]:
    """All frames of a clip in order, uint8 RGB, shape (height_px, width_px, 3)."""
    size = (clip.width_px, clip.height_px)
    for _ in range(round(clip.black_lead_in_s * clip.fps)):
        yield np.zeros((clip.height_px, clip.width_px, 3), np.uint8)
    for shot in clip.shots:
        bands = [
            (caption, caption_band(caption.text, size))
            for caption in clip.captions
            if caption.start_s < shot.end_s and caption.end_s > shot.start_s
        ]
        draw = shot_painter(shot, size, rng)
        for number in range(round(shot.start_s * clip.fps), round(shot.end_s * clip.fps)):
            time_s = number / clip.fps
            picture = draw(time_s)
            for caption, band in bands:
                if caption.start_s <= time_s < caption.end_s:
                    top = int(clip.height_px * 0.94) - band.shape[0]
                    picture[top : top + band.shape[0]] = band
            yield picture
