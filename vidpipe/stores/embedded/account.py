"""The account that PostgreSQL runs as.

Belongs here: choosing it, running PostgreSQL's programs under it, and whose the files are.
Does not: where the programs lie (vidpipe.stores.embedded.binaries), nor logins to the database
(vidpipe.stores.embedded.cluster).
"""

import contextlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vidpipe.errors import DatabaseError
from vidpipe.stores.embedded.failures import OWN_SERVER_HINT
from vidpipe.stores.embedded.paths import ServerPaths


@dataclass(frozen=True)
class Account:
    """The user and group that the server runs as; PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    @property
    def is_this_process(self) -> bool:
        """Whether vidpipe itself runs as this user."""
        return self.uid == os.geteuid()


def server_account(paths: ServerPaths) -> Account:
    """The user of this process; for root, the owner of the data or of the home, else `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for owned in (paths.data, paths.home):
        if owned.exists():
            status = owned.stat()
            with contextlib.suppress(KeyError):
                if status.st_uid != 0 and pwd.getpwuid(status.st_uid):
                    return Account(status.st_uid, status.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise DatabaseError(
            "PostgreSQL refuses to run as root and this machine has no user `nobody`; "
            f"run vidpipe as an ordinary user, {OWN_SERVER_HINT}"
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def give_to_owner_of_home(paths: ServerPaths, created: Path) -> None:
    """Gives a file that root created to the owner of the home, who would be locked out else."""
    if os.geteuid() == 0:
        status = paths.home.stat()
        os.chown(created, status.st_uid, status.st_gid)


def run_as(
    command: list[str],
    account: Account,
    *,
    cwd: Path | None = None,
    keep: tuple[int, ...] = (),
    stdin: str | int | None = subprocess.DEVNULL,
    output: IO[bytes] | int = subprocess.PIPE,
    text_input: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs one of PostgreSQL's programs as the account, without the environment of this process."""
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
