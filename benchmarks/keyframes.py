"""Keyframe stage: speed against bare decoding and PySceneDetect, and the quality that is kept.

Belongs here: the three keyframe figures of the README, all as ratios measured in one run.
Does not: judging whether a bar is met (the reader does).

    python -m benchmarks.keyframes [--rounds 3] [--clips 3] [--shared ../shared/videos]

Speed is measured in two worker processes that are already started, each with a file of its own. In
each of them PySceneDetect, the bare decode and the stage take turns on the file, so that other work
on the machine slows all of them alike. A ratio is that of the sums over all files; the same by
processor time stands beside it, which other work disturbs less.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any
from urllib.parse import quote

import av
import cv2
import numpy as np

from vidpipe.media.decode import VideoReader, reduced_luma
from vidpipe.media.frame_scores import light, sharpness
from vidpipe.media.keyframes.chosen import Chosen
from vidpipe.media.keyframes.clear_and_diverse import ClearAndDiverse
from vidpipe.media.keyframes.segments import Segments
from vidpipe.media.limits import Limits
from vidpipe.media.summarise import SummaryOptions
from vidpipe.pipeline.workers.content_decoding import ContentDecoder
from vidpipe.pipeline.workers.keyframes import KeyframeWorker

PROCESSES = 2
CLIP_SECONDS = 60
CLIP_REPEATS = 3
CLIP_RATE_HZ = 30
CLIP_SIZE_PX = (1280, 720)
CLIP_BITS_PER_S = 2_000_000
SHARED = Path(__file__).parent.parent.parent / "shared" / "videos"
SHARED_LEFT_OUT = ("awkward", "broken")


def run(rounds: int = 3, clips: int = 3, shared: Path = SHARED) -> dict[str, Any]:
    """Measures everything.

    Args:
        rounds: turns of each contender on a file; their median counts.
        clips: 60 s clips of 1280x720 H.264 to render.
        shared: folder of real clips; left out where it is missing.

    Returns:
        Ratios by name of the set of files, `rendered` and `shared`.
    """
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        rendered = Path(folder)
        with get_context("spawn").Pool(PROCESSES, _write_below, (folder,)) as pool:
            pool.starmap(
                render_clip, [(rendered / f"clip_{seed}.mp4", seed) for seed in range(clips)], 1
            )
            figures["rendered"] = measure(pool, rendered, sorted(rendered.glob("*.mp4")), rounds)
            if shared.is_dir():
                figures["shared"] = measure(pool, shared, shared_clips(shared), rounds)
    return figures


def _write_below(folder: str) -> None:
    """Makes a worker process put its temporary files where they are removed with the run's own."""
    tempfile.tempdir = folder


def shared_clips(folder: Path) -> list[Path]:
    """The good videos of the shared folder."""
    return sorted(
        path
        for path in folder.glob("*/*/*")
        if path.suffix != ".json" and path.parent.name not in SHARED_LEFT_OUT
    )


def measure(pool: Pool, uploads: Path, files: Sequence[Path], rounds: int) -> dict[str, Any]:
    """Figures of one set of files that lie under `uploads`."""
    jobs = [
        (uploads, path, rounds) for path in sorted(files, key=lambda file: -file.stat().st_size)
    ]
    pool.map(timed_turns, [(*job[:2], 1) for job in jobs[-PROCESSES:] * 2], 1)  # imports
    timed = pool.map(timed_turns, jobs, 1)
    kept = pool.map(quality_kept, [path for _, path, _ in jobs], 1)
    frames = sum(video["frames"] for video in timed)
    clock, processor = (
        {name: sum(video[kind][name] for video in timed) for name in CONTENDERS}
        for kind in ("clock", "processor")
    )
    return {
        "files": len(files),
        "frames": frames,
        "bare_frames_per_s_and_process": round(frames / clock["bare"]),
        "stage_frames_per_s_and_process": round(frames / clock["stage"]),
        "stage_over_bare_decode": round(clock["bare"] / clock["stage"], 3),
        "stage_over_scenedetect": round(clock["scenedetect"] / clock["stage"], 2),
        "stage_over_bare_decode_by_processor_time": round(
            processor["bare"] / processor["stage"], 3
        ),
        "stage_over_scenedetect_by_processor_time": round(
            processor["scenedetect"] / processor["stage"], 2
        ),
        **{
            name: round(statistics.fmean(video[name] for video in kept), 3)
            for name in ("sharpness_kept", "colour_distance_kept", "best_sharpness_kept")
        },
    }


