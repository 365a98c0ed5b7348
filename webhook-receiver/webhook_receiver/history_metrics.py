"""What the history takes and loses, as metrics, read when somebody scrapes."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from .history import History


class HistoryMetrics(Collector):
    """Asks the history for its own figures, so that none is kept twice."""

    def __init__(self, history: History, registry: CollectorRegistry) -> None:
        self._history = history
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """The metrics, as they are now."""
        yield GaugeMetricFamily(
            "webhook_receiver_history_bytes",
            "What the files of the history take on the disk.",
            self._history.database.size(),
        )
        yield GaugeMetricFamily(
            "webhook_receiver_histories_set_aside",
            "Damaged histories that lie beside the one in use.",
            len(self._history.database.set_aside()),
        )
        deleted = CounterMetricFamily(
            "webhook_receiver_deleted_alerts",
            "Alerts that were deleted, by which bound they exceeded.",
            labels=["reason"],
        )
        for reason, alerts in self._history.deleted.items():
            deleted.add_metric([reason], alerts)
        yield deleted
