"""The wheel alone is a working vidpipe: installed in an empty folder, run in another one."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from vidpipe_tests.clips import COLOURS, tiny_clip
from vidpipe_tests.installation import age

CHECKOUT = Path(__file__).parents[1]
MAIN = "from vidpipe.cli import main; main()"
ORIGIN = """
import json, vidpipe
from vidpipe.packaged import packaged
names = ("sql", "dagster.yaml", "workspace.yaml")
print(json.dumps([vidpipe.__file__, *(str(packaged(name)) for name in names)]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout with the build backend that is installed: no network."""
    folder = tmp_path_factory.mktemp("wheel")
    _python("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT))
    [built] = folder.glob("vidpipe-*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but what the wheel brought."""
    folder = tmp_path_factory.mktemp("site")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
    _python("-m", "pip", "install", *quiet, "--target", str(folder), str(wheel))
    return folder


def test_the_wheel_holds_the_package_its_sql_its_page_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    tracked = {"vidpipe/dagster.yaml", "vidpipe/workspace.yaml", "vidpipe/py.typed"} | {
        f"vidpipe/{path.relative_to(CHECKOUT)}" for path in (CHECKOUT / "sql").rglob("*.sql")
    }
    page = CHECKOUT / "vidpipe" / "topics" / "report" / "page"
    tracked |= {str(path.relative_to(CHECKOUT)) for path in page.iterdir()}
    assert tracked <= names
    assert {name.split("/")[0] for name in names} == {"vidpipe"}
    assert not [name for name in names if name.endswith(".pyc")]


def test_an_installed_vidpipe_finds_its_own_files(site: Path, tmp_path: Path) -> None:
    found = json.loads(_python("-c", ORIGIN, cwd=tmp_path, site=site))
    assert found == [
        str(site / "vidpipe" / name)
        for name in ("__init__.py", "sql", "dagster.yaml", "workspace.yaml")
    ]


def test_an_installed_vidpipe_runs_a_job_outside_its_checkout(site: Path, tmp_path: Path) -> None:
    """With an embedded server, Dagster's storage and workers of its own."""
    uploads, elsewhere = tmp_path / "uploads", tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name, colours in (("one", COLOURS[:2]), ("two", COLOURS[2:])):
        age(tiny_clip(uploads / "2025-03-03" / "somebody" / f"{name}.mp4", colours=colours))
    own = {"VIDPIPE_HOME": "home", "VIDPIPE_WORKERS": "1"}
    command = ("-c", MAIN, "run", "--uploads", "../uploads", "--demo-models", "--json")
    try:
        summary = json.loads(_python(*command, cwd=elsewhere, site=site, **own))
        status = json.loads(
            _python("-c", MAIN, "status", "--json", cwd=elsewhere, site=site, **own)
        )
    finally:
        stopped = _python("-c", MAIN, "down", cwd=elsewhere, site=site, **own)
    assert summary["ok"]
    assert summary["dates"] == ["2025-03-03"]
    assert summary["stages"]["keyframes"]["new"] == 2
    assert status["indexed"]["videos"] == 2
    assert status["pending_dates"] == status["failures"] == status["failed_runs"] == []
    assert "embedded PostgreSQL stopped" in stopped
    assert [path.name for path in elsewhere.iterdir()] == ["home"], "all it keeps is in its home"


def _python(*arguments: str, cwd: Path | None = None, site: Path | None = None, **own: str) -> str:
    """Standard output of a Python process, with `site` before everything else on its path."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VIDPIPE_", "DAGSTER_", "PYTHON"))
    }
    path = {"PYTHONPATH": str(site)} if site else {}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=inherited | path | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
