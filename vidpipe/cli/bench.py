"""`vidpipe bench`: the project's benchmarks, each a ratio against a bound or a peer.

Belongs here: finding them, and running each in a process of its own. Does not: measuring (the
package `benchmarks` of the checkout, which is not installed with vidpipe: it needs peers and inputs
that users do not).
"""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import click

from vidpipe.cli.options import json_option
from vidpipe.cli.output import print_json
from vidpipe.errors import UnknownName

CHECKOUT = Path(__file__).parents[2]


# What the process of one benchmark runs.
SCRIPT = (
    "import importlib, json, sys; "
    "print(json.dumps(importlib.import_module(f'benchmarks.{sys.argv[1]}').run(), default=str))"
)


@click.command()
@click.argument("names", nargs=-1)
@json_option
def bench(names: tuple[str, ...], as_json: bool) -> None:
    """Measure speed as ratios against a bound or a peer (all, or the named benchmarks)."""
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
            [sys.executable, "-c", SCRIPT, name], cwd=CHECKOUT, check=False, stdout=subprocess.PIPE
        )
        results[name] = json.loads(ended.stdout) if ended.returncode == 0 else {"failed": True}
        if not as_json:
            click.echo(f"{name}\n{json.dumps(results[name], indent=2)}")
    if as_json:
        print_json(results)


def available() -> list[str]:
    """Names of the checkout's benchmarks: modules with a function `run`."""
    folder = CHECKOUT / "benchmarks"
    return sorted(
        module.name
        for module in pkgutil.iter_modules([str(folder)])
        if not module.ispkg
        and "\ndef run(" in (folder / f"{module.name}.py").read_text(encoding="utf-8")
    )
