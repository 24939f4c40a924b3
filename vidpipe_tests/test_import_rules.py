"""What is imported when a module loads, and an OpenCV that needs no screen.

Which module may import which at all is stated in pyproject.toml (import-linter); here it counts
what happens before the first call. Each look is a process of its own: what another test has
imported must not count.
"""

import base64
import hashlib
import importlib.metadata
import json
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import vidpipe

DAGSTER_PACKAGES = {"assets", "automation", "cli", "dagster_instance"}
PLAIN_PACKAGES = {
    module.name for module in pkgutil.iter_modules(vidpipe.__path__) if module.ispkg
} - DAGSTER_PACKAGES
HEAVY = {
    "av",
    "bertopic",
    "cv2",
    "onnxruntime",
    "paddleocr",
    "paddlex",
    "rapidocr",
    "sentence_transformers",
    "torch",
    "transformers",
    "umap",
}
MAIN = "import sys; sys.argv[0] = 'vidpipe'; from vidpipe.cli import main; main()"
LOADED = "import atexit, sys; atexit.register(lambda: print('\\n' + ' '.join(sys.modules)));"


def imported(code: str, *arguments: str) -> set[str]:
    """Top-level names of all modules that a fresh process holds after running `code`."""
    ended = subprocess.run(
        [sys.executable, "-c", LOADED + code, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in ended.stdout.splitlines()[-1].split()}


def test_the_run_process_and_the_code_location_import_no_model_and_no_decoder() -> None:
    found = imported("import vidpipe.definitions, vidpipe.automation.pending_ingest")
    assert "dagster" in found
    assert found & HEAVY == set()


def test_dagster_modules_import_no_model_and_no_decoder() -> None:
    modules = [
        module.name
        for module in pkgutil.walk_packages(vidpipe.__path__, "vidpipe.")
        if module.name.split(".")[1] not in PLAIN_PACKAGES
    ]
    assert {"vidpipe.cli", "vidpipe.definitions", "vidpipe.cli.search"} <= set(modules)
    found = imported("\n".join(["", *(f"import {name}" for name in modules)]))
    assert found & HEAVY == set()


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("db", "--help")])
def test_help_needs_neither_dagster_nor_polars_nor_deltalake(arguments: tuple[str, ...]) -> None:
    found = imported(MAIN, *arguments)
    assert "vidpipe" in found
    assert found & {*HEAVY, "dagster", "polars", "deltalake", "numpy", "psycopg"} == set()


def test_cv2_is_the_headless_build() -> None:
    """paddlex and rapidocr bring builds whose import fails on a machine without libGL."""
    library = _library()
    [recorded] = [
        file.hash
        for file in importlib.metadata.files("opencv-python-headless") or []
        if file.name == library.name
    ]
    assert recorded is not None
    assert recorded.mode == "sha256"
    digest = hashlib.sha256(library.read_bytes()).digest()
    assert recorded.value == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_cv2_has_no_window_system_and_no_libgl() -> None:
    code = "import cv2, json; print(json.dumps(cv2.getBuildInformation()))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = [line.split() for line in json.loads(ended.stdout).splitlines()]
    assert ["GUI:", "NONE"] in lines
    # A library that the loader must find is named in the file: libGL.so.1, libgthread, libQt5.
    content = _library().read_bytes()
    assert b"libc.so.6" in content
    for name in (b"libGL.so", b"libgthread", b"libQt"):
        assert name not in content


def _library() -> Path:
    """The extension module of cv2, found without importing it."""
    spec = find_spec("cv2")
    assert spec is not None
    assert spec.origin is not None
    [library] = Path(spec.origin).parent.glob("cv2*.so")
    return library
