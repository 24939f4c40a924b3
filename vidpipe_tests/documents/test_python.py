"""Python that the documents show runs, in a folder where a topic run was made."""

from pathlib import Path

import pytest

from vidpipe.settings import Settings
from vidpipe.stores.database import connect
from vidpipe.topics.run import make_run
from vidpipe_tests.documents.markdown import Block, blocks, documents
from vidpipe_tests.topics.corpora import WEEK, corpus_of_accounts, ingest

BLOCKS = [block for document in documents() for block in blocks(document, "python")]


@pytest.fixture(scope="module")
def working_folder(
    module_database_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with the `.vidpipe` of an installation that has made one topic run."""
    folder = tmp_path_factory.mktemp("working")
    settings = module_database_settings.model_copy(update={"home": folder / ".vidpipe"})
    with connect(settings, autocommit=True) as connection:
        ingest(connection, corpus_of_accounts())
    assert make_run(settings, WEEK).run_no == 1
    return folder


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_python_of_the_documents_runs(
    block: Block, working_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(working_folder)
    exec(compile(block.text, str(block), "exec"), {})
