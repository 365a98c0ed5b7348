"""Draws the alerts, each as a bar from firing to resolved."""

from matplotlib.axes import Axes

from . import timeaxis
from .canvas import BLUE, BOLD_LETTER, INK, MUTED, RED, WIDE, Canvas, Size, svg
from .record import Alert, Record
from .words import delivered, fired, plain

COLOURS = {"critical": RED, "warning": BLUE}
MOST = 24
TOP, BOTTOM, SIDE = 40, 28, 14
LINE, BAR = 18, 26


def draw(record: Record, size: Size) -> str:
    """The first of them, if there are more than can be told apart."""
    alerts = record.alerts[:MOST]
    lines = 1 if size is WIDE else 2
    row = lines * LINE + BAR
    longest = max((len(_of(alert)) for alert in alerts), default=0)
    beside = (BOLD_LETTER * longest, 0) if size is WIDE else (0, LINE)

    def fill(canvas: Canvas) -> None:
        axes = canvas.axes(SIDE, TOP, size.width - 2 * SIDE, row * len(alerts))
        timeaxis.draw(axes, record)
        axes.set_ylim(row * len(alerts), 0)
        axes.set_yticks([])
        for number, alert in enumerate(alerts):
            _name(axes, record, alert, row * number, beside)
            _bar(axes, record, alert, row * (number + 1) - BAR / 2)

    height = TOP + row * len(alerts) + BOTTOM
    return svg(f"alerts-{size.name}", size.width, height, fill)


def _of(alert: Alert) -> str:
    return f"{alert.row.name} {plain(alert.row.signal)}".rstrip()


def _name(
    axes: Axes, record: Record, alert: Alert, top: float, beside: tuple[float, float]
) -> None:
    """Names the alert, and says, `beside` the name, when it came."""
    when = f"{fired(record, alert.row)}, {delivered(alert)}"
    colour = COLOURS.get(alert.row.severity, MUTED)
    for words, (right, below), shade, weight in (
        (_of(alert), (0, 0), colour, "bold"),
        (when, beside, MUTED, "normal"),
    ):
        axes.annotate(
            words,
            (0, top),
            xytext=(4 + right, -15 - below),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            color=shade,
            fontweight=weight,
        )


def _bar(axes: Axes, record: Record, alert: Alert, level: float) -> None:
    colour = COLOURS.get(alert.row.severity, MUTED)
    start = max(alert.fired, record.since)
    end = min(alert.resolved or record.until, record.until)
    axes.plot(
        [start, end], [level, level], color=colour, linewidth=9, solid_capstyle="butt"
    )
    if alert.resolved is None:
        axes.plot(
            [end], [level], marker=">", markersize=12, color=colour, clip_on=False
        )
    if alert.delivered and alert.delivered >= record.since:
        axes.plot([alert.delivered], [level], marker="|", markersize=15, color=INK)
