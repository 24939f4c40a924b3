"""Software that is missing, too old, or cannot be loaded; encodings that lose names."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vidpipe.doctor import software
from vidpipe_tests.doctor.found import only, problems


def test_this_installation_is_in_order() -> None:
    for check in (software.python, software.packages, software.libraries, software.text_encoding):
        assert problems(check()) == []


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    what, remedy = only(software.python(), "error")
    assert what == "this is Python 3.9.2; vidpipe needs >=3.11"
    assert remedy == "install vidpipe with a newer Python"


def test_every_package_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = ["numpy<1", "no-such-package>=2", "click>=8", 'sphinx; extra == "dev"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: needed)
    what, remedy = only(software.packages(), "error")
    numpy = importlib.metadata.version("numpy")
    assert what == f"numpy is {numpy}, not <1; no-such-package is missing"
    assert remedy.startswith("pip install -c constraints.txt")


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules new processes can import."""
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{before}")
    return tmp_path


def test_a_library_that_cannot_be_loaded_is_named_with_its_reason(
    modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "libGL.so.1: cannot open shared object file"
    (modules / "cv2.py").write_text(f"raise ImportError({reason!r})", encoding="utf-8")
    monkeypatch.setattr(software, "NATIVE", ("json", "cv2"))
    what, remedy = only(software.libraries(), "error")
    assert what == f"cv2 cannot be loaded: ImportError: {reason}"
    assert remedy.startswith("pip install --no-deps --force-reinstall 'opencv-python-headless")


def test_a_library_that_ends_its_process_is_named(
    modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import os, signal; os.kill(os.getpid(), signal.SIGILL)"
    (modules / "needs_a_newer_processor.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(software, "NATIVE", ("json", "needs_a_newer_processor"))
    what, _ = only(software.libraries(), "error")
    assert what == "loading needs_a_newer_processor ends the process (SIGILL)"


def test_an_opencv_with_windows_is_a_warning(
    modules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "def getBuildInformation(): return '  GUI:                           QT5\\n'"
    (modules / "cv2.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(software, "NATIVE", ("cv2",))
    [(level, what, _), _] = software.libraries()
    assert level == "warning"
    assert what == "OpenCV is a build with windows (QT5), which needs a screen's libraries"


@pytest.mark.parametrize(
    ("locale", "level"), [("C", "error"), ("C.UTF-8", "ok")], ids=["ascii", "UTF-8"]
)
def test_an_encoding_that_cannot_name_every_file_is_an_error(locale: str, level: str) -> None:
    code = "from vidpipe.doctor.software import text_encoding; print([*text_encoding()][0][0])"
    strict = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | strict,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.strip() == level, ended.stderr
