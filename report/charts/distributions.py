"""Where each signal moved to: the observed shares beside those of the reference."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..format import percent, title
from ..record import ModelRecord, Record, Signal
from ..verdict import of_signal

# More columns would be too narrow for a page.
MAX_INTERVALS = 6


@dataclass(frozen=True, slots=True)
class Share:
    """A share as a bar, of `width` in percent of its cell."""

    value: float
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A cell of a signal: its share in the reference and in each interval."""

    name: str
    reference: Share
    observed: tuple[Share | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The distribution of a signal."""

    name: str
    title: str
    words: str
    lines: tuple[Line, ...]


def large(record: Record, of_model: ModelRecord) -> list[Table]:
    """The decisions, and the other signals that moved, the first first."""
    decisions = [s for s in of_model.signals if s.role == "decision"]
    return [
        Table(
            name="-".join(filter(None, (signal.name, signal.segment))),
            title=title(signal),
            words=of_signal(record, signal),
            lines=tuple(_lines(signal)),
        )
        for signal in dict.fromkeys([*decisions, *of_model.moved])
    ]


def _lines(signal: Signal) -> Iterator[Line]:
    shown = [o for o in signal.observed[:MAX_INTERVALS] if o]
    highest = max(max(shares) for shares in (signal.reference, *shown)) or 1.0

    def share(value: float) -> Share:
        return Share(value, percent(value), 100 * value / highest)

    for place, cell in enumerate(signal.cells):
        yield Line(
            cell,
            share(signal.reference[place]),
            tuple(
                share(observed[place]) if observed else None
                for observed in signal.observed[:MAX_INTERVALS]
            ),
        )


@dataclass(frozen=True, slots=True)
class QuietLine:
    """The cell of a quiet signal that was furthest from its reference."""

    title: str
    cell: str
    reference: str
    observed: tuple[str, ...]


def small(of_model: ModelRecord) -> list[QuietLine]:
    """The quiet signals but the decisions, by role and name."""
    quiet = of_model.quiet
    return [
        _quiet(signal)
        for signal in of_model.signals
        if signal in quiet and signal.role != "decision"
    ]


def _quiet(signal: Signal) -> QuietLine:
    seen = [observed for observed in signal.observed[:MAX_INTERVALS] if observed]
    off = [
        max((round(abs(o[place] - share), 6) for o in seen), default=0.0)
        for place, share in enumerate(signal.reference)
    ]
    place = off.index(max(off))
    return QuietLine(
        title(signal),
        signal.cells[place],
        percent(signal.reference[place]),
        tuple(
            percent(observed[place]) if observed else "–"
            for observed in signal.observed[:MAX_INTERVALS]
        ),
    )
