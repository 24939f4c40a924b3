"""Progress of long work on standard error: bars at a terminal, plain lines elsewhere.

Belongs here: drawing it. Does not: telling it (vidpipe.pipeline.loop), results (output.py).
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

PLAIN_LINE_EVERY_S = 5.0
# A rate over less time than this says nothing.
LEAST_TIME_S = 0.5


@contextmanager
def stage_progress() -> Iterator["StageProgress"]:
    """Bars on standard error while stages run.

    Dagster redirects standard error during a step; the bars keep the stream that was there before.
    """
    with os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8") as stream:
        console = Console(file=stream, force_terminal=stream.isatty())
        bars = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not stream.isatty(),
        )
        with bars:
            yield StageProgress(bars, console)


class StageProgress:
    """Called by the incremental loop with a stage's name, items done and items to do."""

    def __init__(self, bars: Progress, console: Console) -> None:
        self._bars = bars
        self._console = console
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, float] = {}
        self._told_at = 0.0

    def __call__(self, stage: str, done: int, to_do: int) -> None:
        if not to_do:
            return
        started = self._started.setdefault(stage, time.monotonic())
        elapsed = time.monotonic() - started
        shown = f"{done / elapsed:.1f}/s" if done and elapsed >= LEAST_TIME_S else ""
        if self._bars.disable:
            self._tell_plainly(stage, done, to_do, shown)
        elif stage in self._tasks:
            self._bars.update(self._tasks[stage], completed=done, total=to_do, rate=shown)
        else:
            self._tasks[stage] = self._bars.add_task(stage, completed=done, total=to_do, rate=shown)

    def _tell_plainly(self, stage: str, done: int, to_do: int, rate: str) -> None:
        now = time.monotonic()
        if done == to_do or now - self._told_at >= PLAIN_LINE_EVERY_S:
            self._told_at = now
            self._console.print(f"{stage}: {done} of {to_do} {rate}", highlight=False)
