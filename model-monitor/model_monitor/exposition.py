"""Writes counts out as metrics, at each scrape."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from threading import Lock
from weakref import WeakKeyDictionary

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from prometheus_client.utils import floatToGoString

from .counts import ProcessCounts
from .families import Family, Sampled


class _Model:
    """The families of one model. Labels and constants are the same at each scrape."""

    def __init__(self, families: Sequence[Family], counts: ProcessCounts) -> None:
        self._counts = counts
        self._varying = [
            (family, sampled, sampled.labels(family))
            for family in families
            if family.kind != "gauge"
            for sampled in family.samples
        ]
        self.constants = [
            (family, Sample(family.name, sampled.labels(family), sampled.constant))
            for family in families
            if family.kind == "gauge"
            for sampled in family.samples
        ]

    def samples(self) -> Iterator[tuple[Family, Sample]]:
        """Every sample with its family, all of one moment."""
        below = [0, *accumulate(self._counts.snapshot())]
        for family, sampled, labels in self._varying:
            if family.kind == "counter":
                value = below[sampled.high] - below[sampled.low]
                yield family, Sample(f"{family.name}_total", labels, value)
            else:
                for sample in _buckets(family.name, labels, sampled, below):
                    yield family, sample
        yield from self.constants


class ModelCollector(Collector):
    """The metric families of every model in a registry of prometheus-client.

    Models share families, so one collector has to write all of them.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._families: dict[str, Family] = {}
        self._models: dict[tuple[str, str], _Model] = {}

    def add(
        self,
        identity: tuple[str, str],
        families: Sequence[Family],
        counts: ProcessCounts,
    ) -> None:
        """Adds a model. Raises `ValueError` if it is there, or a name is taken."""
        if identity in self._models:
            name, version = identity
            raise ValueError(f"the registry already has metrics of {name} {version}")
        for family in families:
            shared = self._families.get(family.name, family)
            if (shared.kind, shared.labels) != (family.kind, family.labels):
                raise ValueError(
                    f"another model has a {shared.kind} {family.name} with the labels "
                    f"{', '.join(shared.labels)}; give this one another namespace"
                )
        before = dict(self._families)
        self._families |= {f.name: f for f in families if f.name not in before}
        if self._models:
            self._registry.unregister(self)
        try:
            self._registry.register(self)
        except ValueError:
            self._families = before
            if self._models:
                self._registry.register(self)
            raise
        self._models[identity] = _Model(families, counts)

    def describe(self) -> Iterator[Metric]:
        """The families without samples, for the registry to find duplicates."""
        return (_metric(family) for family in self._families.values())

    def collect(self) -> Iterator[Metric]:
        """The families with their samples; of each model, all of one moment."""
        metrics = {name: _metric(family) for name, family in self._families.items()}
        for model in self._models.values():
            for family, sample in model.samples():
                metrics[family.name].samples.append(sample)
        return iter(metrics.values())


_collectors: WeakKeyDictionary[CollectorRegistry, ModelCollector] = WeakKeyDictionary()
_lock = Lock()


def expose(
    registry: CollectorRegistry,
    identity: tuple[str, str],
    families: Sequence[Family],
    counts: ProcessCounts,
) -> None:
    """Adds a model to `registry`. Raises `ValueError` if that cannot be."""
    with _lock:
        collector = _collectors.get(registry) or ModelCollector(registry)
        collector.add(identity, families, counts)
        _collectors[registry] = collector


def _metric(family: Family) -> Metric:
    return Metric(family.name, family.help, family.kind)


def _buckets(
    name: str, labels: dict[str, str], sampled: Sampled, below: list[int]
) -> Iterator[Sample]:
    """A histogram without its sum.

    When one person applies between two scrapes, the sum has grown by her number. No
    rule and no panel needs it: they compare shares.
    """
    edges = (*sampled.edges, float("inf"))
    for place, edge in enumerate(edges, start=sampled.low + 1):
        le = labels | {"le": floatToGoString(edge)}
        yield Sample(f"{name}_bucket", le, below[place] - below[sampled.low])
    total = below[sampled.low + len(edges)] - below[sampled.low]
    yield Sample(f"{name}_count", labels, total)
