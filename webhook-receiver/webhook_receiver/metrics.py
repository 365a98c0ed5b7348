"""The receiver's own metrics, built on a given registry."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from .alerts import STATUSES
from .store.history import History

OUTCOMES = ("stored", "invalid", "unauthorized", "failed")


class ReceiverMetrics:
    """What arrived and what became of it; what Alertmanager answered when asked.

    `alertmanagers` are the URLs of those that are asked.
    """

    def __init__(
        self, registry: CollectorRegistry, alertmanagers: Iterable[str] = ()
    ) -> None:
        self.last_truncated: tuple[int, datetime] | None = None
        self._notifications = Counter(
            "webhook_receiver_notifications_total",
            "Notifications received, by what became of them.",
            ("outcome",),
            registry=registry,
        )
        self._alerts = Counter(
            "webhook_receiver_alerts_total",
            "Alerts that began to fire or ended. A repetition is not counted.",
            ("status",),
            registry=registry,
        )
        self._reconciled = Counter(
            "webhook_receiver_reconciled_alerts_total",
            "Those of webhook_receiver_alerts_total that Alertmanager did not notify.",
            registry=registry,
        )
        self._truncated = Counter(
            "webhook_receiver_truncated_alerts_total",
            "Alerts that Alertmanager left out of notifications (max_alerts).",
            registry=registry,
        )
        self._last_stored = Gauge(
            "webhook_receiver_last_stored_timestamp_seconds",
            "When a notification was last stored, in seconds since 1970; 0 if never.",
            registry=registry,
        )
        self._watchdog = Gauge(
            "webhook_receiver_watchdog_timestamp_seconds",
            "When the watchdog last arrived, in seconds since 1970; 0 if never.",
            registry=registry,
        )
        self._alertmanager_up = Gauge(
            "webhook_receiver_alertmanager_up",
            "Whether Alertmanager answered when it was last asked which alerts fire.",
            ("alertmanager",),
            registry=registry,
        )
        self._alertmanager_answered = Gauge(
            "webhook_receiver_alertmanager_answered_timestamp_seconds",
            "When Alertmanager last answered, in seconds since 1970; 0 if never.",
            ("alertmanager",),
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._notifications.labels(outcome)
        for status in STATUSES:
            self._alerts.labels(status)
        for url in alertmanagers:
            self._alertmanager_up.labels(url)
            self._alertmanager_answered.labels(url)

    def received(self, outcome: str) -> None:
        """Counts a notification that came to one of `OUTCOMES`."""
        self._notifications.labels(outcome).inc()

    def stored(self, at: datetime) -> None:
        """Counts a stored notification."""
        self.received("stored")
        self._last_stored.set(at.timestamp())

    def alert_stored(self, status: str) -> None:
        """Counts an alert that began to fire, or ended."""
        self._alerts.labels(status).inc()

    def reconciled(self, alerts: int) -> None:
        """Counts alerts that began or ended without a notification."""
        self._reconciled.inc(alerts)

    def truncated(self, alerts: int, at: datetime) -> None:
        """Counts alerts that a notification left out."""
        self._truncated.inc(alerts)
        self.last_truncated = (alerts, at)

    def watchdog_arrived(self, at: datetime) -> None:
        """Remembers when the watchdog arrived."""
        self._watchdog.set(at.timestamp())

    def asked(self, url: str, answered_at: datetime | None, *, is_up: bool) -> None:
        """Remembers whether an Alertmanager answered, and when it last did."""
        self._alertmanager_up.labels(url).set(is_up)
        if answered_at:
            self._alertmanager_answered.labels(url).set(answered_at.timestamp())


class HistoryMetrics(Collector):
    """Reads the figures of the history at each scrape."""

    def __init__(self, history: History, registry: CollectorRegistry) -> None:
        self._history = history
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """The metrics, as they are now."""
        yield GaugeMetricFamily(
            "webhook_receiver_history_bytes",
            "Size of the history's files.",
            self._history.file.size(),
        )
        yield GaugeMetricFamily(
            "webhook_receiver_histories_set_aside",
            "Damaged histories that lie beside the one in use.",
            len(self._history.file.damaged_files()),
        )
        deleted = CounterMetricFamily(
            "webhook_receiver_deleted_alerts",
            "Alerts that were deleted, by the bound that they exceeded.",
            labels=["reason"],
        )
        for reason, alerts in self._history.deleted.items():
            deleted.add_metric([reason], alerts)
        yield deleted
