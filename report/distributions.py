"""Draws how a signal was distributed, beside its reference: a panel for each phase."""

from math import ceil

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .canvas import BAR, INK, MUTED, WIDE, Canvas, Size, svg
from .record import Distribution, Record
from .words import count, percent, plain

MOST = 12
COLUMNS = 3
LEFT, RIGHT, GAP, HEAD, FOOT = 44, 12, 20, 26, 26
BUCKETS_HEIGHT, CATEGORY_HEIGHT = 110, 34
PIXELS_OF_AN_EDGE = 52


def draw(record: Record, distribution: Distribution, size: Size) -> str:
    """Of the first phases, if there are many."""
    stretches = range(min(len(record.stretches), MOST))
    columns = min(COLUMNS, len(stretches)) if size is WIDE else 1
    names = distribution.categories
    margin = RIGHT if names else LEFT
    width = (size.width - margin - RIGHT + GAP) / columns - GAP
    height = CATEGORY_HEIGHT * len(names) if names else BUCKETS_HEIGHT
    row = HEAD + height + (10 if names else FOOT)
    highest = max(
        *distribution.reference,
        *(share for shares in distribution.observed for share in shares or ()),
    )

    def fill(canvas: Canvas) -> None:
        for number in stretches:
            left = margin + (width + GAP) * (number % columns)
            top = row * (number // columns) + HEAD
            axes = canvas.axes(left, top, width, height)
            _title(axes, record, number)
            panel = _categories if names else _buckets
            panel(axes, distribution, number, highest)
            if number % columns:
                axes.tick_params(labelleft=False)

    name = f"{distribution.signal}-{size.name}".replace("_", "-")
    rows = ceil(len(stretches) / columns)
    return svg(name, size.width, row * rows, fill)


def _title(axes: Axes, record: Record, number: int) -> None:
    name = plain(record.stretches[number].name)
    # Two digits: it is extrapolated to the ends of the phase.
    seen = float(f"{record.applications_by_stretch[number]:.2g}")
    words = f"about {count(seen, 'application')}"
    axes.set_title(f"{name}, {words}" if name else words, color=INK, pad=8)


def _buckets(axes: Axes, of: Distribution, number: int, highest: float) -> None:
    """Bars of one width, although buckets are not; their edges are written below."""
    # Nothing lies above the last edge of most signals, a score for one.
    is_open = any(shares[-1] for shares in (of.reference, *of.observed) if shares)
    shown = len(of.edges) if is_open else len(of.edges) - 1
    observed = of.observed[number] or (0.0,) * shown
    middles = [bucket + 0.5 for bucket in range(shown)]
    axes.bar(middles, observed[:shown], width=0.84, color=BAR)
    axes.stairs(of.reference[:shown], range(shown + 1), color=INK, linewidth=1.4)
    axes.set_xlim(-0.3, shown + 0.3)
    axes.set_ylim(0, 1.1 * highest)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda share, _: percent(share))
    axes.grid(visible=False, axis="x")
    every = ceil(shown * PIXELS_OF_AN_EDGE / axes.get_window_extent().width)
    named = range(every, len(of.edges), every)
    axes.set_xticks(named, [_edge(of.edges[edge - 1]) for edge in named])


def _edge(edge: float) -> str:
    return f"{edge / 1000:g} k" if edge >= 1000 else f"{edge:g}"


def _categories(axes: Axes, of: Distribution, number: int, highest: float) -> None:
    """A bar for each category, below its name; a line where the reference is."""
    observed = of.observed[number] or (0.0,) * len(of.categories)
    axes.axis("off")
    axes.set_xlim(0, 1.05 * highest)
    axes.set_ylim(len(of.categories), 0)
    for place, (name, share, expected) in enumerate(
        zip(of.categories, observed, of.reference, strict=True)
    ):
        axes.barh(place + 0.7, share, height=0.36, color=BAR)
        axes.plot([expected] * 2, [place + 0.45, place + 0.95], color=INK)
        axes.annotate(
            f"{name} {percent(share)}, reference {percent(expected)}",
            (0, place + 0.42),
            va="bottom",
            color=MUTED,
        )
