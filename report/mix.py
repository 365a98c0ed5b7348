"""Draws the decision mix."""

from collections.abc import Iterator

from matplotlib.axes import Axes

from . import timeaxis
from .canvas import BLUE, GREEN, MUTED, RED, Canvas, Size, svg
from .record import Record
from .words import percent, plain

COLOURS = {"APPROVED": BLUE, "DENIED": RED, "ANALYST": GREEN}
HEIGHT, LEFT, TOP, BOTTOM = 340, 44, 40, 28
LABEL_WIDTH, LABEL_HEIGHT = 112, 34


def draw(record: Record, size: Size) -> str:
    """The share of each decision over time, and what is expected of it, dashed."""
    width = size.width - LEFT - _right(record, size)

    def fill(canvas: Canvas) -> None:
        axes = canvas.axes(LEFT, TOP, width, HEIGHT - TOP - BOTTOM)
        timeaxis.draw(axes, record)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda share, _: percent(share))
        for category, expected in record.mix.expected.items():
            colour = COLOURS.get(category, MUTED)
            points = record.mix.shares.get(category, ())
            axes.plot(*timeaxis.broken(points), color=colour)
            axes.plot(
                [record.since, _end(record)],
                [expected, expected],
                color=colour,
                linewidth=1.2,
                dashes=(5, 4),
            )
        timeaxis.mark(axes, (a for a in record.alerts if a.row.signal == "decision"))
        _label(axes, record)

    return svg(f"mix-{size.name}", size.width, HEIGHT, fill)


def _end(record: Record) -> float:
    """When the lines end."""
    last = (points[-1][0] for points in record.mix.shares.values() if points)
    return max(last, default=record.until)


def _right(record: Record, size: Size) -> float:
    """A margin for the labels, as far as there is no room where the lines end."""
    idle = (record.until - _end(record)) / (record.until - record.since)
    missing = LABEL_WIDTH - idle * (size.width - LEFT)
    return max(12.0, missing / (1 - idle)) if idle < 1 else LABEL_WIDTH


def _label(axes: Axes, record: Record) -> None:
    """Names each line where it ends, and says what is expected of it."""
    for category, height in _heights(record):
        for words, colour, weight, above in (
            (plain(category), COLOURS.get(category, MUTED), "bold", 1),
            (
                f"expected {percent(record.mix.expected[category])}",
                MUTED,
                "normal",
                -14,
            ),
        ):
            axes.annotate(
                words,
                (_end(record), height / (HEIGHT - TOP - BOTTOM)),
                xytext=(7, above),
                textcoords="offset points",
                color=colour,
                fontweight=weight,
                annotation_clip=False,
            )


def _heights(record: Record) -> Iterator[tuple[str, float]]:
    """The decisions and how high, in pixels, their labels stand: none on another."""
    ends = {
        category: points[-1][1] if points else record.mix.expected[category]
        for category in record.mix.expected
        for points in [record.mix.shares.get(category, ())]
    }
    free = LABEL_HEIGHT / 2
    for category, share in sorted(ends.items(), key=lambda end: end[1]):
        height = max(share * (HEIGHT - TOP - BOTTOM) - 4, free)
        yield category, height
        free = height + LABEL_HEIGHT
