"""The examination of a host: all checks, each on its own and within its time.

Belongs here: which checks there are, and that one which fails or hangs stops no other.
Does not: what they look at (the modules beside this one), what is printed (vidpipe.cli.doctor).
"""

import threading
import time
from collections.abc import Iterable

from vidpipe.doctor import hosts, machine, models, places, server, software
from vidpipe.doctor.findings import Check, Finding
from vidpipe.errors import VidpipeError
from vidpipe.settings import Settings

LONGEST_S = 30.0  # of one check; loading libraries from a cold disk takes the longest


def all_checks(settings: Settings, port: int) -> list[Check]:
    """Every check, in the order in which an operator reads them."""
    return [
        Check("Python", software.python),
        Check("packages", software.packages),
        Check("libraries", software.libraries),
        Check("text encoding", software.text_encoding),
        Check("memory", lambda: machine.memory(settings)),
        Check("cores", lambda: machine.cores(settings)),
        Check("shared memory", machine.shared_memory),
        Check("open files", machine.open_files),
        Check("user", machine.user),
        Check("clock", machine.clock),
        Check("worker process", lambda: machine.worker_process(settings)),
        Check("port", lambda: machine.port(port)),
        Check("VIDPIPE_HOME", lambda: places.home(settings)),
        Check("temporary folder", lambda: places.temporary_folder(settings)),
        Check("uploads", lambda: places.uploads(settings)),
        Check("lake", lambda: places.lake(settings)),
        Check("media", lambda: places.media(settings)),
        Check("database", lambda: server.database(settings)),
        Check("CLIP models", lambda: models.clip(settings)),
        Check("OCR models", lambda: models.ocr(settings)),
        Check("several hosts", lambda: hosts.several(settings)),
    ]


def examine(checks: Iterable[Check], longest_s: float = LONGEST_S) -> list[Finding]:
    """Makes all checks side by side and returns what they found, in the order of the checks.

    A check that has not answered after `longest_s` counts as an error and is left behind.
    """
    running = [(check, *_begun(check)) for check in checks]
    until = time.monotonic() + longest_s
    findings: list[Finding] = []
    for check, thread, found in running:
        thread.join(max(0.0, until - time.monotonic()))
        if thread.is_alive():
            findings.append(
                Finding(
                    check.name,
                    "error",
                    f"no answer within {longest_s:g} s",
                    "look for a disk, network or server that hangs, then try again",
                )
            )
        findings += found
    return findings


def _begun(check: Check) -> tuple[threading.Thread, list[Finding]]:
    found: list[Finding] = []

    def look() -> None:
        try:
            # Taken over as a whole: a check that hangs has not found half of something.
            found.extend([Finding(check.name, *one) for one in check.look()])
        except VidpipeError as problem:
            found.append(Finding(check.name, "error", str(problem)))
        except Exception as problem:  # a fault of one check must not hide what others find
            found.append(
                Finding(
                    check.name,
                    "error",
                    f"this could not be checked: {type(problem).__name__}: {problem}",
                    "if the machine looks right, report it as a fault of vidpipe",
                )
            )

    thread = threading.Thread(target=look, name=f"doctor: {check.name}", daemon=True)
    thread.start()
    return thread, found
