"""A real headless Chromium for tests, driven over its DevTools protocol.

Belongs here: starting it, opening pages, looking at them. Does not: what a page should show.

    with Chromium.start(folder) as chromium, chromium.page(file) as page:
        assert page.evaluate("document.title") == "Topics"
"""

import base64
import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

START_S = 60.0
ANSWER_S = 60.0
POLL_S = 0.02
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
SHOWN_URL_CHARACTERS = 200
# Scrolls to an element; its middle, once that is uncovered and where it was ten frames ago.
MIDDLE_AT_REST = """
(async () => {
  const middle = () => {
    const found = document.querySelector(SELECTOR);
    found.scrollIntoView({behavior: "instant", block: "center"});
    const box = found.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    return found.contains(document.elementFromPoint(x, y)) ? [x, y] : [NaN, NaN];
  };
  for (let before = [NaN, NaN], tries = 0; tries < 200; tries++) {
    for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame);
    const now = middle();
    if (now[0] === before[0] && now[1] === before[1]) return now;
    before = now;
  }
  throw new Error("never at rest, or covered: " + SELECTOR);
})()
"""


def executable() -> str | None:
    """Path of a Chromium on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


class Page:
    """One tab, and what happened in it.

    Attributes:
        errors: exceptions, errors in the console and breaches of the page's policy.
        requests: addresses that were asked for, those of data cut.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._connection = connection
        self._number = 0
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._send(f"{domain}.enable")

    def open(self, file: Path, *, width_px: int = 1400, height_px: int = 900) -> None:
        """Load a file and wait until the page says that it is ready."""
        self.resize(width_px, height_px)
        self._send("Page.navigate", url=file.as_uri())
        self.wait_for("document.documentElement?.dataset.ready !== undefined")

    def resize(self, width_px: int, height_px: int) -> None:
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=1,
            mobile=False,
        )

    def evaluate(self, expression: str) -> Any:
        """Value of a JavaScript expression; promises are waited for."""
        answer = self._send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + ANSWER_S
        while not self.evaluate(condition):
            assert time.monotonic() < end, f"never true: {condition}; errors: {self.errors}"
            time.sleep(POLL_S)

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until a person reads exactly this in the first element that a selector finds."""
        shown = f"document.querySelector({json.dumps(selector)})?.innerText"
        self.wait_for(f"{shown} === {json.dumps(text)}")

    def wait_for_text_in(self, selector: str, text: str) -> None:
        """Wait until a person reads this somewhere in the first element that a selector finds."""
        shown = f"document.querySelector({json.dumps(selector)})?.innerText"
        self.wait_for(f"{shown}?.includes({json.dumps(text)})")

    def wait_for_error(self, text: str) -> None:
        """Wait until an error that holds this text was noted."""
        end = time.monotonic() + ANSWER_S
        while not any(text in error for error in self.errors):
            assert time.monotonic() < end, f"no error holds {text!r}: {self.errors}"
            self.evaluate("new Promise(requestAnimationFrame)")

    def move_mouse(self, x_px: float, y_px: float) -> None:
        """To a point of the window."""
        self._send("Input.dispatchMouseEvent", type="mouseMoved", x=x_px, y=y_px)

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that a CSS selector finds, once it stands still.

        A page that is still being drawn moves its elements: a click at an old place would miss.
        """
        x_px, y_px = self.evaluate(MIDDLE_AT_REST.replace("SELECTOR", json.dumps(selector)))
        self.move_mouse(x_px, y_px)
        for kind in ("mousePressed", "mouseReleased"):
            self._send(
                "Input.dispatchMouseEvent", type=kind, x=x_px, y=y_px, button="left", clickCount=1
            )

    def type_into(self, selector: str, text: str) -> None:
        """Replace the content of an input, as a person would."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.evaluate("document.activeElement.select()")
        if text:
            self._send("Input.insertText", text=text)
        else:
            self.evaluate("document.execCommand('delete')")

    def text(self, selector: str) -> str:
        """What a person reads in the first element that a CSS selector finds."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        """Save what is visible, or the whole page, as a PNG."""
        answer = self._send("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(answer["data"]))

    def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(self._connection.recv(timeout=ANSWER_S))
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return dict(answer["result"])
            self._note(answer.get("method"), answer.get("params", {}))

    def _note(self, event: str | None, of: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(of["request"]["url"][:SHOWN_URL_CHARACTERS])
        elif event == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(of["exceptionDetails"]))
        elif (event == "Runtime.consoleAPICalled" and of["type"] in ("error", "assert")) or (
            event == "Log.entryAdded" and of["entry"]["level"] == "error"
        ):
            self.errors.append(json.dumps(of))


class Chromium:
    """A running browser."""

    def __init__(self, port: int) -> None:
        self._port = port

    @classmethod
    @contextmanager
    def start(cls, folder: Path, *flags: str) -> Iterator["Chromium"]:
        """Start with an empty profile in `folder`; end it afterwards."""
        program = executable()
        assert program is not None, "there is no Chromium on this machine"
        command = (program, *FLAGS, *flags, f"--user-data-dir={folder}", "about:blank")
        with (folder / "chromium.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                yield cls(_port(folder / "DevToolsActivePort", process))
            finally:
                process.terminate()
                process.wait(timeout=START_S)

    @contextmanager
    def page(self, file: Path, *, width_px: int = 1400) -> Iterator[Page]:
        """A new tab that shows a file."""
        target = json.loads(self._ask("PUT", "/json/new?about:blank"))
        address = target["webSocketDebuggerUrl"]
        try:
            with connect(address, max_size=None, proxy=None, compression=None) as connection:
                page = Page(connection)
                page.open(file, width_px=width_px)
                yield page
        finally:
            self._ask("GET", f"/json/close/{target['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_S)
        try:
            connection.request(method, path)
            return connection.getresponse().read()
        finally:
            connection.close()


def _port(file: Path, process: "subprocess.Popen[bytes]") -> int:
    """The port that Chromium writes into its profile once it listens."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if file.exists() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        assert process.poll() is None, f"Chromium ended: {file.with_name('chromium.log')}"
        time.sleep(POLL_S)
    raise TimeoutError(f"Chromium did not listen within {START_S:.0f} s")
