"""`vidpipe bench`: finding the benchmarks of a checkout and printing what they measured."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vidpipe.cli import main

MODULE = """
def run():
    return {"ratio": 0.5}
"""


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with two benchmarks, one of which fails, and a module that is none."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "half.py").write_text(MODULE)
    (folder / "broken.py").write_text("\ndef run():\n    raise RuntimeError\n")
    (folder / "helper.py").write_text("def other():\n    pass\n")
    monkeypatch.setattr("vidpipe.cli.bench.CHECKOUT", tmp_path)
    return tmp_path


def test_all_benchmarks_make_one_json_document() -> None:
    ended = CliRunner().invoke(main, ["bench", "--json"])
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout) == {"broken": {"failed": True}, "half": {"ratio": 0.5}}
    assert ended.stderr == "measuring broken …\nmeasuring half …\n"


def test_a_named_benchmark_is_measured_alone() -> None:
    ended = CliRunner().invoke(main, ["bench", "half"])
    assert ended.stdout == 'half\n{\n  "ratio": 0.5\n}\n'


def test_a_benchmark_that_does_not_exist_is_named() -> None:
    ended = CliRunner().invoke(main, ["bench", "nothing-like-it"])
    assert ended.exit_code == 1
    assert "'nothing-like-it'; there are broken, half" in ended.stderr


def test_an_installed_vidpipe_has_no_benchmarks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vidpipe.cli.bench.CHECKOUT", tmp_path / "elsewhere")
    assert "from a checkout" in CliRunner().invoke(main, ["bench"]).stderr
