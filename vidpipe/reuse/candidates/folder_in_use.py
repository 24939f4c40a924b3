"""Who uses the folder of the index, so that nothing is removed beneath its readers.

Belongs here: the lock on the folder, and removing what is not wanted any more.
Does not: what is wanted (vidpipe.reuse.candidates.index).

Readers hold the lock together; whoever holds it alone for a moment removes. It ends with the
process that holds it.
"""

import fcntl
import os
import shutil
import weakref
from collections.abc import Collection
from pathlib import Path

LOCK = ".lock"
REMOVED = ".removed-"


class FolderInUse:
    """Keeps a folder in use until it is let go or this object is gone.

    Unless somebody else uses the folder, whatever is not wanted is removed first: what makings left
    that were killed, too.

    Args:
        folder: made if it is not there.
        wanted: names in it that stay.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, folder: Path, wanted: Collection[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        self.let_go = weakref.finalize(self, os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            _remove(folder, wanted)
        fcntl.flock(descriptor, fcntl.LOCK_SH)


def _remove(folder: Path, wanted: Collection[str]) -> None:
    for path in folder.iterdir():
        if path.name in wanted or path.name == LOCK:
            continue
        # Renamed first: half a segment under its own name would be taken for a whole one.
        gone = path.with_name(f"{REMOVED}{path.name}")
        if not path.name.startswith(REMOVED):
            path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
