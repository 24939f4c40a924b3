"""The system's Chromium, driven by Playwright, for tests that look at pages.

Belongs here: starting it, opening a page and noting what goes wrong in it.
Does not: what a page should show.

    def test_a_page_has_a_title(chromium: Browser) -> None:
        with opened(chromium, file, ready="document.title") as (page, seen):
            assert page.title() == "Topics"
            assert seen.errors == []

Without a Chromium such tests are skipped; where the environment variable `CI` is set they fail
instead, so that nobody takes pages for tested that were not.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ABSENT = "there is no Chromium on this machine: apt-get install chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ANSWER_MS = 60_000  # longest wait for a page on a busy machine
WIDTH_PX, HEIGHT_PX = 1400, 900
SHOWN_URL_CHARACTERS = 200


@dataclass(frozen=True)
class Seen:
    """What happened in a page.

    Attributes:
        errors: exceptions, errors in the console and breaches of the page's policy.
        requests: addresses that were asked for; long ones, such as those of data, are cut.
    """

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def executable() -> str | None:
    """Path of the system's Chromium; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def launch(browser_type: BrowserType, *flags: str) -> Browser:
    """A headless Chromium of its own, also beside another one (`browser.browser_type`)."""
    return browser_type.launch(executable_path=executable(), args=[*FLAGS, *flags])


@contextmanager
def started() -> Iterator[Browser]:
    """A running Chromium; it is ended afterwards."""
    with sync_playwright() as playwright, launch(playwright.chromium) as browser:
        yield browser


# Not for a whole session: Playwright's event loop would be in the way of tests with one of theirs.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running Chromium for the tests of one module."""
    if executable() is None:
        if os.environ.get("CI"):
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)
    expect.set_options(timeout=ANSWER_MS)
    with started() as browser:
        yield browser


@contextmanager
def opened(browser: Browser, file: Path, *, ready: str) -> Iterator[tuple[Page, Seen]]:
    """A page that shows a file, with what has happened in it so far.

    Args:
        browser: that shows it.
        file: the page.
        ready: JavaScript expression that is true once the page can be used.
    """
    seen = Seen()
    with browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX}) as page:
        page.set_default_timeout(ANSWER_MS)
        page.on("console", lambda message: _note(seen, message))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda sent: seen.requests.append(sent.url[:SHOWN_URL_CHARACTERS]))
        page.goto(file.as_uri())
        page.wait_for_function(ready)
        yield page, seen


def _note(seen: Seen, message: ConsoleMessage) -> None:
    if message.type in ("error", "assert"):
        seen.errors.append(message.text)
