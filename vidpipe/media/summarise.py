"""One decode pass over a video: its keyframes and its footage print.

Belongs here: joining reader, chooser and footage print; turning chosen frames into JPEGs.
Does not: how each of them works, nor where results are stored (vidpipe.pipeline.workers.keyframes).
"""

import time
from dataclasses import dataclass
from hashlib import sha256

import cv2

from vidpipe.media.container import FilePath
from vidpipe.media.decode import VideoReader, jpeg, reduced_luma
from vidpipe.media.footage_print import FootagePrint, FootagePrintBuilder
from vidpipe.media.keyframes import chooser
from vidpipe.media.keyframes.chosen import Chosen
from vidpipe.media.keyframes.segments import Segments
from vidpipe.media.limits import Limits
from vidpipe.settings import KeyframeMethod


@dataclass(frozen=True)
class SummaryOptions:
    """What a summary consists of; these options are part of the keyframe stage's version."""

    keyframes_per_video: int = 5
    method: KeyframeMethod = "clear_and_diverse"
    candidates_per_second: float = 8.0
    hash_samples_per_second: float = 4.0


@dataclass(frozen=True)
class Keyframe:
    """A keyframe with its scores and its upright JPEG."""

    segment: int
    frame_index: int
    timestamp_s: float
    """When it is shown, in seconds from the first picture of the video."""
    keyframe_sha256: str
    sharpness: float
    brightness: float
    entropy: float
    colour_variance: float
    colour_distance: float | None
    is_low_information: bool
    jpeg: bytes


@dataclass(frozen=True)
class Summary:
    """What one decode pass found."""

    keyframes: tuple[Keyframe, ...]
    footage_print: FootagePrint
    decoded_frames: int
    decode_seconds: float
    damage: str | None
    """A sentence about what is wrong with the file; None when nothing is."""


def summarise(
    path: FilePath,
    limits: Limits,
    options: SummaryOptions,
    name: str | None = None,
) -> Summary:
    """Finds the keyframes and the footage print of a file, in one pass and bounded memory.

    The same bytes and options always give the same summary, `decode_seconds` apart.

    Args:
        path: file on this machine.
        name: how messages call it; default: the path.

    Raises:
        UploadRejected: not a video, hostile, or over a limit.
        DecodeError: not one frame could be decoded.
        ItemUnavailable: the file cannot be read just now.
    """
    cv2.setNumThreads(1)
    began = time.perf_counter()
    keyframes: list[Keyframe] = []
    with VideoReader(path, limits, name) as reader:
        segments = Segments(options.keyframes_per_video, reader.timeline.duration_s)
        choice = chooser(options.method, segments, options.candidates_per_second)
        footage = FootagePrintBuilder(options.hash_samples_per_second)
        upright_size = (0, 0)
        for timed in reader:
            is_candidate = choice.wants(timed)
            is_sample = footage.wants(timed.time_s)
            if not (is_candidate or is_sample):
                continue
            luma = reduced_luma(timed.frame)
            if timed.frame_index == 0:
                upright_size = (timed.frame.width, timed.frame.height)
            if is_sample:
                footage.add(timed.time_s, luma, reader.orientation)
            if is_candidate:
                keep(choice.offer(timed, luma), reader, keyframes)
        keep(choice.finish(), reader, keyframes)
        width, height = upright_size[:: -1 if reader.orientation.transpose else 1]
        return Summary(
            keyframes=tuple(keyframes),
            footage_print=footage.finish(
                width,
                height,
                reader.last_s,
                [(keyframe.timestamp_s, keyframe.jpeg) for keyframe in keyframes],
            ),
            decoded_frames=reader.frames,
            decode_seconds=time.perf_counter() - began,
            damage=reader.damage.reason(reader.frames, reader.last_s),
        )


def keep(decided: list[Chosen], reader: VideoReader, keyframes: list[Keyframe]) -> None:
    """Writes the JPEGs of decided frames; one whose bytes are already there is left out."""
    for chosen in decided:
        data = jpeg(chosen.timed.frame, reader.orientation, reader.video.pixel_aspect)
        digest = sha256(data).hexdigest()
        if any(digest == earlier.keyframe_sha256 for earlier in keyframes):
            continue
        keyframes.append(
            Keyframe(
                segment=chosen.segment,
                frame_index=chosen.timed.frame_index,
                timestamp_s=chosen.timed.time_s,
                keyframe_sha256=digest,
                sharpness=chosen.sharpness,
                brightness=chosen.brightness,
                entropy=chosen.entropy,
                colour_variance=chosen.colour_variance,
                colour_distance=chosen.colour_distance if keyframes else None,
                is_low_information=chosen.is_low_information,
                jpeg=data,
            )
        )
