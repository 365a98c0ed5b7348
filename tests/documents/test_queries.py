"""The queries of the README and the pages, asked of a real system while it drifts."""

import re
from functools import partial
from unittest.mock import patch

import pytest

from stack import configuration
from stack.process import wait_until
from stack.system import Stack
from tests.documents import pages as documents
from tests.system.drifting import hard_times, hastened

pytestmark = pytest.mark.end_to_end

QUERIES = documents.queries(documents.README, *documents.PAGES)
# These show what is wrong, and nothing is.
SILENT = re.compile(r"alertmanager_notification_requests_failed_total")
SECONDS = 180
# Applications a second.
RATE = 50


@pytest.fixture(scope="module")
def drifting(tmp_path_factory):
    """The system in hard times, one application of ten malformed."""
    folder = tmp_path_factory.mktemp("queries")
    file = hard_times(folder / "hard-times.jsonl")
    with (
        patch.object(configuration, "ROOT", hastened(folder / "root")),
        Stack(folder / "system") as stack,
    ):
        replay = ("--rate", str(RATE), "--replay", f"{file}={2 * SECONDS}")
        simulator = stack.simulate(*replay)
        yield stack
        simulator.stop()


@pytest.mark.parametrize(("document", "query"), QUERIES)
def test_a_query_has_an_answer_while_something_drifts(drifting, document, query):
    if SILENT.search(query):
        drifting.query(query)
        return
    wait_until(partial(drifting.query, query), f"{document}: {query}", SECONDS)


def test_most_queries_of_the_pages_show_something():
    assert len([q for _, q in QUERIES if SILENT.search(q)]) <= 1
    assert len(QUERIES) > 20
