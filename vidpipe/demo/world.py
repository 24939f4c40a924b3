"""Writing a demo world: an uploads folder, its truth, and queries about it.

Belongs here: the layout on the disk, sidecars, file times, drawing in parallel processes, and
that there is either a whole world or none.
Does not: what is in it (vidpipe.demo.story), frames and encoding (vidpipe.demo.video).

    DIR/uploads/<ingest date>/<account>/<name>.mp4, <name>.json
    DIR/truth.json     see vidpipe.demo.truth
    DIR/queries.yaml, query_images/   see vidpipe.demo.queries
"""

import json
import os
import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from vidpipe.demo.plan import PlannedVideo, WorldPlan
from vidpipe.demo.queries import write_queries
from vidpipe.demo.story import plan_world
from vidpipe.demo.truth import truth_of
from vidpipe.demo.video import prepare_process, write_video
from vidpipe.errors import SettingsError, WorkerLost
from vidpipe.pipeline.spawning import LightSpawnContext

UPLOADS, TRUTH = "uploads", "truth.json"

Progress = Callable[[int, int], None]  # videos written, of how many


def render_world(
    directory: Path,
    *,
    seed: int,
    videos: int,
    weeks: int = 10,
    workers: int | None = None,
    progress: Progress | None = None,
) -> WorldPlan:
    """Plans and writes a world; the same numbers give the same bytes on one machine.

    Args:
        directory: where the world shall stand; it may exist when it is empty.
        seed: another seed gives other videos.
        videos: number of uploads, copies included.
        weeks: length of the story.
        workers: processes that draw; by default one for each CPU that may be used.
        progress: told now and then how many videos are written, of how many.

    Returns:
        What was written.

    Raises:
        SettingsError: a number is out of range, `directory` is not empty or cannot be written.
        WorkerLost: a drawing process was killed.
            In each case nothing is left behind.
    """
    plan = plan_world(seed=seed, videos=videos, weeks=weeks)
    write_world(directory, plan, workers=workers, progress=progress)
    return plan


def write_world(
    directory: Path,
    plan: WorldPlan,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Writes a planned world; arguments and errors as for `render_world`."""
    processes = len(os.sched_getaffinity(0)) if workers is None else workers
    if processes < 1:
        raise SettingsError(f"cannot draw with {processes} workers: ask for at least 1")
    directory = directory.absolute()
    try:
        _refuse_to_overwrite(directory)
        directory.parent.mkdir(parents=True, exist_ok=True)
        unfinished = directory.with_name(f".{directory.name[:200]}.{uuid.uuid4().hex[:8]}")
        unfinished.mkdir()
        try:
            _write_uploads(unfinished / UPLOADS, plan, processes, progress or _say_nothing)
            truth = truth_of(plan)
            _write_json(unfinished / TRUTH, truth)
            write_queries(truth, unfinished)
            unfinished.replace(directory.resolve())
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise SettingsError(
            f"cannot write a world to {directory}: {error.strerror or error}; choose another folder"
        ) from error


def _say_nothing(_done: int, _total: int) -> None:
    pass


def _refuse_to_overwrite(directory: Path) -> None:
    if directory.is_dir():
        if any(directory.iterdir()):
            raise SettingsError(f"{directory} is not empty: choose a new or an empty folder")
    elif directory.exists():
        raise SettingsError(f"{directory} is a file: choose a new or an empty folder")


def _write_uploads(uploads: Path, plan: WorldPlan, processes: int, progress: Progress) -> None:
    for video in plan.videos:
        (uploads / video.path).parent.mkdir(parents=True, exist_ok=True)
    by_id = {video.video_id: video for video in plan.videos}
    repeats = [video for video in plan.videos if _is_repeat(video)]
    _draw_all(
        [
            (uploads / video.path, video, by_id[video.copy_of] if video.copy_of else None)
            for video in plan.videos
            if not _is_repeat(video)
        ],
        processes,
        lambda done: progress(done, len(plan.videos)),
    )
    for video in repeats:
        shutil.copyfile(uploads / by_id[video.copy_of or ""].path, uploads / video.path)
    for video in plan.videos:
        _finish_upload(uploads / video.path, video)
    if repeats:
        progress(len(plan.videos), len(plan.videos))


def _is_repeat(video: PlannedVideo) -> bool:
    """Whether a video has the bytes of another one."""
    return any(edit.kind == "identical" for edit in video.edits)


def _draw_all(
    tasks: list[tuple[Path, PlannedVideo, PlannedVideo | None]],
    processes: int,
    done: Callable[[int], None],
) -> None:
    """Draws videos in processes of their own, the most frames first so that all end together."""
    tasks.sort(key=lambda task: -task[1].duration_s * task[1].fps)
    context = LightSpawnContext()
    with ProcessPoolExecutor(processes, context, initializer=prepare_process) as pool:
        try:
            futures = [pool.submit(write_video, *task) for task in tasks]
            for count, future in enumerate(as_completed(futures), start=1):
                future.result()
                done(count)
        except BrokenProcessPool as error:
            raise WorkerLost(
                "a drawing process was killed (is memory short?) and nothing is left of the world; "
                "try fewer workers"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _finish_upload(path: Path, video: PlannedVideo) -> None:
    """Puts the sidecar beside a video and sets the times of both."""
    written = [path]
    if video.has_sidecar:
        written.append(path.with_suffix(".json"))
        _write_json(written[-1], _sidecar(video))
    # Without a sidecar the file time is the posting time; and an old file needs no waiting time
    # before it counts as completely uploaded.
    posted = video.posted_at.timestamp()
    for file in written:
        os.utime(file, (posted, posted))


def _sidecar(video: PlannedVideo) -> dict[str, Any]:
    """The metadata beside a video, as vidpipe's own format has it."""
    post_id = video.video_id.partition(":")[2]
    return {
        "id": post_id,
        "platform": video.platform,
        "account": video.account,
        "posted_at": f"{video.posted_at:%Y-%m-%dT%H:%M:%SZ}",
        "description": video.description,
        "hashtags": list(video.hashtags),
        "url": f"https://{video.platform}.example.org/{video.account}/{post_id}",
    }


def _write_json(path: Path, document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
