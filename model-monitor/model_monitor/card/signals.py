"""What is counted of a model: its signals, and the cells of each.

Every count is a whole number in one list; a cell is a range of that list, so that its
value is the sum of neighbouring counts. A category is one count. A number is one count
for each bucket between two edges, and most of its cells span several.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ..errors import CardError
from .decisions import Decisions
from .inputs import Categorical, Input, Numeric

MAX_CELLS = 2_000
# Where rules look for a shift of values, for a change of spread, and for a value that
# is suddenly frequent. More edges would cost more, and show a shift no sooner.
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
MIDDLES = ((0.25, 0.75), (0.1, 0.9))
MAX_BUCKETS = 10
# What shares that are written with six decimals may add up to, beside one.
ROUNDING = 1e-5

Shares = Mapping[str, Sequence[float] | Mapping[str, Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Cell:
    """Part of a signal: the counts from `low` to before `high`.

    `kind` is category, below (at most an edge), middle (between two edges), bucket, or
    all. `category` is its name, or its range as text. `share` is its share, in [0, 1],
    of the signal in the reference.
    """

    kind: str
    category: str
    low: int
    high: int
    share: float


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that is counted and compared with the reference.

    Its counts begin at `base`, one for each of its categories or buckets. `segment` is
    the category whose applications alone are counted, if any.
    """

    name: str
    role: str
    base: int
    size: int
    cells: tuple[Cell, ...]
    unit: str = ""
    segment: str = ""
    edges: tuple[float, ...] = ()

    @property
    def path(self) -> str:
        """Where its reference is on the card."""
        return _path(self.name, self.segment)


def derive(
    inputs: Mapping[str, Input],
    score_edges: tuple[float, ...],
    decisions: Decisions,
    segments: Sequence[str],
    refusals: int,
    shares: Shares,
) -> tuple[Signal, ...]:
    """The signals of a model. An application can be refused for `refusals` reasons.

    `shares` are those of the reference, by signal. Raises `CardError` if they do not
    fit the signals, or there are too many cells.
    """
    build = _Builder(shares)
    build.categorical(
        "decision", "decision", decisions.names, expected=decisions.expected
    )
    build.numeric("score", "score", score_edges, further=decisions.cutoffs)
    for name, field in inputs.items():
        if isinstance(field, Categorical):
            build.categorical(name, "input", field.categories)
        else:
            build.numeric(name, "input", field.edges, unit=field.unit)
            if field.sides:
                build.categorical(f"{name}_range", "range", field.sides)
    build.validity(refusals)
    for name in segments:
        field = inputs[name]
        if isinstance(field, Numeric):
            raise TypeError(f"{name} has no categories")
        build.segments(name, field.categories, decisions.names)
    build.check()
    return tuple(build.signals)


class _Builder:
    """Places signals one after the other in the list of counts."""

    def __init__(self, shares: Shares) -> None:
        self.signals: list[Signal] = []
        self._shares = shares
        self._used: set[str] = set()
        self._size = 0

    def categorical(
        self,
        name: str,
        role: str,
        categories: Sequence[str],
        expected: Sequence[float] | None = None,
    ) -> None:
        shares = self._of(name, categories, expected)
        self._add(name, role, len(categories), list(_one_each(categories, shares)))

    def numeric(
        self,
        name: str,
        role: str,
        edges: tuple[float, ...],
        unit: str = "",
        further: Sequence[float] = (),
    ) -> None:
        shares = self._of(name, [*map(number, edges), "more"])
        cells = list(_ranges(edges, shares, further))
        self._add(name, role, len(edges) + 1, cells, unit=unit, edges=edges)

    def validity(self, refusals: int) -> None:
        """Of what is refused, each reason is a count."""
        valid, refused = self._of("validity", ("valid", "refused"))
        cells = [
            Cell("category", "valid", 0, 1, valid),
            Cell("category", "refused", 1, 1 + refusals, refused),
        ]
        self._add("validity", "validity", 1 + refusals, cells)

    def segments(
        self, field: str, categories: Sequence[str], decisions: Sequence[str]
    ) -> None:
        """A segment that the reference does not have is counted, and has no cells."""
        name = f"decision_by_{field}"
        self._used.add(name)
        by_category = self._shares.get(name, {})
        if not isinstance(by_category, Mapping):
            raise CardError(
                _path(name),
                "is a list; it must have a list of shares for each category",
            )
        if unknown := sorted(set(by_category) - set(categories)):
            raise CardError(
                _path(name, unknown[0]),
                f"is no category of {field}; these are {_listed(categories)}",
            )
        for category in categories:
            cells: list[Cell] = []
            if category in by_category:
                path = _path(name, category)
                shares = _checked(path, by_category[category], decisions)
                cells = list(_one_each(decisions, shares))
            self._add(name, "segment", len(decisions), cells, segment=category)

    def _of(
        self,
        name: str,
        parts: Sequence[str],
        expected: Sequence[float] | None = None,
    ) -> Sequence[float]:
        self._used.add(name)
        if expected is not None:
            return expected
        found = self._shares.get(name)
        if found is None:
            raise CardError(
                _path(name),
                f"is missing; it must hold the reference shares of {_listed(parts)}",
            )
        if isinstance(found, Mapping):
            raise CardError(_path(name), f"must be a list, of {_listed(parts)}")
        return _checked(_path(name), found, parts)

    def _add(
        self,
        name: str,
        role: str,
        size: int,
        cells: list[Cell],
        unit: str = "",
        segment: str = "",
        edges: tuple[float, ...] = (),
    ) -> None:
        base = self._size
        if cells:
            cells.append(Cell("all", "all", 0, size, 1.0))
        placed = tuple(
            Cell(c.kind, c.category, base + c.low, base + c.high, c.share)
            for c in cells
        )
        self.signals.append(
            Signal(name, role, base, size, placed, unit, segment, edges)
        )
        self._size += size

    def check(self) -> None:
        unknown = sorted(set(self._shares) - self._used)
        if unknown:
            known = sorted({s.name for s in self.signals})
            raise CardError(
                _path(unknown[0]),
                f"is the reference of no signal; signals are {_listed(known)}",
            )
        cells = sum(len(s.cells) for s in self.signals)
        if cells > MAX_CELLS:
            largest = sorted(self.signals, key=lambda s: -len(s.cells))[:5]
            sizes = ", ".join(f"{s.name} {len(s.cells):,}" for s in largest)
            raise CardError(
                "$.inputs",
                f"lead to {cells:,} cells, and each is a time series; at most "
                f"{MAX_CELLS:,} are allowed. The largest signals are {sizes}: keep the "
                'most frequent categories and set "other": true, or drop segments',
            )


