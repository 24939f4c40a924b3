"""Python that the documents show runs."""

import pytest

from vidpipe_tests.documents.markdown import Block, blocks, documents

BLOCKS = [block for document in documents() for block in blocks(document, "python")]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_python_of_the_documents_runs(block: Block) -> None:
    exec(compile(block.text, str(block), "exec"), {})
