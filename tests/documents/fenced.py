"""Code blocks of the documents."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blocks(document, language):
    """The texts of the blocks of a document, which is a path in the repository."""
    text = (ROOT / document).read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def promql(document):
    """The queries of a document. Raises `AssertionError` if it has none."""
    found = blocks(document, "promql")
    assert found, document
    return found
