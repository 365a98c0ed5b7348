import random

import pytest
from credit_analyzer.application import COLUMNS, InvalidApplication, parse
from credit_analyzer.query_form import parse_query
from loan_application_simulator.applicants import draw
from loan_application_simulator.forms import break_one_field, fields_of, to_query
from werkzeug.datastructures import MultiDict

APPLICANTS = [draw(random.Random(seed)) for seed in range(50)]


@pytest.mark.parametrize("applicant", APPLICANTS[:5])
def test_the_analyzer_reads_the_same_from_both_forms(applicant):
    fields = fields_of(applicant)
    assert set(to_query(fields)) == set(COLUMNS)
    assert parse_query(MultiDict(to_query(fields))) == parse(fields)


@pytest.mark.parametrize("applicant", APPLICANTS)
def test_a_broken_application_is_refused_in_either_form(applicant):
    rng = random.Random(applicant.monthly_income)
    broken = break_one_field(rng, fields_of(applicant))
    with pytest.raises(InvalidApplication):
        parse(broken)
    with pytest.raises(InvalidApplication):
        parse_query(MultiDict(to_query(broken)))
