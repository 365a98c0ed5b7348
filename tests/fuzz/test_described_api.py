"""The API, held against its own description by schemathesis."""

import schemathesis
from credit_analyzer.model import load
from credit_analyzer.openapi import description
from hypothesis import settings

from tests.fuzz.cases import counted

described = schemathesis.openapi.from_dict(description(load().card))


# Its cases take a hundred times as long to make as the others.
@described.parametrize()
@settings(max_examples=settings.default.max_examples // 5)
@counted
def test_the_api_does_what_its_description_says(analyzer, case):
    before = analyzer.counts()
    case.call_and_validate(app=analyzer.app)
    found = analyzer.counts() - before
    assert found.total() in (0, 1, 3)
    assert set(found.values()) <= {1}
