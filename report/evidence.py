"""Draws distance and evidence, a row for each signal."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from . import timeaxis
from .canvas import BLUE, BOLD_LETTER, INK, MUTED, WASH, WIDE, Canvas, Size, svg
from .record import Record
from .words import fired, plain

LEFT, GAP, RIGHT = 38, 78, 38
ROW, TITLE, BOTTOM = 112, 24, 26
PANEL = ROW - TITLE - 12
# Room for the names of the phases, above the first panels.
PHASES = 36
# Evidence is in proportion up to here, and its logarithm beyond.
PROPORTIONAL_NATS = 20


def draw(record: Record, signals: Sequence[str], size: Size) -> str:
    """Both with their thresholds; filled while the drift is significant."""
    width = (size.width - LEFT - GAP - RIGHT) / 2
    drifts = [drift for signal in signals for drift in record.drift[signal]]
    far = max((drift.distance for drift in drifts), default=0.0)
    most = max((drift.nats for drift in drifts), default=0.0)

    phases = PHASES if size is WIDE and record.phases else 0
    head = TITLE + phases

    def fill(canvas: Canvas) -> None:
        for number, signal in enumerate(signals):
            top = head + number * ROW + TITLE
            distance = canvas.axes(LEFT, top, width, PANEL)
            evidence = canvas.axes(LEFT + width + GAP, top, width, PANEL)
            is_first, is_last = number == 0, number == len(signals) - 1
            for axes in (distance, evidence):
                is_named = is_first and size is WIDE
                timeaxis.draw(axes, record, names=is_named, ticks=is_last)
            distance.set_ylim(0, max(0.2, 1.1 * far))
            evidence.set_yscale("symlog", linthresh=PROPORTIONAL_NATS)
            evidence.set_yticks([0, 10, 100], ["0", "10", "100"])
            evidence.set_ylim(0, max(150, 1.5 * most))
            _panel(distance, record, signal, record.thresholds.distance, "distance")
            _panel(evidence, record, signal, record.thresholds.nats, "nats")
            above = (phases if is_first else 0) + 6
            _title(distance, record, signal, above)
            if is_first:
                _write(distance, "distance, a share", 0, above + TITLE, MUTED)
                _write(evidence, "evidence, in nats", 0, above + TITLE, MUTED)

    height = head + len(signals) * ROW - 12 + BOTTOM
    return svg(f"drift-{size.name}", size.width, height, fill)


def _title(axes: Axes, record: Record, signal: str, above: float) -> None:
    told = [a.row for a in record.alerts if a.row.signal == signal]
    words = f"alert {fired(record, told[0])}" if told else "no alert"
    _write(axes, plain(signal), 0, above, INK, "bold")
    _write(axes, words, 8 + BOLD_LETTER * len(signal), above, MUTED)


def _write(
    axes: Axes, words: str, right: float, above: float, colour: str, weight: str = ""
) -> None:
    """Writes so many pixels right of and above the upper left corner of `axes`."""
    axes.annotate(
        words,
        (0, 1),
        xytext=(right, above),
        xycoords="axes fraction",
        textcoords="offset points",
        color=colour,
        fontweight=weight or "normal",
    )


def _panel(
    axes: Axes, record: Record, signal: str, threshold: float, figure: str
) -> None:
    drifts = record.drift[signal]
    points = [(drift.time, max(getattr(drift, figure), 0.0)) for drift in drifts]
    axes.plot(*timeaxis.broken(points), color=BLUE, linewidth=1.5)
    axes.fill_between(
        [moment for moment, _ in points],
        [value for _, value in points],
        where=[drift.is_significant for drift in drifts],
        color=WASH,
        linewidth=0,
    )
    axes.axhline(threshold, color=MUTED, linewidth=1.2, dashes=(4, 3))
    axes.annotate(
        f"{threshold:g}",
        (1, threshold),
        xytext=(4, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=MUTED,
    )
    timeaxis.mark(axes, (a for a in record.alerts if a.row.signal == signal))
