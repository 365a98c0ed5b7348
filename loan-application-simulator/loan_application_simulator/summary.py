"""What a run came to: counts, waiting times and the decision mix of each phase."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import quantiles

from .metrics import OUTCOMES
from .sender import Sent


class Summary:
    """Collects what was sent, and writes it down as a table."""

    def __init__(self, phases: Sequence[str]) -> None:
        self._phases = phases
        self._sent: list[Sent] = []
        self._decisions: Counter[str] = Counter()

    def add(self, sent: Sent) -> None:
        """Takes note of one application."""
        self._sent.append(sent)
        if sent.decision:
            self._decisions[sent.decision] += 1

    def mix(self) -> str:
        """The decision mix so far, such as "ANALYST 20 % APPROVED 30 % DENIED 50 %"."""
        return " ".join(
            f"{decision} {share:.0f} %"
            for decision, share in _mix(self._decisions, sorted(self._decisions))
        )

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        decisions = sorted(self._decisions)
        shown = (decision.lower() for decision in decisions)
        columns = (*OUTCOMES, *shown, "p50 ms", "p99 ms")
        phases = (*self._phases, "all")
        # The bank's storyline is as wide as a terminal of 80 columns.
        widths = [max(map(len, ("phase", *phases)))]
        widths += [len(name) for name in OUTCOMES]
        widths += [max(len(name), len("100.0 %")) for name in decisions]
        widths += [len("p99 ms")] * 2
        yield _line(("phase", *columns), widths)
        for name in phases:
            sent = [s for s in self._sent if name in ("all", s.phase)]
            outcomes = Counter(s.outcome for s in sent)
            decided = Counter(s.decision for s in sent if s.decision)
            cells = [name, *(str(outcomes[outcome]) for outcome in OUTCOMES)]
            cells += [f"{share:.1f} %" for _, share in _mix(decided, decisions)]
            cells += [f"{wait:.1f}" for wait in _waiting_ms(sent)]
            yield _line(cells, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f" {c:>{w}}" for c, w in others)


def _mix(counts: Counter[str], decisions: Sequence[str]) -> list[tuple[str, float]]:
    """The share of each decision, in percent; all 0 if there are none."""
    total = max(1, counts.total())
    return [(decision, 100 * counts[decision] / total) for decision in decisions]


def _waiting_ms(sent: Sequence[Sent]) -> tuple[float, float]:
    """Median and 99th percentile of the time from due to answered."""
    waits = [1000 * s.seconds for s in sent if s.outcome in ("decided", "refused")]
    if len(waits) < 2:
        return float("nan"), float("nan")
    cuts = quantiles(waits, n=100, method="inclusive")
    return cuts[49], cuts[98]
