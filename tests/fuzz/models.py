"""A card of every kind of input, and what holds for any card that is accepted."""

import json

import jsonschema_rs
from credit_analyzer.api import PATH
from credit_analyzer.app import create_app
from credit_analyzer.model import Model
from credit_analyzer.openapi import description
from model_monitor import Monitor
from model_monitor.card.example import example
from model_monitor.drafting.reference import uniform_reference
from model_monitor.reading import Reader
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

EVERYTHING = {
    "name": "anything",
    "version": "1.2.3",
    "namespace": "thing",
    "description": "A model of nothing in particular.",
    "created": "2026-01-02T03:04:05+00:00",
    "file": "model.pkl",
    "sha256": "0" * 64,
    "library": {"scikit-learn": "1.9.1"},
    "inputs": {
        "colour": {"enum": ["red", "green"], "description": "Of its paint."},
        "country": {"enum": ["BR", "PT"], "other": True},
        "shape": {"enum": ["round", "square"], "optional": True},
        "member": {"type": "boolean"},
        "size": {
            "type": "integer",
            "unit": "cm",
            "minimum": 1,
            "maximum": 1000,
            "usual": [10, 100],
            "edges": [10, 20, 50],
        },
        "weight": {"type": "number", "edges": [0.5, 1.5], "optional": True},
    },
    "encoding": "one-hot",
    "columns": ["size", "colour=red", "colour=green", "country=other", "weight"],
    "features": ["size", "red", "green", "elsewhere", "weight"],
    "score": {"class": 1, "edges": [0.2, 0.4, 0.8], "description": "How good."},
    "decisions": {
        "names": ["NO", "MAYBE", "YES"],
        "from": [0.4, 0.8],
        "expected": [0.5, 0.2, 0.3],
    },
    "segments": ["colour"],
    "tolerance": {"*": 0.02, "decision": 0.01},
    "critical": {"decision": 0.06},
    "false_alarm_days": 90,
    "query": {
        "parameters": {
            "is-red": "colour=red",
            "is-green": "colour=green",
            "country": "country",
            "member": "member",
            "size": "size",
            "weight": "weight",
        },
        "answer": {"score": "s", "decision": "d", "texts": {"NO": "no"}},
    },
}
EVERYTHING["reference"] = uniform_reference(EVERYTHING)


class FixedScorer:
    """Gives every application the same score and decision."""

    def outcome(self, row):
        return 0.5, 1


def check_works(card):
    """A card that was accepted is one with which everything works."""
    application = example(card)
    assert Reader(card).read(application) is not None
    registry = CollectorRegistry()
    client = create_app(Model(card, FixedScorer()), registry).test_client()
    answer = client.post(PATH, json=application)
    assert answer.status_code == 200
    decision = card.decisions.names[1]
    assert answer.json["decision"] == decision
    assert answer.json["model_version"] == card.version
    for page in ("/", "/docs"):
        assert client.get(page).status_code == 200
    described = description(card)
    assert json.loads(client.get("/openapi.json").data) == described
    _check_described(described, application)
    if card.query:
        [query] = described["paths"][PATH]["get"]["parameters"]
        answer = client.get(PATH, query_string=query["example"])
        assert answer.status_code == 200
        found = json.loads(answer.json)
        text = card.query.texts.get(decision, decision)
        assert found[card.query.decision] == text
    check_exposition(generate_latest(registry).decode())


def _check_described(described, application):
    body = described["paths"][PATH]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.validate(schema, application)


def check_exposition(text):
    """It parses, and no series is in it twice. Returns its samples."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series = sample.name, frozenset(sample.labels.items())
            assert series not in found
            found[series] = sample.value
    return found


def monitored(card):
    """A monitor with a registry of its own."""
    registry = CollectorRegistry()
    return Monitor(card, registry), registry
