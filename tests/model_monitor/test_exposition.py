"""A registry is written as prometheus-client writes it, only sooner."""

import prometheus_client
from model_monitor import Card, Monitor
from model_monitor.exposition import generate_latest
from prometheus_client import CollectorRegistry, Counter, Histogram

from .conftest import APPLICATION, with_reference


def families(text):
    """The lines of each family, which may stand in any order."""
    parts = text.decode().split("# HELP ")
    return {part.partition(" ")[0]: part for part in parts if part}


def both(registry):
    """What it writes, and what the library writes."""
    return families(generate_latest(registry)), families(
        prometheus_client.generate_latest(registry)
    )


def test_models_are_written_as_the_library_writes_them(fields, registry):
    for version in "1", "2":
        monitor = Monitor(Card.from_fields(fields | {"version": version}), registry)
    row, counts = monitor.read(APPLICATION)
    # A million and more is 1.1e+06 in the text.
    for _ in range(11):
        monitor.decided((row, counts * 100_000), 0.5)
    written, expected = both(registry)
    assert written == expected
    assert "e+06" in written["model_cells_total"]


def test_whatever_characters_a_card_has(fields, registry):
    odd = ['"quoted"', "back\\slash", "a\u2028b", "x} 1", "ü=1,"]
    fields["inputs"]["colour"] = {"enum": odd, "description": "one of\\them"}
    fields |= {"encoding": "fields", "columns": ["colour", "size"]}
    Monitor(Card.from_fields(with_reference(fields)), registry)
    written, expected = both(registry)
    assert written == expected


def test_metrics_of_others_are_written_too(monitor, registry):
    Counter("asked", "Requests.", ["by"], registry=registry).labels("a\nb").inc()
    Histogram("took", "Seconds.", registry=registry).observe(0.1)
    written, expected = both(registry)
    assert written == expected
    assert {"asked_total", "took", "model_cells_total"} <= written.keys()


def test_a_registry_without_a_model_is_written(registry):
    assert generate_latest(CollectorRegistry()) == b""
