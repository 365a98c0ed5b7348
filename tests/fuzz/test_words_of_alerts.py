"""Labels that try to be something else: a template, markup, a link, a line of a log."""

import json
import subprocess
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import yaml
from hypothesis import example
from hypothesis import strategies as st

from tests.fuzz.cases import cases
from tests.fuzz.hostile import NASTY, texts
from tests.fuzz.receiver import ALERT, NOTIFICATION, Receiver

ROOT = Path(__file__).parents[2]
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


CASES = ROOT / "tests" / "rules" / "alerts-drift.test.yml"
CASE = "CreditDecisionDrift fires, says what moved, and ends half a minute after the"


def renamed(case, model):
    """`case` of the tests of rules, with a model of another name."""
    for series in case["input_series"]:
        series["series"] = series["series"].replace(
            'model="m"', f"model={json.dumps(model)}"
        )
    for test in case["alert_rule_test"]:
        for alert in test["exp_alerts"]:
            alert["exp_labels"]["model"] = model
            said = alert["exp_annotations"]
            # As text, and in the URL of a dashboard as part of its query.
            said["description"] = said["description"].replace("m 1,", f"{model} 1,")
            said["dashboard_url"] = said["dashboard_url"].replace(
                "var-model=m", f"var-model={quote_plus(model)}"
            )
    return case


def test_a_template_prints_a_label_as_it_is(monitoring_binaries, tmp_path):
    cases = yaml.safe_load(CASES.read_text())
    [case] = [case for case in cases["tests"] if case["name"].startswith(CASE)]
    assert any(test["exp_alerts"] for test in case["alert_rule_test"])
    cases["rule_files"] = [str(CASES.parent / file) for file in cases["rule_files"]]
    model = "".join(text for text in NASTY if text not in ("\x00", "\ud800"))
    cases["tests"] = [renamed(case, model)]
    file = tmp_path / "hostile.test.yml"
    file.write_text(json.dumps(cases))
    command = [monitoring_binaries / "promtool", "test", "rules", file]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
