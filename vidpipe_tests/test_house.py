"""The house as CONTRIBUTING describes it: small files and functions, charters, names that exist."""

import ast
import re
from pathlib import Path

import pytest

import vidpipe

PACKAGE = Path(vidpipe.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 70
MODULES_IN_THE_ROOT = 12
MODULE = re.compile(r"(?<![\w/`])vidpipe(?:\.[a-z]\w*)+")


def name_of(module: Path) -> str:
    return str(module.relative_to(PACKAGE))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_is_small_and_says_what_it_is(module: Path) -> None:
    text = module.read_text("utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    assert len(text.splitlines()) <= LINES_OF_A_FILE
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_the_root_holds_few_modules() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= MODULES_IN_THE_ROOT


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_modules_that_a_charter_names_exist(module: Path) -> None:
    charter = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    assert [name for name in MODULE.findall(charter) if not is_known(name)] == []


def is_known(name: str) -> bool:
    """Whether it names a module, something that a module defines, or a relation of the database."""
    path = PACKAGE.joinpath(*name.split(".")[1:])
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    if path.parent.with_suffix(".py").exists():
        return path.name in path.parent.with_suffix(".py").read_text("utf-8")
    return f"vidpipe.{path.name}" in "".join(
        file.read_text("utf-8") for file in (PACKAGE.parent / "sql").rglob("*.sql")
    )
