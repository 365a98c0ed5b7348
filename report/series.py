"""Reads what changes over time: decisions, distance and evidence."""

from collections import defaultdict
from collections.abc import Mapping

from .record import Drift, Mix, Thresholds
from .sources import NoReport, Prometheus

# The windows that tell a drift at once; the hour finds what is slow.
WINDOWS = {"10s": 10, "30s": 30, "2m": 120, "5m": 300}
# Of fewer applications, a share says little.
FEWEST_APPLICATIONS = 30
MOST_STRETCHED = 60


def mix(prometheus: Prometheus, of_model: str, since: float, until: float) -> Mix:
    """Over the shortest window that is at least a sixtieth of the span."""
    wanted = (until - since) / MOST_STRETCHED
    window = next((w for w, length in WINDOWS.items() if length >= wanted), "5m")
    decision = f'{{signal="decision",{of_model}}}'
    observed = prometheus.between(
        since,
        until,
        f"signal_category:credit_applications:ratio{window}{decision}"
        " and ignoring (category)"
        f" signal:credit_applications:increase{window} >= {FEWEST_APPLICATIONS}",
    )
    expected = prometheus.at(
        until,
        f"last_over_time(signal_category:credit_reference:ratio{decision}"
        f"[{until - since:.0f}s])",
    )
    return Mix(
        window,
        {labels["category"]: points for labels, points in observed},
        {labels["category"]: share for labels, share in expected},
    )


def thresholds(prometheus: Prometheus, since: float, until: float) -> Thresholds:
    """As they are recorded. Raises `NoReport` if they are not."""
    values = []
    for of in ("distance", "nats"):
        recording = f"credit_drift:{of}:threshold"
        window = f"[{until - since:.0f}s]"
        found = prometheus.at(until, f"last_over_time({recording}{window})")
        if not found:
            raise NoReport(f"Prometheus has not recorded {recording} in this span")
        values.append(found[0][1])
    return Thresholds(*values)


def drift(
    prometheus: Prometheus, of_model: str, since: float, until: float
) -> Mapping[str, tuple[Drift, ...]]:
    """Of each signal, while somebody applies: so long the rules look at it."""
    windows = "|".join(WINDOWS)
    name = f"signal:credit_drift:(significant|(distance|nats)({windows}))"
    recorded = prometheus.between(
        since,
        until,
        f'{{__name__=~"{name}",{of_model}}}'
        " unless on (job, model, model_version, signal)"
        " signal:credit_applications:stopped",
    )
    # (signal, time) → recording → value
    found: dict[tuple[str, float], dict[str, float]] = defaultdict(dict)
    for labels, points in recorded:
        recording = labels["__name__"].rsplit(":", 1)[1]
        for moment, value in points:
            found[labels["signal"], moment][recording] = value
    drifts: dict[str, list[Drift]] = defaultdict(list)
    for (signal, moment), values in sorted(found.items()):
        if looks := _looks(values):
            nats, distance, window = max(looks)
            is_significant = "significant" in values
            drifts[signal].append(Drift(moment, distance, nats, window, is_significant))
    return {signal: tuple(of_signal) for signal, of_signal in drifts.items()}


def _looks(values: Mapping[str, float]) -> list[tuple[float, float, str]]:
    """Evidence, distance and window, of each window that has both."""
    return [
        (values[f"nats{window}"], values[f"distance{window}"], window)
        for window in WINDOWS
        if {f"nats{window}", f"distance{window}"} <= values.keys()
    ]
