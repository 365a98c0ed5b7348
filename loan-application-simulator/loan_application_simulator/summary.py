"""What a run came to: counts, waiting times and the decision mix of each phase."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import quantiles

from .sender import Sent
from .truth import OUTCOMES

DECISIONS = ("APPROVED", "DENIED", "ANALYST")


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
        """The decision mix so far, such as "APPROVED 30 % DENIED 50 % ANALYST 20 %"."""
        return " ".join(
            f"{decision} {share:.0f} %"
            for decision, share in zip(DECISIONS, _mix(self._decisions), strict=True)
        )

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        columns = (*OUTCOMES, "approved", "denied", "analyst", "p50 ms", "p99 ms")
        yield f"{'phase':<14}" + "".join(f"{name:>10}" for name in columns)
        for name in (*self._phases, "all"):
            sent = [s for s in self._sent if name in ("all", s.phase)]
            outcomes = Counter(s.outcome for s in sent)
            counts = "".join(f"{outcomes[outcome]:>10}" for outcome in OUTCOMES)
            decisions = Counter(s.decision for s in sent if s.decision)
            mix = "".join(f"{share:>8.1f} %" for share in _mix(decisions))
            p50, p99 = _waiting_ms(sent)
            yield f"{name:<14}{counts}{mix}{p50:>10.1f}{p99:>10.1f}"


def _mix(decisions: Counter[str]) -> list[float]:
    """The share of each of `DECISIONS`, in percent; all 0 if there are none."""
    total = max(1, decisions.total())
    return [100 * decisions[decision] / total for decision in DECISIONS]


def _waiting_ms(sent: Sequence[Sent]) -> tuple[float, float]:
    """Median and 99th percentile of the time from due to answered."""
    waits = [1000 * s.seconds for s in sent if s.outcome in ("decided", "refused")]
    if len(waits) < 2:
        return float("nan"), float("nan")
    cuts = quantiles(waits, n=100, method="inclusive")
    return cuts[49], cuts[98]
