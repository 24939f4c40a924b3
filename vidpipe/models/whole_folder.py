"""A folder that is there as a whole or not at all, however many processes make it at once.

Belongs here: writing beside, then renaming. Does not: what lies in the folder (its callers).
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder`, renamed to it when nothing failed.

    A process killed between two files would otherwise leave a folder that never loads.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield temporary
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process was faster, with the same files
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
