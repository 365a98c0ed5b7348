import random

import pytest
from credit_analyzer.model import load
from credit_analyzer.query_form import QueryForm
from loan_application_simulator.applicants import draw
from loan_application_simulator.forms import break_one_field, fields_of, to_query
from model_monitor.reading import Reader

APPLICANTS = [draw(random.Random(seed)) for seed in range(50)]
CARD = load().card
FORM = QueryForm(CARD)
READ = Reader(CARD).read


@pytest.mark.parametrize("applicant", APPLICANTS[:5])
def test_the_analyzer_reads_the_same_from_both_forms(applicant):
    fields = fields_of(applicant)
    query = to_query(fields)
    assert set(query) == set(CARD.query.parameters)
    assert FORM.fields(query) == (fields, [])


@pytest.mark.parametrize("applicant", APPLICANTS)
def test_a_broken_application_is_refused_in_either_form(applicant):
    rng = random.Random(applicant.monthly_income)
    broken = break_one_field(rng, fields_of(applicant))
    assert READ(broken) is None
    fields, faults = FORM.fields(to_query(broken))
    assert faults or READ(fields, exact=False) is None
