"""What lies where under `VIDPIPE_HOME/postgres`.

Belongs here: the paths of the embedded server, and how the server itself sees its data directory.
Does not: making or reading the files (the modules beside this one).

    HOME/postgres/
        start.lock          flock of whoever is starting or stopping
        server.lock         flock that the server itself inherits: held exactly as long as it lives
        watch.lock          flock of the process that stops an unused server
        server.log          its log, bounded in size
        cluster/data        PostgreSQL's data directory
        cluster/password    password of the login `vidpipe`, mode 0600
        cluster/port        TCP port of the last start, kept while it is free
        .new-*              a cluster being initialised; renamed to `cluster` when whole
"""

from dataclasses import dataclass
from pathlib import Path

HAS_PROC = Path("/proc/self/cwd").exists()  # Linux, not macOS


@dataclass(frozen=True)
class ServerPaths:
    """The files and folders of the server of one home."""

    home: Path

    @classmethod
    def of(cls, home: Path) -> "ServerPaths":
        """The paths under a home, which may be relative or begin with `~`."""
        return cls(Path(home).expanduser().absolute())

    @property
    def root(self) -> Path:
        """The folder of the server, which holds all others."""
        return self.home / "postgres"

    @property
    def start_lock(self) -> Path:
        """The file that is locked by whoever is starting or stopping the server."""
        return self.root / "start.lock"

    @property
    def server_lock(self) -> Path:
        """The file that the server keeps locked for as long as any part of it lives."""
        return self.root / "server.lock"

    @property
    def watch_lock(self) -> Path:
        """The file that the process which stops an unused server keeps locked."""
        return self.root / "watch.lock"

    @property
    def log(self) -> Path:
        """The log of the server."""
        return self.root / "server.log"

    @property
    def cluster(self) -> Path:
        """The folder of a cluster that was initialised as a whole."""
        return self.root / "cluster"

    @property
    def password(self) -> Path:
        """The file with the password of the login `vidpipe`."""
        return self.cluster / "password"

    @property
    def port(self) -> Path:
        """The file with the TCP port of the last start."""
        return self.cluster / "port"

    @property
    def data(self) -> Path:
        """The data directory of PostgreSQL."""
        return self.cluster / "data"


def as_the_server_sees(data: Path) -> str:
    """The path that a program of PostgreSQL is given whose working directory is `data`."""
    return "/proc/self/cwd" if HAS_PROC else str(data)
