"""Labels that try to be something else: a template, markup, a link, a line of a log."""

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.cases import cases
from tests.fuzz.hostile import NASTY, texts
from tests.fuzz.receiver import ALERT, NOTIFICATION, Receiver
from tests.rules import promtool
from tests.rules.fake_model import DECISION, HARD_TIMES, Model, Phase, series

TARGET = {"job": "j", "instance": "a"}
STEP = 5
# What a page that refreshes may hold: nothing that runs, frames or takes input.
TAGS = {
    *("html", "head", "meta", "title", "link", "body", "main", "header", "nav"),
    *("h1", "h2", "h3", "p", "a", "time", "ul", "ol", "li", "dl", "div", "dt", "dd"),
    *("span", "bdi", "wbr", "section"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "rel", "href", "class", "datetime"),
    *("aria-label", "aria-current", "data-state", "data-severity", "data-ok", "type"),
}

FORM = {"form", "label", "input", "button"}
FORM_ATTRIBUTES = {"role", "action", "for", "id", "value", "maxlength"}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    receiver = Receiver(tmp_path_factory.mktemp("receiver"))
    yield receiver
    receiver.close()


storable = texts.map(lambda text: text.encode(errors="replace").decode())
hostile = st.fixed_dictionaries(
    {
        "labels": st.fixed_dictionaries(
            dict.fromkeys(ALERT["labels"], storable),
            optional={"model_version": storable},
        ),
        "annotations": st.fixed_dictionaries(
            dict.fromkeys(ALERT["annotations"], storable)
        ),
        "generatorURL": storable,
    }
)


@cases(changes=hostile)
@example(changes={"labels": {"alertname": '"><script>'}})
@example(changes={"annotations": {"runbook_url": "javascript:alert(1)"}})
@example(changes={"generatorURL": "java\nscript://host/%0aalert(1)"})
def test_a_page_shows_the_texts_of_an_alert_as_text(receiver, parse, changes):
    alert = ALERT | changes
    receiver.clear()
    response, [line, *_] = receiver.notify(
        json.dumps(NOTIFICATION | {"alerts": [alert]}).encode()
    )
    assert response.status_code == 204
    assert (line["labels"], line["annotations"]) == (
        alert["labels"],
        alert["annotations"],
    )
    check_page(parse, receiver.client.get("/"), TAGS)
    # Only this one takes input: words to search for.
    query = {"refresh": "off", "q": alert["labels"]["alertname"][:100]}
    page = receiver.client.get("/", query_string=query)
    if page.status_code != 422:
        check_page(parse, page, TAGS | FORM)


def check_page(parse, page, tags):
    assert page.status_code == 200
    for element in parse(page.text).elements:
        attributes = {*element} - {"tag", "text", "inside"}
        assert element["tag"] in tags
        assert attributes <= ATTRIBUTES | (FORM_ATTRIBUTES if tags & FORM else set())
        if element["tag"] == "a":
            assert element["href"].startswith(("http://", "https://", "/"))
            assert not element["href"].startswith("//")


def test_a_text_has_a_label_as_it_is(monitoring_binaries, tmp_path):
    name = "".join(text for text in NASTY if text not in ("\x00", "\ud800"))
    model = Model((DECISION,), name=name)
    counts = model.counts([Phase(60), Phase(60, HARD_TIMES)], step=STEP)
    case = promtool.Case("hostile", series(model.samples(counts, 0), TARGET), step=STEP)
    case.external_labels = {"grafana_url": "https://g.example"}
    labels = {
        **TARGET,
        **DECISION.labels,
        "model": name,
        "model_version": "1",
        "direction": "DENIED",
        "severity": "critical",
    }
    del labels["instance"]
    annotations = {
        "summary": "A model's decisions are not in the expected proportions.",
        "description": f"{name} 1 decides DENIED for 87 % of applications; 50 %"
        " expected."
        " ANALYST 8 %, 20 % expected; APPROVED 5 %, 30 % expected."
        " Since 1970-01-01 00:01:05 UTC, 200 applications. No input moved with it."
        " First step: find what was deployed, and what changed at the sources of the"
        " inputs, at that time.",
        "runbook_url": "",
        "dashboard_url": "https://g.example/d/model"
        f"?var-model={quote_plus(name)}&var-version=1",
    }
    case.expect_alerts(80, "ModelDecisionDrift", (labels, annotations))
    promtool.run(
        monitoring_binaries / "promtool", tmp_path, [case], STEP, promtool.DRIFT
    )