def timed_turns(job: tuple[Path, Path, int]) -> dict[str, Any]:
    """One file: the contenders take turns; for each the median of its rounds in seconds."""
    uploads, path, rounds = job
    clock: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    processor: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    frames = 0
    for _ in range(rounds):
        for name, contender in CONTENDERS.items():
            began, spent = time.perf_counter(), time.process_time()
            frames = contender(uploads, path)
            processor[name].append(time.process_time() - spent)
            clock[name].append(time.perf_counter() - began)
    return {
        "frames": frames,
        "clock": {name: statistics.median(seconds) for name, seconds in clock.items()},
        "processor": {name: statistics.median(seconds) for name, seconds in processor.items()},
    }


def bare_decode(_: Path, path: Path) -> int:
    """Decodes every frame with PyAV on one thread and looks at none."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        return sum(1 for _ in container.decode(stream))


_open_stage: dict[Path, Any] = {}


def keyframe_stage(uploads: Path, path: Path) -> int:
    """The stage as a worker process runs it: fetch, decode, choose, hash, write JPEGs."""
    if uploads not in _open_stage:
        media = tempfile.mkdtemp()
        _open_stage[uploads] = KeyframeWorker(ContentDecoder(str(uploads)), media).open()
    upload_id = quote(str(path.relative_to(uploads)))
    item = {"content_sha256": path.stem.ljust(64, "0"), "upload_id": upload_id, "fingerprint": None}
    row = _open_stage[uploads]([item])
    if row[0]["status"] != "ok":
        raise RuntimeError(row[0]["error_message"])
    return int(row[0]["decoded_frames"])


def scene_detect(_: Path, path: Path) -> int:
    """PySceneDetect's ContentDetector as its documentation uses it."""
    from scenedetect import ContentDetector, SceneManager, open_video

    cv2.setNumThreads(1)
    manager = SceneManager()
    manager.add_detector(ContentDetector())
    return int(manager.detect_scenes(open_video(str(path))))


CONTENDERS: dict[str, Callable[[Path, Path], int]] = {
    "scenedetect": scene_detect,
    "bare": bare_decode,
    "stage": keyframe_stage,
}


def quality_kept(path: Path) -> dict[str, float]:
    """What judging 8 frames a second keeps of judging every frame by the same rule.

    In each segment the frame that was chosen is compared with the one that the rule would have
    chosen from all frames, after the same earlier choices. `sharpness_kept` and
    `colour_distance_kept` are ratios of the sums over the segments (the first has no distance),
    `best_sharpness_kept` is that of the sharpest candidate to the sharpest frame.
    """
    best: dict[str, dict[int, float]] = {"sampled": {}, "every": {}}
    options = SummaryOptions()
    with VideoReader(path, Limits()) as reader:
        segments = Segments(options.keyframes_per_video, reader.timeline.duration_s)
        sampled = ClearAndDiverse(segments, options.candidates_per_second)
        every = ClearAndDiverse(segments, float("inf"))
        chosen: list[Chosen] = []
        ideal: list[Chosen] = []
        for timed in reader:
            luma = reduced_luma(timed.frame)
            segment, is_candidate = segments.of(timed.time_s), sampled.wants(timed)
            if not light(luma).is_low_information:
                for name in ("sampled", "every") if is_candidate else ("every",):
                    best[name][segment] = max(best[name].get(segment, 0), sharpness(luma))
            if is_candidate:
                chosen += sampled.offer(timed, luma)
            if segment != every._segment:
                ideal += every.finish()
                every._chosen = list(sampled._chosen)  # both go on from the same choices
            ideal += every.offer(timed, luma)
        chosen += sampled.finish()
        ideal += every.finish()
    return {
        "sharpness_kept": _total(chosen, "sharpness") / _total(ideal, "sharpness"),
        "colour_distance_kept": _total(chosen, "colour_distance")
        / _total(ideal, "colour_distance"),
        "best_sharpness_kept": sum(best["sampled"].values()) / sum(best["every"].values()),
    }


