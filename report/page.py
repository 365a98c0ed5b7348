"""The page: one HTML file with everything in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import bars, distributions, evidence, mix, verdict, words
from .canvas import NARROW, WIDE, Size
from .record import Distribution, Record
from .series import FEWEST_APPLICATIONS, WINDOWS

# More would not be read.
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure for wide and one for narrow screens, and what it shows, in words."""

    title: str
    caption: str
    wide: Markup
    narrow: Markup


def render(record: Record, generated: datetime) -> str:
    """The page. What comes from outside is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        plain=words.plain, clock=words.clock, unbroken=words.unbroken
    )
    return environment.get_template("page.html").render(
        record=record,
        generated=generated,
        verdict=verdict,
        words=words,
        style=Markup((Path(__file__).parent / "page.css").read_text()),  # noqa: S704 (our own file)
        mix=_mix(record),
        evidence=_evidence(record) if record.drift else None,
        bars=_bars(record) if record.alerts else None,
        distributions=[*_distributions(record)],
        most_rows=MOST_ROWS,
    )


def _drawing(title: str, caption: str, draw: Callable[[Size], str]) -> Drawing:
    # Drawn here, and escaped where it was written.
    wide, narrow = (Markup(draw(size)) for size in (WIDE, NARROW))  # noqa: S704
    return Drawing(title, caption, wide, narrow)


def _mix(record: Record) -> Drawing:
    [of_decisions] = (d for d in record.distributions if d.signal == "decision")
    seen = "; ".join(
        f"{words.plain(stretch.name) or 'all together'}: "
        + ", ".join(
            f"{category} {words.percent(share)}"
            for category, share in zip(of_decisions.categories, observed, strict=True)
        )
        for stretch, observed in zip(
            record.stretches, of_decisions.observed, strict=True
        )
        if observed
    )
    caption = (
        f"Shares over the last {words.window(record.mix.window)}, if they held"
        f" {FEWEST_APPLICATIONS} applications. Dashed: what is expected. Triangle: an"
        f" alert. {seen[:1].upper()}{seen[1:]}."
    )
    return _drawing("Decision mix", caption, partial(mix.draw, record))


def signals(record: Record) -> tuple[str, ...]:
    """Those that are always shown, and of the others those that moved."""
    shown = [d.signal for d in record.distributions if d.signal in record.drift]
    told = {alert.row.signal for alert in record.alerts}
    moved = (
        signal
        for signal, drifts in sorted(record.drift.items())
        if signal in told or any(drift.is_significant for drift in drifts)
    )
    return tuple(dict.fromkeys([*shown, *moved]))


def _evidence(record: Record) -> Drawing:
    *short, longest = map(words.window, WINDOWS)
    caption = (
        "Left, the share that moved; right, how sure that is, in proportion up to"
        f" {evidence.PROPORTIONAL_NATS} nats and by its logarithm beyond."
        " Dashed: the thresholds."
        " Filled: significant, from when both are passed until the drift is over."
        " Triangles: alerts. Each point is of the window with"
        f" the most evidence, of {', '.join(short)} and {longest}, while somebody"
        " applies."
    )
    return _drawing(
        "Distance and evidence",
        caption,
        partial(evidence.draw, record, signals(record)),
    )


def _bars(record: Record) -> Drawing:
    more = len(record.alerts) - bars.MOST
    caption = (
        "From firing to resolved; the tick is when the receiver had stored it."
        " Red: critical, blue: warning, grey: for information."
    )
    if more > 0:
        caption += f" The first {bars.MOST}; {more} more are not drawn."
    return _drawing("Alerts", caption, partial(bars.draw, record))


def _distributions(record: Record) -> Iterator[tuple[Distribution, Drawing]]:
    for distribution in record.distributions:
        unit = f", {distribution.unit}" if distribution.unit else ""
        yield (
            distribution,
            _drawing(
                words.plain(distribution.signal) + unit,
                verdict.of_distribution(record, distribution),
                partial(distributions.draw, record, distribution),
            ),
        )
