"""What a caller sends is in no log, no label, no figure and no file."""

import re
from pathlib import Path

import pytest
import requests
from credit_analyzer.model import load
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.utils import floatToGoString

from stack.process import wait_until
from stack.system import Stack
from tests.credit_analyzer.deployment import MODELS, deploy

pytestmark = pytest.mark.end_to_end

API = "credit-analyzer:8000/api/v1/credit-analyzer/"
METRICS = "credit-analyzer:8001/metrics"
# What is nowhere else; whole as 32-bit floats, in which models are asked.
INCOME, LOAN = 9_173_641, 6_481_937
FAULTY_INCOME, FAULTY_LOAN = 8_362_519, 7_254_163
AMOUNTS = (INCOME, LOAN, FAULTY_INCOME, FAULTY_LOAN)
WORD = "Zq7kPersonal"
IDENTITY = ("model", load().card.name), ("model_version", "indiscreet_model")
COUNT = ("credit_monthly_income_brl_count", *IDENTITY)
FORM = (
    "education-level-bachelor=1&education-level-high-school=0&education-level-illiterate=0"
    "&education-level-master-or-doctoral=0&professional-type-aposentado=0"
    "&professional-type-clt=1&professional-type-freelancer=0"
)


def application(income=INCOME, loan=LOAN, **changes):
    amounts = {"loan_amount": loan, "monthly_income": income}
    return {"education_level": "Bachelor", "profession_type": "clt"} | amounts | changes


class Caller:
    """Sends the word in headers that a server may know, and in one that it may not."""

    HEADERS = dict.fromkeys(
        ("Cookie", "User-Agent", "Referer", "X-Forwarded-For", "X-Name"), WORD
    )

    def __init__(self, stack):
        self.stack = stack

    def __call__(self, method, where, status, **request):
        address, _, path = where.partition("/")
        url = f"{self.stack.url(address)}/{path}"
        request["headers"] = self.HEADERS | request.get("headers", {})
        answer = requests.request(method, url, timeout=5, **request)
        assert answer.status_code == status, answer.text


def decide(call):
    call("POST", API, 200, json=application())
    call("GET", f"{API}?loan-amount={LOAN}&monthly-income={INCOME}&{FORM}", 200)


def err(call):
    """Everything that goes wrong on the way of an application."""
    json_type = {"Content-Type": "application/json"}
    call("POST", API, 500, json=application(FAULTY_INCOME, FAULTY_LOAN))
    call("POST", API, 422, json=application(education_level=WORD))
    call("POST", API, 422, json=application(**{WORD: WORD}))
    call("POST", API, 422, json=application(loan=-LOAN))
    call("POST", API, 400, data=f'{{"monthly_income": {INCOME}', headers=json_type)
    call("POST", API, 413, data=f"{INCOME}" * 9_000, headers=json_type)
    call("POST", API, 415, data=f"{WORD}={INCOME}")
    call("GET", f"{API}?loan-amount={LOAN}&{WORD}={WORD}", 422)
    call("DELETE", f"{API}?{WORD}={INCOME}", 405)
    call(WORD, API, 501)
    call("GET", f"credit-analyzer:8000/{WORD}?{WORD}={INCOME}", 404)
    call("GET", f"{METRICS}?{WORD}={WORD}", 200)


def intrude(call):
    """What a client without the token says to the receiver."""
    token = {"Authorization": f"Bearer {WORD}"}
    for path in ("notifications", "watchdog"):
        where = f"webhook-receiver:8080/{path}"
        call("POST", where, 401, json={"alerts": [WORD]}, headers=token)
    call("GET", f"webhook-receiver:8080/alerts?limit={WORD}", 422)
    call("GET", f"webhook-receiver:8080/{WORD}?{WORD}={WORD}", 404)


def figures(stack):
    """The value of every series of the analyzer."""
    text = requests.get(stack.url(METRICS.split("/")[0]) + "/metrics", timeout=5).text
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """What is left of it: texts and bytes by where they were found, and what grew."""
    folder = tmp_path_factory.mktemp("personal")
    # It raises an error that quotes what it is asked.
    model = deploy(folder / "model", "indiscreet_model.IndiscreetModel", FAULTY_LOAN)
    with Stack(folder / "system", model=model, python_path=(MODELS,)) as stack:
        call = Caller(stack)
        before = figures(stack)
        call("POST", API, 200, json=application())
        wait_until(lambda: figures(stack)[COUNT] == 1, "one application to be counted")
        after = figures(stack)
        decide(call)
        err(call)
        intrude(call)
        stack.simulate("--seconds", "2").wait_until_done()
        wait_until(
            lambda: bool(stack.query("sum(credit_refused_applications_total) >= 7")),
            "Prometheus to scrape what was refused",
        )
        found = {
            "series": repr(stack.query('{__name__!=""}')),
            "alerts": repr(stack.alerts()),
            "analyzer's metrics": repr(figures(stack)),
        }
    for file in sorted((folder / "system").rglob("*")):
        if file.is_file():
            found[str(file)] = file.read_bytes().decode("latin-1")
    return found, {after[series] - before.get(series, 0) for series in after}


def test_it_is_looked_for_where_it_would_be(left):
    found, grown = left
    text = {Path(where).name: text for where, text in found.items()}
    assert "ValueError at /api/v1/credit-analyzer/" in text["credit-analyzer.log"]
    assert "unauthorized" in text["webhook-receiver.log"]
    assert "monthly_income_range" in text["series"]
    assert text["alerts.sqlite"]
    assert 1 in grown


def test_no_word_of_a_caller_is_left(left):
    found, _ = left
    word = WORD.lower()  # a client writes methods large
    assert [where for where, text in found.items() if word in text.lower()] == []


@pytest.mark.parametrize("amount", AMOUNTS)
def test_no_amount_is_left(left, amount):
    found, _ = left
    spellings = f"{amount}|{amount:,}|{re.escape(floatToGoString(amount))}"
    whole = re.compile(rf"(?<!\d)({spellings})(?!\d)")
    assert [where for where, text in found.items() if whole.search(text)] == []


def test_no_figure_grows_by_an_amount(left):
    _, grown = left
    assert not grown & {INCOME, LOAN, INCOME + LOAN}
