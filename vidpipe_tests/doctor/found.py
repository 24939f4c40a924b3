"""What a check of the doctor says, for tests to look at."""

from collections.abc import Iterable

from vidpipe.doctor.findings import Level

Said = Iterable[tuple[Level, str, str]]


def only(said: Said, level: Level) -> tuple[str, str]:
    """What was found and what to do, of a check that says one thing, of this level."""
    [(found, what, remedy)] = said
    assert found == level, what
    assert (remedy == "") == (level == "ok")
    return what, remedy


def problems(said: Said) -> list[str]:
    """What a check found wrong."""
    return [what for level, what, _ in said if level != "ok"]
