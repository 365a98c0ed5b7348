"""The inputs of a model: which values each takes, and how its values are counted."""

from dataclasses import dataclass

OTHER = "other"
MISSING = "missing"
BOOLEANS = ("false", "true")
# Classifiers take single precision, and refuse what is infinite in it.
LARGEST = 3.4028234663852886e38


@dataclass(frozen=True, slots=True)
class Categorical:
    """An input that is one of a list of texts, or a boolean.

    With `other`, every other text is accepted and counted as "other"; with `optional`,
    an absent or null field is accepted and counted as "missing".
    """

    name: str
    known: tuple[str, ...]
    other: bool = False
    optional: bool = False
    boolean: bool = False
    description: str = ""

    @property
    def categories(self) -> tuple[str, ...]:
        """What is counted, in a fixed order: the known texts, then the others."""
        other = [OTHER] * (self.other and OTHER not in self.known)
        return (*self.known, *other, *[MISSING] * self.optional)


@dataclass(frozen=True, slots=True)
class Numeric:
    """An input that is a number, in `unit`.

    A value outside `minimum` and `maximum` is refused; one outside `usual` is accepted
    and counted as unusual. `edges` are the upper edges of the buckets in which values
    are counted; the last bucket, above all edges, has none.
    """

    name: str
    edges: tuple[float, ...]
    integer: bool = False
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    usual: tuple[float, float] | None = None
    optional: bool = False
    description: str = ""

    @property
    def sides(self) -> tuple[str, ...]:
        """Where a value can be, seen from its usual range; empty if that is not known.

        A position in it is 0 for below, 1 for usual, 2 for above, 3 for missing; an
        input without a usual range, but optional, has usual values only.
        """
        if self.usual is None and not self.optional:
            return ()
        return ("below", "usual", "above", *([MISSING] * self.optional))


Input = Categorical | Numeric
