"""The counts of a model, in this process or in files that several processes share."""

from collections.abc import Iterable
from threading import Lock
from typing import Protocol

from prometheus_client import values
from prometheus_client.utils import floatToGoString

from .families import START, Family, Sampled


class Counts(Protocol):
    """Whole numbers that only rise."""

    def add(self, places: Iterable[int]) -> None:
        """Adds one at each of `places`."""


class ProcessCounts:
    """Counts of this process. A snapshot never holds half of an application."""

    def __init__(self, size: int) -> None:
        self._counts = [0] * size
        self._lock = Lock()

    def add(self, places: Iterable[int]) -> None:
        """Adds one at each of `places`, all at once."""
        counts = self._counts
        with self._lock:
            for place in places:
                counts[place] += 1

    def snapshot(self) -> list[int]:
        """All counts, of one moment."""
        with self._lock:
            return self._counts.copy()

    def restore(self, counts: Iterable[int]) -> None:
        """Goes on from the `counts` of a former run."""
        with self._lock:
            self._counts = list(counts)


def is_shared() -> bool:
    """Whether prometheus-client is in its multiprocess mode.

    It is if PROMETHEUS_MULTIPROC_DIR was set when prometheus-client was imported.
    """
    return bool(values.ValueClass._multiprocess)


class SharedCounts:
    """Counts of several processes, in files of prometheus-client's multiprocess mode.

    There a scrape reads the files and knows of no collector, so each sample of
    `families` is a value in a file. A scrape may see half of an application. Gauges are
    there for as long as a process that set them lives.
    """

    def __init__(self, size: int, families: Iterable[Family]) -> None:
        self._values: list[list[_Value]] = [[] for _ in range(size)]
        for family in families:
            for sampled in family.samples:
                self._place(family, sampled)

    def _place(self, family: Family, sampled: Sampled) -> None:
        labels = sampled.labels(family)
        if family.kind == "gauge":
            # Counts of a process that ended stay in its file, and so does their start.
            mode = "min" if family.name == START else "livemax"
            _value(family, "", labels, mode=mode).set(sampled.constant)
        elif family.kind == "counter":
            shared = _value(family, "_total", labels)
            for place in range(sampled.low, sampled.high):
                self._values[place].append(shared)
        else:
            for place, edge in enumerate((*sampled.edges, float("inf"))):
                bucket = labels | {"le": floatToGoString(edge)}
                shared = _value(family, "_bucket", bucket)
                self._values[sampled.low + place].append(shared)

    def add(self, places: Iterable[int]) -> None:
        """Adds one at each of `places`, one after the other."""
        for place in places:
            for shared in self._values[place]:
                shared.inc(1)


class _Value(Protocol):
    """A number in a file."""

    def inc(self, amount: float) -> None:
        """Adds `amount`."""

    def set(self, value: float) -> None:
        """Replaces it."""


def _value(
    family: Family, suffix: str, labels: dict[str, str], mode: str = ""
) -> _Value:
    created: _Value = values.ValueClass(
        family.kind,
        family.name,
        family.name + suffix,
        tuple(labels),
        tuple(labels.values()),
        family.help,
        multiprocess_mode=mode,
    )
    return created
