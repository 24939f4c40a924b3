"""A PostgreSQL cluster of vidpipe's own: its databases, password and settings.

Belongs here: initialising it whole or not at all, its configuration, and what must hold before a
start.
Does not: starting the server (vidpipe.stores.embedded.launch), nor tables inside the databases
(`sql/`).
"""

import os
import secrets
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded import server_log
from vidpipe.stores.embedded.account import Account, give_to_owner_of_home, run_as
from vidpipe.stores.embedded.binaries import MAJOR_VERSION
from vidpipe.stores.embedded.failures import OWN_SERVER_HINT
from vidpipe.stores.embedded.paths import HAS_PROC, ServerPaths, as_the_server_sees

USER = "vidpipe"
DATABASES = ("vidpipe", "vidpipe_dagster")
HOST = "127.0.0.1"
SMALL_SHM_BYTES = 2**30  # containers often have 64 MB: too little for a parallel index build


def remove_leftovers(paths: ServerPaths) -> None:
    """Removes what a killed initialisation left; its initdb is gone, for it held the start lock."""
    for leftover in paths.root.glob(".new-*"):
        shutil.rmtree(leftover)


def initialise(paths: ServerPaths, binaries: Path, account: Account, lock: int) -> None:
    """Makes a cluster with its databases in a temporary folder and renames it when it is whole."""
    password = secrets.token_urlsafe(24)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=paths.root))
    give_to_owner_of_home(paths, new)
    data = new / "data"
    data.mkdir(mode=0o700)
    os.chown(data, account.uid, account.gid)
    with tempfile.TemporaryFile() as password_file:
        password_file.write(password.encode() + b"\n")
        password_file.seek(0)
        os.fchown(password_file.fileno(), account.uid, account.gid)
        _must(
            paths,
            "initialise",
            run_as(
                [
                    *(str(binaries / "initdb"), "-D", as_the_server_sees(data), "-U", USER),
                    *("--auth=scram-sha-256", f"--pwfile=/dev/fd/{password_file.fileno()}"),
                    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
                    *("--builtin-locale=C.UTF-8", "--no-sync", "--no-instructions"),
                ],
                account,
                cwd=data,
                keep=(password_file.fileno(), lock),
            ),
        )
    with (data / "postgresql.conf").open("a") as config:
        config.write("\n# vidpipe writes this file at every start; ALTER SYSTEM overrides it\n")
        config.write("include 'vidpipe.conf'\n")
    (data / "pg_hba.conf").write_text(f"host all all {HOST}/32 scram-sha-256\n")
    write_config(data, account)
    statements = "".join(f"create database {name};\n" for name in DATABASES)
    _must(
        paths,
        "create the databases of",
        run_as(
            [
                *(str(binaries / "postgres"), "--single", "-F"),
                *("-D", as_the_server_sees(data), "postgres"),
            ],
            account,
            cwd=data,
            keep=(lock,),
            text_input=statements,
        ),
    )
    _must(
        paths,
        "write to disk",
        run_as(
            [str(binaries / "initdb"), "--sync-only", "-D", as_the_server_sees(data)],
            account,
            cwd=data,
            keep=(lock,),
        ),
    )
    write_private(paths, new / "password", password)
    new.rename(paths.cluster)
    _sync_folder(paths.root)


def _must(paths: ServerPaths, what: str, finished: subprocess.CompletedProcess[str]) -> None:
    if finished.returncode != 0 or "ERROR:" in finished.stdout or "FATAL:" in finished.stdout:
        lines = finished.stdout.strip().splitlines()[-server_log.LOG_TAIL_LINES :]
        raise DatabaseError(
            f"cannot {what} the PostgreSQL server under {paths.root} (exit {finished.returncode}). "
            f"Correct what it says, {OWN_SERVER_HINT}; it says:\n"
            + "\n".join(f"    {line}" for line in lines)
        )


def write_private(paths: ServerPaths, file: Path, text: str) -> None:
    """Writes a file that only the owner of the home can read, whole or not at all."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(descriptor)
    give_to_owner_of_home(paths, new)
    new.replace(file)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_password(paths: ServerPaths) -> str:
    """The password of the login `vidpipe`."""
    try:
        return paths.password.read_text().strip()
    except FileNotFoundError:
        raise DatabaseError(
            f"{paths.password} is missing, so nobody can log in to the PostgreSQL server; restore "
            f"it from a backup, or stop vidpipe, move {paths.cluster} away and run "
            "`vidpipe db rebuild` and `vidpipe db restore`"
        ) from None


def check_cluster(paths: ServerPaths, account: Account) -> None:
    """Checks the version, and restores the owner and mode that a plain `cp -r` loses."""
    version_file = paths.data / "PG_VERSION"
    version = version_file.read_text().strip() if version_file.exists() else "unknown"
    if version != MAJOR_VERSION:
        raise DatabaseError(
            f"{paths.data} was made by PostgreSQL {version}, this vidpipe runs {MAJOR_VERSION}: "
            "run `vidpipe db backup` with the older vidpipe, move the folder away, then "
            "`vidpipe db rebuild` and `vidpipe db restore`"
        )
    if os.geteuid() == 0 and paths.data.stat().st_uid != account.uid:
        for path in (paths.data, *paths.data.rglob("*")):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    if stat.S_IMODE(paths.data.stat().st_mode) != 0o700:
        paths.data.chmod(0o700)


def write_config(data: Path, account: Account) -> None:
    """Writes settings for one machine that also decodes videos; others keep their default."""
    settings = {
        "listen_addresses": f"'{HOST}'",
        "unix_socket_directories": "''",
        "max_connections": "200",
        "max_locks_per_transaction": "256",
        "shared_buffers": "128MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "256MB",  # an HNSW build that does not fit is many times slower
        "random_page_cost": "1.1",
        "max_wal_size": "2GB",
        "wal_level": "minimal",  # no replica here; loading and indexing a new table skips the log
        "max_wal_senders": "0",
        "client_connection_check_interval": "'5s'",  # a killed run must not keep its locks
        "dynamic_shared_memory_type": _shared_memory_type(),
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_checkpoints": "off",
        "log_line_prefix": "'%m [%p] %q%a@%d '",
        "cluster_name": "'vidpipe'",
    }
    file = data / "vidpipe.conf"
    new = data / "vidpipe.conf.new"
    new.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    os.chown(new, account.uid, account.gid)
    new.replace(file)


def _shared_memory_type() -> str:
    if not HAS_PROC:
        return "posix"  # macOS has no /dev/shm to be small
    try:
        status = os.statvfs("/dev/shm")
    except OSError:
        return "sysv"
    return "posix" if status.f_frsize * status.f_blocks >= SMALL_SHM_BYTES else "sysv"
