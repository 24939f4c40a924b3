"""The systemd units: systemd understands them, their commands exist, and they may do little."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vidpipe.settings import Settings
from vidpipe_tests.documents.markdown import CHECKOUT

FOLDER = CHECKOUT / "deploy" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
INSTALLED = "/opt/vidpipe/bin/"
ABSENT = "there is no systemd-analyze on this machine: apt-get install systemd"
MOST_EXPOSED = 2.0  # of 10, as `systemd-analyze security` counts


@pytest.fixture(scope="module")
def _systemd() -> None:
    """Without systemd these tests are skipped; where `CI` is set they fail."""
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("CI"):
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)


def analysed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, check=False
    )


def commands(unit: Path) -> list[list[str]]:
    """The command lines of a unit, without the marks that systemd puts before them."""
    lines = re.findall(r"^Exec\w+=[-@:+!]*(.*)$", unit.read_text("utf-8"), re.M)
    return [shlex.split(line) for line in lines]


def lines_of(file: Path) -> list[str]:
    return [line for line in file.read_text("utf-8").splitlines() if line[:1] not in ("", "#")]


@pytest.mark.usefixtures("_systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    # Its programs lie in this environment, not where an operator installs them.
    here = str(Path(sys.executable).parent) + "/"
    for other in UNITS:
        text = other.read_text("utf-8").replace(INSTALLED, here)
        (tmp_path / other.name).write_text(text, encoding="utf-8")
    ended = analysed("verify", "--recursive-errors=no", str(tmp_path / unit.name))
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@pytest.mark.usefixtures("_systemd")
def test_systemd_refuses_what_it_does_not_understand(tmp_path: Path) -> None:
    broken = tmp_path / "vidpipe.service"
    text = UNITS[0].read_text("utf-8").replace("ProtectSystem=strict", "ProtectSystem=very")
    broken.write_text(text, encoding="utf-8")
    assert "protect system value" in analysed("verify", str(broken)).stderr


@pytest.mark.usefixtures("_systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_unit_may_do_little(unit: Path) -> None:
    ended = analysed("security", "--offline=yes", "--no-pager", str(unit))
    [exposure] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", ended.stdout)
    assert float(exposure) <= MOST_EXPOSED
    lines = lines_of(unit)
    for line in ("User=vidpipe", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0027"):
        assert line in lines
    assert [line for line in lines if line.startswith("ReadWritePaths=")] == [
        "ReadWritePaths=/var/lib/vidpipe"
    ]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_command_of_a_unit_can_be_typed(unit: Path) -> None:
    for program, *arguments in commands(unit):
        assert program.startswith(INSTALLED)
        script = Path(sys.executable).parent / program.removeprefix(INSTALLED)
        assert script.exists()
        options = {word for word in arguments if word.startswith("--")}
        words = [word for word in arguments if re.fullmatch(r"[a-z][a-z-]*", word)]
        subcommand = words[: 2 if words[:1] in (["db"], ["api"]) else 1]
        if script.name == "dagster-webserver":
            subcommand = []
        helped = subprocess.run(
            [script, *subcommand, "--help"], capture_output=True, text=True, check=True
        )
        assert [one for one in options if one not in helped.stdout] == []


def test_there_is_one_unit_for_a_host_and_three_for_several() -> None:
    names = {unit.stem for unit in UNITS}
    assert names == {"vidpipe", "vidpipe-code", "vidpipe-daemon", "vidpipe-webserver"}
    text = (FOLDER / "vidpipe.service").read_text("utf-8")
    assert "DAGSTER_HOME" not in text, "vidpipe up names its own"


def test_every_variable_of_the_environment_file_is_a_setting_or_is_used_by_a_unit() -> None:
    text = (FOLDER / "vidpipe.env").read_text("utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.M))
    settings = {f"VIDPIPE_{name.upper()}" for name in Settings.model_fields}
    others = {name for name in named - settings if not name.startswith("AWS_")}
    assert others == {"CODE_LOCATION_LISTEN", "CODE_LOCATION_HOST"}
    used = "".join(unit.read_text("utf-8") for unit in UNITS)
    used += (CHECKOUT / "deploy" / "workspace.yaml").read_text("utf-8")
    assert [name for name in others if name not in used] == []
