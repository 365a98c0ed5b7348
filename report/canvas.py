"""Figures as SVG that stands inside a page: its colours, its fonts, its links."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Colours are drawn as numbers that nobody would choose, and become variables of the
# page, so that one drawing serves light and dark.
NAMES = (
    *("ink", "muted", "grid", "band", "other-band"),
    *("blue", "red", "green", "wash", "bar"),
)
COLOURS = {name: f"#0102{number:02x}" for number, name in enumerate(NAMES, start=1)}
INK, MUTED, GRID, BAND, OTHER_BAND, BLUE, RED, GREEN, WASH, BAR = COLOURS.values()

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    # A label with dollars in it is no formula.
    "text.parse_math": False,
    # What text is measured with; the page's own font is no wider.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.color": GRID,
    "ytick.labelcolor": MUTED,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
}

# How wide a bold letter is, on average, where two texts stand side by side.
BOLD_LETTER = 8.4


@dataclass(frozen=True, slots=True)
class Size:
    """How wide a figure is drawn, in pixels, and for which kind of screen."""

    name: str
    width: int


WIDE = Size("wide", 960)
NARROW = Size("narrow", 360)


@dataclass(frozen=True, slots=True)
class Canvas:
    """A figure that is laid out in pixels, from its upper left corner."""

    figure: Figure
    width: float
    height: float

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes whose inner rectangle is there."""
        return self.figure.add_axes(
            (
                left / self.width,
                1 - (top + height) / self.height,
                width / self.width,
                height / self.height,
            )
        )


def svg(
    name: str, width: float, height: float, draw: Callable[[Canvas], object]
) -> str:
    """What `draw` draws, as an element. `name` is that of no other on the page.

    One pixel is one pixel of the page, when it is as wide as was asked for.
    """
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        draw(Canvas(figure, width, height))
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    root = ElementTree.fromstring(buffer.getvalue())  # noqa: S314 (drawn just now) # nosec B314
    return _embedded(root, name)


def _embedded(root: ElementTree.Element, name: str) -> str:
    # One of its definitions is a style sheet, which would apply to all of the page.
    for tag in ("metadata", f"defs[{{{SVG}}}style]"):
        for element in root.findall(f"{{{SVG}}}{tag}"):
            root.remove(element)
    for attribute in ("width", "height"):
        del root.attrib[attribute]
    # The page says in words what it shows.
    root.set("aria-hidden", "true")
    for element in root.iter():
        _own(element, name)
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _own(element: ElementTree.Element, name: str) -> None:
    """Makes ids belong to `name`, and colours to the page."""
    if element.text and not element.text.strip():
        element.text = None
    element.tail = None
    for attribute, value in element.attrib.items():
        if attribute == "id":
            element.set(attribute, f"{name}-{value}")
        elif attribute == f"{{{XLINK}}}href":
            element.set(attribute, f"#{name}-{value[1:]}")
        elif attribute == "clip-path":
            element.set(attribute, value.replace("#", f"#{name}-"))
        elif attribute == "style":
            for colour, number in COLOURS.items():
                value = value.replace(number, f"var(--{colour})")
            element.set(attribute, value)
