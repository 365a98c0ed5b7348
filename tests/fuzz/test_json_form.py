"""The JSON form, beyond what its description can say."""

import json
from codecs import BOM_UTF8

from credit_analyzer.api import MAX_BODY_BYTES, PATH
from credit_analyzer.application import (
    CATEGORIES,
    EDUCATION_LEVELS,
    FIELDS,
    MAX_BRL,
    PROFESSION_TYPES,
    USUAL_RANGE_BRL,
    LoanApplication,
)
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.cases import cases
from tests.fuzz.hostile import json_values, mutations, numbers, texts

amounts = st.one_of(st.integers(1, 120_000), numbers, st.floats(1, 1e5).map(round))
applications = st.fixed_dictionaries(
    {
        "education_level": st.sampled_from(EDUCATION_LEVELS),
        "profession_type": st.sampled_from(PROFESSION_TYPES),
        "loan_amount": amounts,
        "monthly_income": amounts,
    }
)
spoiled = applications.flatmap(mutations)
VALID = {
    "education_level": "Bachelor",
    "profession_type": "clt",
    "loan_amount": 20_000,
    "monthly_income": 5_000,
}


def application_in(body):
    """What `body` applies for, or None if that is not to be decided."""
    if not isinstance(body, dict) or {*body} != {*FIELDS}:
        return None
    for field, known in CATEGORIES.items():
        if not isinstance(body[field], str) or body[field] not in known:
            return None
    for field in USUAL_RANGE_BRL:
        amount = body[field]
        if (
            type(amount) not in (int, float)
            or amount != amount
            or abs(amount) > MAX_BRL
        ):
            return None
        if amount < 1 or amount != int(amount):
            return None
    return LoanApplication(**body)


@cases(body=st.one_of(applications, spoiled, json_values))
@example(body=VALID | {"loan_amount": 1e308})
@example(body={str(number): None for number in range(2_000)})
def test_a_body_is_decided_rightly_or_refused_and_counted_once(analyzer, body):
    before = analyzer.outcomes()
    sent = json.dumps(body)
    response = analyzer.send(
        "POST", PATH, data=sent, content_type="application/json; charset=utf-8"
    )
    [(outcome, times)] = (analyzer.outcomes() - before).items()
    application = application_in(body)
    assert times == 1
    assert len(response.data) < 10_000 + 7 * len(sent)
    if application is None:
        assert response.status_code in (400, 413, 422)
        assert outcome[0] == "credit_invalid_applications_total"
        return
    score, decision = analyzer.expected(application)
    segment = application.education_level, application.profession_type
    assert outcome == ("credit_decisions_total", *outcome[1:3], decision, *segment)
    assert response.json == {
        "score": score,
        "decision": decision,
        "model_version": outcome[2],
    }


@st.composite
def damaged(draw):
    """The bytes of a valid body, with some of them changed."""
    body = bytearray(json.dumps(VALID).encode())
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(start + 8, len(body))))
        body[start:end] = draw(st.binary(max_size=6))
    return bytes(body)


encoded = st.sampled_from(
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp037"]
)
bodies = st.one_of(
    damaged(),
    st.binary(max_size=100),
    encoded.map(json.dumps(VALID).encode),
    st.integers(1, 20_000).map(lambda depth: b"[" * depth),
    st.integers(1, 3_000).map(lambda depth: b'{"a":' * depth),
    st.integers(MAX_BODY_BYTES - 200, MAX_BODY_BYTES + 2).map(
        lambda size: json.dumps(VALID).encode().ljust(size)
    ),
)
media_types = st.one_of(
    st.sampled_from(
        [
            "application/json",
            "application/json;charset=x",
            "text/json",
            "APPLICATION/JSON",
        ]
    ),
    texts.map(lambda text: text.encode("latin-1", "replace").decode("latin-1")),
)


@cases(body=bodies, media_type=media_types)
@example(body=BOM_UTF8 + json.dumps(VALID).encode(), media_type="application/json")
@example(body=b'{"loan_amount": 1, "loan_amount": 2}', media_type="application/json")
@example(body=b"9" * 5_000, media_type="application/json")
def test_any_bytes_of_any_type_are_answered_and_counted_once(
    analyzer, body, media_type
):
    before = analyzer.outcomes()
    environ = {"CONTENT_TYPE": media_type}
    response = analyzer.send("POST", PATH, data=body, environ_overrides=environ)
    [(outcome, times)] = (analyzer.outcomes() - before).items()
    assert times == 1
    decided = outcome[0] == "credit_decisions_total"
    assert decided == (response.status_code == 200)
    assert response.status_code in (200, 400, 413, 415, 422)
