"""What a check found: whether it hinders vidpipe, and what to do about it.

Belongs here: findings and how they are judged together.
Does not: the checks themselves (the modules beside this one).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One sentence about this host.

    Attributes:
        check: name of the check.
        level: an error keeps vidpipe from running, a warning does not.
        what: what was found.
        remedy: what to do; empty where nothing needs to be done.
    """

    check: str
    level: Level
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """A look at one thing, independent of all others."""

    name: str
    look: Callable[[], Iterable[tuple[Level, str, str]]]


def ok(what: str) -> tuple[Level, str, str]:
    """Nothing needs to be done."""
    return "ok", what, ""


def warning(what: str, remedy: str) -> tuple[Level, str, str]:
    """Vidpipe runs, but something may surprise."""
    return "warning", what, remedy


def error(what: str, remedy: str) -> tuple[Level, str, str]:
    """Vidpipe cannot do its work like this."""
    return "error", what, remedy


def can_run(findings: Iterable[Finding]) -> bool:
    """Whether everything that is needed holds."""
    return all(finding.level != "error" for finding in findings)
