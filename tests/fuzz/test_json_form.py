"""The JSON form, beyond what its description can say."""

import json
from codecs import BOM_UTF8

from credit_analyzer.api import MAX_BODY_BYTES, PATH
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.analyzer import (
    EDUCATION_LEVELS,
    FIELDS,
    MAX_BRL,
    PROFESSION_TYPES,
    WRITTEN,
)
from tests.fuzz.cases import cases
from tests.fuzz.hostile import damaged, json_values, mutations, numbers, texts

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
    """What `body` applies for, or None if it must be refused."""
    if not isinstance(body, dict) or {*body} != {*FIELDS}:
        return None
    education, profession, *amounts = (body[field] for field in FIELDS)
    if education not in EDUCATION_LEVELS or profession not in PROFESSION_TYPES:
        return None
    for amount in amounts:
        if type(amount) not in (int, float) or not 1 <= amount <= MAX_BRL:
            return None
        if amount != int(amount):
            return None
    return education, profession, *amounts


@cases(body=st.one_of(applications, spoiled, json_values))
@example(body=VALID | {"loan_amount": 1e308})
@example(body=VALID | {"loan_amount": True})
@example(body={str(number): None for number in range(2_000)})
def test_a_body_is_decided_rightly_or_refused_and_counted_once(analyzer, body):
    before = analyzer.counts()
    sent = json.dumps(body)
    response = analyzer.send(
        "POST", PATH, data=sent, content_type="application/json; charset=utf-8"
    )
    application = application_in(body)
    assert len(response.data) < 10_000 + 7 * len(sent)
    if application is None:
        assert response.status_code in (400, 413, 422)
        analyzer.check_refused(before)
        return
    score, decision = analyzer.check_decided(before, application)
    assert response.json == {
        "score": score,
        "decision": decision,
        "model_version": WRITTEN["version"],
    }


encoded = st.sampled_from(
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp037"]
)
bodies = st.one_of(
    damaged(json.dumps(VALID).encode(), most=8),
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
    before = analyzer.counts()
    environ = {"CONTENT_TYPE": media_type}
    response = analyzer.send("POST", PATH, data=body, environ_overrides=environ)
    if response.status_code != 200:
        assert response.status_code in (400, 413, 415, 422)
        analyzer.check_refused(before)
        return
    fields = json.loads(body.decode("utf-8-sig"))
    analyzer.check_decided(before, application_in(fields))
