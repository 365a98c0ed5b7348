"""Reads the shares of each signal's cells: in the reference, and as observed."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ..format import ends
from ..record import Signal
from ..timeline import Phase
from .cell_counts import Cell, CellCounts, cell
from .sources import Prometheus, window

# Labels that differ between the replicas of one service.
REPLICA = "instance, pod, container, container_id, endpoint, node, host"
ROLES = ("decision", "score", "input", "segment", "validity", "range")


def signals(
    prometheus: Prometheus,
    of_model: str,
    counts: CellCounts,
    intervals: Sequence[Phase],
    since: float,
    until: float,
) -> list[Signal]:
    """Each signal that has a reference, by role and name, without evidence of drift."""
    cells: dict[tuple[str, str, str], dict[Cell, float]] = defaultdict(dict)
    for found, share in _reference(prometheus, of_model, since, until).items():
        cells[found.signal, found.role, found.segment][found] = share
    units = _units(prometheus, of_model, since, until)
    return [
        _signal(cells[key], units.get(key, ""), counts, intervals)
        for key in sorted(cells, key=_place)
    ]


def _place(key: tuple[str, str, str]) -> tuple[int, str, str]:
    name, role, segment = key
    return (ROLES.index(role) if role in ROLES else len(ROLES)), name, segment


def _reference(
    prometheus: Prometheus, of_model: str, since: float, until: float
) -> Mapping[Cell, float]:
    of_cells = f'{{{of_model},kind=~"category|bucket"}}{window(since, until)}'
    found = prometheus.at(
        until,
        f"avg without ({REPLICA})"
        f" (last_over_time(model_cells_reference_ratio{of_cells}))",
    )
    return {cell(labels): share for labels, share in found}


def _units(
    prometheus: Prometheus, of_model: str, since: float, until: float
) -> Mapping[tuple[str, str, str], str]:
    found = prometheus.at(
        until,
        f"last_over_time(model_signal_info{{{of_model}}}{window(since, until)})",
    )
    return {cell(labels)[:3]: labels.get("unit", "") for labels, _ in found}


def _signal(
    reference: Mapping[Cell, float],
    unit: str,
    counts: CellCounts,
    intervals: Sequence[Phase],
) -> Signal:
    is_numeric = any(found.kind == "bucket" for found in reference)
    cells = (
        sorted(reference, key=lambda found: _rising(found.category))
        if is_numeric
        else sorted(reference, key=lambda found: (-reference[found], found.category))
    )
    by_cell = [
        counts.decisions(found.category, intervals)
        if found.role == "decision"
        else counts.observed(found, intervals)
        for found in cells
    ]
    return Signal(
        name=cells[0].signal,
        role=cells[0].role,
        segment=cells[0].segment,
        unit=unit,
        is_numeric=is_numeric,
        cells=tuple(found.category for found in cells),
        reference=tuple(reference[found] for found in cells),
        observed=tuple(shares(counted) for counted in zip(*by_cell, strict=True)),
    )


def shares(counted: Sequence[float]) -> tuple[float, ...] | None:
    """The shares of counts, or None if nothing was counted."""
    total = sum(counted)
    return tuple(count / total for count in counted) if total > 0 else None


def _rising(text: str) -> tuple[float, float]:
    """Sorts ranges from low to high. They are written for people: by their text."""
    low, high = ends(text)
    try:
        return float(low or "-inf"), float(high or "inf")
    except ValueError:
        return math.inf, math.inf
