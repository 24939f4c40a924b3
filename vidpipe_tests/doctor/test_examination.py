"""The examination as a whole: each check on its own, in its time, in its place."""

import threading
from collections.abc import Iterator

from vidpipe.doctor.examination import all_checks, examine
from vidpipe.doctor.findings import Check, Level, can_run, error, ok, warning
from vidpipe.errors import DatabaseError
from vidpipe.settings import load_settings

Said = Iterator[tuple[Level, str, str]]


def fine() -> Said:
    yield ok("all is well")


def test_a_check_that_raises_hides_none_of_the_others() -> None:
    def broken() -> Said:
        yield ok("half of it")
        raise ZeroDivisionError("by zero")

    def refused() -> Said:
        yield ok("its name")
        raise DatabaseError("the server said no; ask it again")

    found = examine([Check("a", broken), Check("b", refused), Check("c", fine)])
    assert [(one.check, one.level) for one in found] == [
        ("a", "error"),
        ("b", "error"),
        ("c", "ok"),
    ]
    assert found[0].what == "this could not be checked: ZeroDivisionError: by zero"
    assert found[1].what == "the server said no; ask it again"


def test_a_check_that_hangs_is_named_and_left_behind() -> None:
    never = threading.Event()

    def hangs() -> Said:
        never.wait(60)
        yield ok("too late")

    found = examine([Check("slow", hangs), Check("quick", fine)], longest_s=0.2)
    assert [(one.check, one.level) for one in found] == [("slow", "error"), ("quick", "ok")]
    assert found[0].what == "no answer within 0.2 s"
    never.set()


def test_warnings_do_not_keep_vidpipe_from_running_and_errors_do() -> None:
    def warns() -> Said:
        yield warning("hm", "look")

    def fails() -> Said:
        yield error("no", "mend it")

    assert can_run(examine([Check("a", warns), Check("b", fine)]))
    assert not can_run(examine([Check("a", warns), Check("b", fails)]))


def test_checks_have_names_of_their_own() -> None:
    names = [check.name for check in all_checks(load_settings(), 3000)]
    assert len(names) == len(set(names)) > 15