def _total(frames: list[Chosen], score: str) -> float:
    return sum(getattr(frame, score) or 0.0 for frame in frames)


def render_clip(path: Path, seed: int) -> None:
    """A 60 s clip of 1280x720 H.264 at about 2 Mbit/s.

    Shots of 2 to 7 s over textured backgrounds: a camera that pans, an object that moves, sensor
    noise, and moments of motion blur, so that decoding costs what it does for real footage. Twenty
    seconds are encoded and repeated three times: encoding is the slow part of this benchmark.
    """
    rng = np.random.default_rng(seed)
    cv2.setNumThreads(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=CLIP_RATE_HZ)
        stream.width, stream.height = CLIP_SIZE_PX
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = CLIP_BITS_PER_S
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "veryfast"}
        count = CLIP_SECONDS * CLIP_RATE_HZ // CLIP_REPEATS
        frames = (
            av.VideoFrame.from_ndarray(picture, format="bgr24") for picture in _pictures(rng, count)
        )
        packets = [packet for frame in chain(frames, [None]) for packet in stream.encode(frame)]
        ticks = round(count / CLIP_RATE_HZ / float(packets[0].time_base))
        for repeat in range(CLIP_REPEATS):
            for packet in packets:
                assert packet.pts is not None
                assert packet.dts is not None
                copy = av.Packet(bytes(packet))
                copy.stream, copy.time_base = stream, packet.time_base
                copy.pts, copy.dts = packet.pts + repeat * ticks, packet.dts + repeat * ticks
                copy.is_keyframe = packet.is_keyframe
                container.mux(copy)


def _pictures(rng: np.random.Generator, count: int) -> Iterator[Any]:
    width, height = CLIP_SIZE_PX
    noises = [rng.integers(0, 5, (height, width, 1), np.uint8).repeat(3, 2) for _ in range(8)]
    while count > 0:
        frames = min(count, int(rng.integers(2, 7) * CLIP_RATE_HZ))
        count -= frames
        backdrop = _texture(rng, height + 400, width + 400)
        thing = _texture(rng, 200, 300)
        pan_x, pan_y = rng.uniform(-2, 2, 2)
        for step in range(frames):
            x, y = int(200 + pan_x * step) % 400, int(200 + pan_y * step) % 400
            picture = backdrop[y : y + height, x : x + width].copy()
            at_x = int((width - 300) * (0.5 + 0.5 * np.sin(step / 20)))
            at_y = int((height - 200) * (0.5 + 0.5 * np.cos(step / 33)))
            picture[at_y : at_y + 200, at_x : at_x + 300] = thing
            picture = cv2.add(picture, noises[int(rng.integers(8))])
            yield cv2.blur(picture, (7, 7)) if step % 40 > 30 else picture


def _texture(rng: np.random.Generator, height: int, width: int) -> Any:
    texture = np.zeros((height, width, 3), np.float32)
    for cell in (4, 8, 16, 32, 64, 128):
        grid = rng.random((height // cell + 2, width // cell + 2, 3)).astype(np.float32) - 0.5
        texture += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * cell**0.6
    texture -= texture.min()
    return (texture * (245 / texture.max())).astype(np.uint8)


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clips", type=int, default=3)
    parser.add_argument("--shared", type=Path, default=SHARED)
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.rounds, arguments.clips, arguments.shared), indent=2))


if __name__ == "__main__":
    main()
