"""The lake's copy of the owned tables, renewed after each run.

Belongs here: where the copy lies, saving and restoring it.
Does not: its format (vidpipe.stores.backup), the lake's tables (vidpipe.stores.lake).

Removals, tombstones and saved queries exist in PostgreSQL only: without the copy, a lost database
would take them with it, and a forgotten video would come back.
"""

import tempfile
from pathlib import Path

import obstore
from obstore.exceptions import BaseError

from vidpipe.errors import StoreError
from vidpipe.settings import Settings
from vidpipe.stores.backup import backup, restore
from vidpipe.stores.media_store import open_store

NAME = "owned_tables.zip"


def copy_to_lake(settings: Settings) -> None:
    """Saves the owned tables beside the lake's tables, over the copy before.

    Raises:
        StoreError: the lake cannot be written.
        DatabaseError: PostgreSQL cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / NAME
        backup(settings, file)
        try:
            obstore.put(open_store(settings.lake), NAME, file)
        except (BaseError, OSError) as error:
            raise StoreError(f"{settings.lake}/{NAME} cannot be written: {error}") from error


def restore_from_lake(settings: Settings) -> bool:
    """Puts the owned tables back from the lake's copy; False when there is none.

    Raises:
        StoreError: the lake cannot be read, or the copy is damaged.
        DatabaseError: PostgreSQL refused it; nothing was changed then.
    """
    try:
        saved = obstore.get(open_store(settings.lake), NAME).bytes()
    except FileNotFoundError:
        return False
    except (BaseError, OSError) as error:
        raise StoreError(f"{settings.lake}/{NAME} cannot be read: {error}") from error
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / NAME
        file.write_bytes(bytes(saved))
        restore(settings, file)
    return True
