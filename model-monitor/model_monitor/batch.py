"""Counts the decisions of a job that runs now and then, such as every night.

    with to_textfile(card, "/var/lib/node_exporter/scores.prom") as monitor:
        count_rows(monitor, scored, score="score")

Prometheus counts what grows between two scrapes. So the counters of a job continue from
run to run, and they are there, at zero, before its first run counts anything.
"""

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from prometheus_client import (
    CollectorRegistry,
    generate_latest,
    push_to_gateway,
)
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.utils import floatToGoString

from .card import Card
from .card.refusals import Refused
from .counts import ProcessCounts
from .exposition import expose
from .families import START, families
from .monitor import Monitor

# Two scrapes a minute apart see the zeros.
ZERO_SECONDS = 150.0
TIMEOUT_SECONDS = 30.0

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


@contextmanager
def to_textfile(
    card: Card, path: str | Path, zero_seconds: float = ZERO_SECONDS
) -> Iterator[Monitor]:
    """A monitor that continues the counters in a file, for node_exporter to expose.

    The file is replaced when the block ends without an error; after an error nothing of
    this run is counted. Where there is no file yet, one with zeros is written first,
    and `zero_seconds` pass before the block begins, for Prometheus to see them. Raises
    `ValueError` if the file has the counters of another model.
    """
    file = Path(path)
    previous = file.read_text(encoding="utf-8") if file.exists() else ""
    _check_owner(card, file, previous)
    with _continued(card, previous, zero_seconds, _writer(file)) as monitor:
        yield monitor


@contextmanager
def to_pushgateway(
    card: Card,
    address: str,
    job: str,
    zero_seconds: float = ZERO_SECONDS,
) -> Iterator[Monitor]:
    """The same with a Pushgateway, such as http://pushgateway:9091.

    Raises `OSError` if it cannot be reached.
    """
    with urlopen(f"{address.rstrip('/')}/metrics", timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 # nosec B310
        previous = response.read().decode()

    def push(registry: CollectorRegistry) -> None:
        push_to_gateway(address, job, registry, timeout=TIMEOUT_SECONDS)

    with _continued(card, previous, zero_seconds, push, job) as monitor:
        yield monitor


def count_rows(
    monitor: Monitor, rows: Any, score: str = "score", decision: str | None = None
) -> int:
    """Counts rows that were scored. Returns how many were refused, and counted as that.

    `rows` is a DataFrame, an Arrow table, or mappings. Each has the inputs of the card,
    its score in the column `score`, and its decision in the column `decision`, unless
    that follows from the score. Other columns are ignored; a gap is an absent field.

    Raises `KeyError` if there is no such column.
    """
    refused = 0
    for row in _mappings(rows):
        fields = {
            name: row[name]
            for name in monitor.card.inputs
            if name in row and not _is_gap(row[name])
        }
        decided = row[decision] if decision else None
        try:
            monitor.count(fields, score=float(row[score]), decision=decided)
        except Refused:
            refused += 1
    return refused


@contextmanager
def _continued(
    card: Card,
    previous: str,
    zero_seconds: float,
    write: Callable[[CollectorRegistry], None],
    job: str = "",
) -> Iterator[Monitor]:
    samples = _samples(previous, job)
    started = samples.get(_key(START, *_identity(card)))
    if started is None:
        started = time.time()
        registry, counts = _registry(card, [0] * card.size, started)
        write(registry)
        time.sleep(zero_seconds)
    else:
        registry, counts = _registry(card, _former(card, samples), started)
    yield Monitor(card, counts=counts)
    write(registry)


def _check_owner(card: Card, file: Path, previous: str) -> None:
    owners = {
        dict(labels).get("model")
        for name, labels in _samples(previous, "")
        if name == START
    }
    if others := sorted(map(str, owners - {card.name})):
        raise ValueError(
            f"{file} has the counters of {', '.join(others)}: give {card.name} a file "
            "of its own"
        )


def _registry(
    card: Card, former: Sequence[int], started: float
) -> tuple[CollectorRegistry, ProcessCounts]:
    registry, counts = CollectorRegistry(), ProcessCounts(card.size)
    counts.restore(former)
    described = tuple(families(card, started))
    expose(registry, (card.name, card.version), described, counts)
    return registry, counts


def _former(card: Card, samples: Samples) -> list[int]:
    """The counts that lead to these samples. What is not among them is zero."""
    counts = [0] * card.size
    for family in families(card, 0.0):
        for sampled in family.samples:
            labels = sampled.labels(family).items()
            if family.kind == "counter" and sampled.high - sampled.low == 1:
                found = samples.get(_key(f"{family.name}_total", *labels), 0)
                counts[sampled.low] = int(found)
            elif family.kind == "histogram":
                below = 0
                for place, edge in enumerate((*sampled.edges, math.inf)):
                    le = ("le", floatToGoString(edge))
                    key = _key(f"{family.name}_bucket", *labels, le)
                    total = int(samples.get(key, below))
                    counts[sampled.low + place] = total - below
                    below = total
    return counts


def _samples(text: str, job: str) -> Samples:
    """The samples of an exposition; of a Pushgateway, those of a job."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = dict(sample.labels)
            if job and labels.pop("job", None) != job:
                continue
            if job:
                labels.pop("instance", None)
            found[_key(sample.name, *labels.items())] = sample.value
    return found


def _key(name: str, *labels: tuple[str, str]) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels)


def _identity(card: Card) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("model", card.name), ("model_version", card.version)


def _writer(file: Path) -> Callable[[CollectorRegistry], None]:
    """Replaces the file at once: a scrape sees the old or the new one."""

    def write(registry: CollectorRegistry) -> None:
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        temporary.write_bytes(generate_latest(registry))
        # node_exporter is another user.
        temporary.chmod(0o644)
        temporary.replace(file)

    return write


def _mappings(rows: Any) -> Iterable[Mapping[str, Any]]:
    if hasattr(rows, "to_pylist"):  # an Arrow table
        found: Iterable[Mapping[str, Any]] = rows.to_pylist()
    elif hasattr(rows, "to_dict"):  # a DataFrame
        found = rows.to_dict("records")
    else:
        found = rows
    return found


def _is_gap(value: Any) -> bool:
    return value is None or value != value or type(value).__name__ == "NAType"
