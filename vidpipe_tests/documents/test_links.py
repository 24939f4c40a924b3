"""Links of the documents lead somewhere: to files, to headings, to modules that exist."""

import re
import tomllib
from pathlib import Path

import pytest

from vidpipe_tests.documents.markdown import (
    CHECKOUT,
    anchors,
    code_words,
    documents,
    links,
    name_of,
    prose,
)

README_LINES = 150
GUIDES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/tutorial.md",
    "docs/uploads.md",
    "docs/data-engineers.md",
    "docs/searching.md",
    "docs/topics.md",
    "docs/reused-footage.md",
    "docs/architecture.md",
    "docs/decisions.md",
    "docs/settings.md",
    "docs/commands.md",
    "docs/responsible-use.md",
    "sql/README.md",
    "benchmarks/README.md",
    "deploy/README.md",
)


def test_all_documents_are_known() -> None:
    assert {name_of(document) for document in documents()} == set(GUIDES)


def test_the_readme_is_short() -> None:
    assert len((CHECKOUT / "README.md").read_text("utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading_of_it(document: Path) -> None:
    wrong = []
    for link in links(document):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_every_document_can_be_reached_from_the_readme(document: Path) -> None:
    reached, waiting = set(), [CHECKOUT / "README.md"]
    while waiting:
        here = waiting.pop()
        if here in reached or here.suffix != ".md":
            continue
        reached.add(here)
        paths = (link.partition("#")[0] for link in links(here) if "://" not in link)
        waiting += [(here.parent / path).resolve() for path in paths if path]
    assert document in reached


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_every_path_of_the_repository_that_is_named_exists(document: Path) -> None:
    """`vidpipe/…`, `sql/…`, `docs/…`, `deploy/…` and the other rooms, in code words."""
    rooms = r"(?:vidpipe|vidpipe_tests|sql|docs|deploy|benchmarks|\.ci)/[\w./-]*"
    named = [word for word in code_words(document) if re.fullmatch(rooms, word)]
    assert [path for path in named if not (CHECKOUT / path).exists()] == []


def test_the_layout_names_every_room_and_every_module_of_the_root() -> None:
    layout = (CHECKOUT / "CONTRIBUTING.md").read_text("utf-8").split("## Layout")[1].split("```")[1]
    root = CHECKOUT / "vidpipe"
    rooms = {f"{path.parent.name}/" for path in root.glob("*/__init__.py")}
    modules = {path.name for path in root.glob("[!_]*.py")}
    named = set(re.findall(r"[\w.]+/|[\w]+\.py", layout))
    assert sorted((rooms | modules) - named) == []
    assert sorted(name for name in named if name.endswith(".py") and name not in modules) == []


def test_the_diagram_shows_the_layers_of_the_contract_in_their_order() -> None:
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    [layers] = [one["layers"] for one in contracts if one["type"] == "layers"]
    drawn = (CHECKOUT / "docs" / "architecture.svg").read_text("utf-8")
    rows = re.findall(r'class="code" x="[^"]*" y="[^"]*">([^<]*)<', drawn)
    assert [set(row.split(" · ")) for row in rows] == [set(one.split(" | ")) for one in layers]


def test_the_diagram_and_the_flow_of_the_readme_name_the_daily_assets_and_topics() -> None:
    assets = {path.stem for path in (CHECKOUT / "vidpipe" / "assets").glob("[!_]*.py")}
    on_the_side = {"query_embeddings", "reuse_calibration", "saved_queries", "search_quality"}
    drawn = (CHECKOUT / "docs" / "architecture.svg").read_text("utf-8")
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    for name in assets - on_the_side:
        assert f">{name}<" in drawn
        assert name in readme
    for name in assets:
        assert f"`{name}`" in prose(CHECKOUT / "docs" / "architecture.md")
