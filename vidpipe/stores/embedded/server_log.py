"""The log that the embedded server writes.

Belongs here: bounding its size and quoting its end in messages.
Does not: what the server writes into it (vidpipe.stores.embedded.cluster sets that).
"""

import os
import shutil
from pathlib import Path

LOG_LIMIT_BYTES = 16 * 2**20
LOG_TAIL_LINES = 15


def tail(log: Path, log_start: int = 0) -> str:
    """The last lines that were written after byte `log_start`, as the end of a message."""
    text = text_since(log, log_start).strip()
    if not text:
        return f"; its log {log} says nothing"
    lines = text.splitlines()[-LOG_TAIL_LINES:]
    return f"; end of {log}:\n" + "\n".join(f"    {line}" for line in lines)


def text_since(log: Path, log_start: int) -> str:
    """What was written after byte `log_start`, of much text the end only."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(min(log_start, size), size - 64 * 1024))
            return file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def size_bytes(log: Path) -> int:
    """The size of the log, 0 before the first start."""
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def bound(log: Path) -> None:
    """Keeps one older part and starts again at zero; the server appends to the open file."""
    if size_bytes(log) > LOG_LIMIT_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)
