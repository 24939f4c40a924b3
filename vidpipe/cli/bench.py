"""`vidpipe bench`: the project's benchmarks, each a ratio against a bound or a peer.

Belongs here: finding and running them. Does not: measuring (the package `benchmarks` of the
checkout, which is not installed with vidpipe: it needs peers and inputs that users do not).
"""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import click

from vidpipe.errors import UnknownName

CHECKOUT = Path(__file__).parents[2]


def bench(names: tuple[str, ...], *, as_json: bool) -> None:
    """Runs the named benchmarks, or all, each in a process of its own.

    Raises:
        UnknownName: there is no such benchmark, or no checkout.
    """
    known = available()
    if not known:
        raise UnknownName("benchmarks are run from a checkout of vidpipe: make bench")
    chosen = [name.replace("-", "_") for name in names] or known
    for name, module in zip(names, chosen, strict=False):
        if module not in known:
            raise UnknownName(f"there is no benchmark {name!r}; there are {', '.join(known)}")
    results = {}
    for name in chosen:
        click.echo(f"measuring {name} …", err=True)
        ended = subprocess.run(
            [sys.executable, "-c", _SCRIPT, name], cwd=CHECKOUT, check=False, stdout=subprocess.PIPE
        )
        results[name] = json.loads(ended.stdout) if ended.returncode == 0 else {"failed": True}
        if not as_json:
            click.echo(f"{name}\n{json.dumps(results[name], indent=2)}")
    if as_json:
        click.echo(json.dumps(results, indent=2))


_SCRIPT = (
    "import importlib, json, sys; "
    "print(json.dumps(importlib.import_module(f'benchmarks.{sys.argv[1]}').run(), default=str))"
)


def available() -> list[str]:
    """Benchmarks of the checkout that vidpipe runs from: modules with a function `run`."""
    folder = CHECKOUT / "benchmarks"
    return sorted(
        module.name
        for module in pkgutil.iter_modules([str(folder)])
        if "\ndef run(" in (folder / f"{module.name}.py").read_text(encoding="utf-8")
    )
