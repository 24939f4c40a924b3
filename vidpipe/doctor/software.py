"""Software: Python, the packages and their versions, libraries that load, text encoding.

Belongs here: what an installation consists of.
Does not: models (vidpipe.doctor.models), the machine (vidpipe.doctor.machine).
"""

import importlib.metadata
import json
import locale
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from vidpipe.doctor.findings import Level, error, ok, warning

NATIVE = ("av", "cv2", "deltalake", "numpy", "onnxruntime", "polars", "psycopg", "scipy", "torch")
"""Packages with machine code of their own, which a processor or a missing library may refuse."""
LOAD_S = 25.0
HEADLESS = "opencv-python-headless"
NOT_LATIN = "坦克 ñ"

_LOADING = """
import importlib, json, sys
failed, cv2_gui = {}, None
print("{}", flush=True)
for name in sys.argv[1:]:
    print(json.dumps({"loading": name}), flush=True)
    try:
        module = importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
        continue
    if name == "cv2":
        lines = (line.split() for line in module.getBuildInformation().splitlines())
        cv2_gui = next((line[1] for line in lines if line[:1] == ["GUI:"] and line[1:]), None)
print(json.dumps({"failed": failed, "cv2_gui": cv2_gui}), flush=True)
"""


def python() -> Iterator[tuple[Level, str, str]]:
    """The version of Python against what the installed vidpipe asks for."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    needed = str(importlib.metadata.metadata("vidpipe")["Requires-Python"])
    if SpecifierSet(needed).contains(version, prereleases=True):
        yield ok(f"Python {version}")
    else:
        yield error(
            f"this is Python {version}; vidpipe needs {needed}",
            "install vidpipe with a newer Python",
        )


def packages() -> Iterator[tuple[Level, str, str]]:
    """Versions of the installed packages against those that vidpipe asks for."""
    wrong = []
    needed = [Requirement(text) for text in importlib.metadata.requires("vidpipe") or []]
    needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    for one in needed:
        try:
            found = importlib.metadata.version(one.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{one.name} is missing")
            continue
        if not one.specifier.contains(found, prereleases=True):
            wrong.append(f"{one.name} is {found}, not {one.specifier}")
    if wrong:
        yield error("; ".join(wrong), "pip install -c constraints.txt . in vidpipe's checkout")
    else:
        yield ok(f"{len(needed)} packages have the versions that vidpipe asks for")


def libraries() -> Iterator[tuple[Level, str, str]]:
    """Whether packages with machine code load, tried in a process that may die of it."""
    command = [sys.executable, "-c", _LOADING, *NATIVE]
    quiet = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, env=quiet, timeout=LOAD_S, check=False
        )
    except subprocess.TimeoutExpired:
        yield warning(
            f"loading {', '.join(NATIVE)} takes longer than {LOAD_S:g} s",
            "the first run will be slow to start; a faster disk helps",
        )
        return
    said = json.loads((ended.stdout.splitlines() or ["{}"])[-1])
    if ended.returncode != 0:
        name = said.get("loading", "Python")
        yield error(
            f"loading {name} ends the process ({_cause(ended.returncode)})",
            f"this processor or system cannot run the installed {name}: install a build for it",
        )
        return
    for name, reason in said["failed"].items():
        yield error(f"{name} cannot be loaded: {reason}", _remedy(name))
    if said["cv2_gui"] not in (None, "NONE"):
        yield warning(
            f"OpenCV is a build with windows ({said['cv2_gui']}), which needs a screen's libraries",
            _remedy("cv2"),
        )
    if not said["failed"]:
        yield ok(f"{', '.join(NATIVE)} load")


def text_encoding() -> Iterator[tuple[Level, str, str]]:
    """Whether names of files and texts may hold any script."""
    remedy = "set LC_ALL=C.UTF-8 (or PYTHONUTF8=1) for all of vidpipe's processes"
    names, texts = sys.getfilesystemencoding(), locale.getpreferredencoding(do_setlocale=False)
    if names.lower().replace("-", "") != "utf8":
        yield error(f"names of files are {names}, not UTF-8", remedy)
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            (Path(folder) / NOT_LATIN).touch()
        except (OSError, UnicodeError) as problem:
            yield error(f"files cannot be named {NOT_LATIN!r}: {problem}", remedy)
            return
    if texts.lower().replace("-", "") != "utf8":
        yield warning(f"texts are {texts}, not UTF-8", remedy)
    else:
        yield ok("names of files and texts are UTF-8")


def _cause(returncode: int) -> str:
    return signal.Signals(-returncode).name if returncode < 0 else f"exit code {returncode}"


def _remedy(name: str) -> str:
    if name == "cv2":
        wanted = next(
            (one for one in importlib.metadata.requires("vidpipe") or [] if HEADLESS in one),
            HEADLESS,
        )
        return f"pip install --no-deps --force-reinstall '{wanted}'"
    return "reinstall it: pip install --force-reinstall -c constraints.txt " + name