def _one_each(categories: Sequence[str], shares: Sequence[float]) -> Iterator[Cell]:
    for place, (category, share) in enumerate(zip(categories, shares, strict=True)):
        yield Cell("category", category, place, place + 1, share)


def _ranges(
    edges: Sequence[float], shares: Sequence[float], further: Sequence[float]
) -> Iterator[Cell]:
    """The cells of a number. `further` are edges that get a cell of kind below, too.

    An edge is a position in the list of buckets: position i is above bucket i - 1.
    """
    total = [0.0, *accumulate(shares)]
    inner = range(1, len(shares))

    def nearest(quantile: float) -> int:
        return min(inner, key=lambda position: abs(total[position] - quantile))

    def cell(kind: str, low: int, high: int) -> Cell:
        share = min(max(round(total[high] - total[low], 9), 0.0), 1.0)
        return Cell(kind, _range_text(edges, low, high), low, high, share)

    below = {nearest(quantile) for quantile in QUANTILES}
    below |= {edges.index(edge) + 1 for edge in further}
    yield from (cell("below", 0, high) for high in sorted(below))
    middles = dict.fromkeys((nearest(low), nearest(high)) for low, high in MIDDLES)
    yield from (cell("middle", *ends) for ends in middles if ends[0] < ends[1])
    bounds = set(inner)
    if len(shares) > MAX_BUCKETS:
        bounds = {nearest(part / MAX_BUCKETS) for part in range(1, MAX_BUCKETS)}
    yield from (
        cell("bucket", *ends) for ends in pairwise([0, *sorted(bounds), len(shares)])
    )


def _range_text(edges: Sequence[float], low: int, high: int) -> str:
    if low == 0:
        return f"at most {number(edges[high - 1])}"
    if high > len(edges):
        return f"above {number(edges[low - 1])}"
    return f"{number(edges[low - 1])} to {number(edges[high - 1])}"


def number(value: float) -> str:
    """A number as a person writes it: 2500 and 0.65."""
    return str(int(value)) if value == int(value) else repr(value)


def _checked(
    path: str, shares: Sequence[float], parts: Sequence[str]
) -> Sequence[float]:
    """`shares`, one for each of `parts`. Raises `CardError` if they are not."""
    if len(shares) != len(parts):
        raise CardError(
            path,
            f"has {len(shares)} shares; it must have {len(parts)}, of {_listed(parts)}",
        )
    check_total(path, shares)
    return shares


def check_total(path: str, shares: Sequence[float]) -> None:
    """Raises `CardError` unless `shares` sum to one, but for rounding."""
    total = sum(shares)
    if abs(total - 1) > ROUNDING + len(shares) * 1e-6:
        raise CardError(path, f"the shares sum to {total:.6g}; they must sum to 1")


def _listed(parts: Sequence[str], most: int = 12) -> str:
    text = ", ".join(parts[:most])
    return text if len(parts) <= most else f"{text}, and {len(parts) - most} more"


def _path(*names: str) -> str:
    return ".".join(("$.reference.shares", *filter(None, names)))
