"""The receiver's own metrics, built on a given registry."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from .alerts import STATUSES

OUTCOMES = ("stored", "invalid", "unauthorized", "failed")


class ReceiverMetrics:
    """What arrived, and what became of it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._notifications = Counter(
            "webhook_receiver_notifications_total",
            "Notifications received, by what became of them.",
            ("outcome",),
            registry=registry,
        )
        self._alerts = Counter(
            "webhook_receiver_alerts_total",
            "Alerts that were news; what is sent again is not counted again.",
            ("status",),
            registry=registry,
        )
        self._last = Gauge(
            "webhook_receiver_last_stored_timestamp_seconds",
            "When a notification was last stored, in seconds since 1970; 0 if never.",
            registry=registry,
        )
        self._watchdog = Gauge(
            "webhook_receiver_watchdog_timestamp_seconds",
            "When the watchdog last arrived, in seconds since 1970; 0 if never.",
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._notifications.labels(outcome)
        for status in STATUSES:
            self._alerts.labels(status)

    def received(self, outcome: str) -> None:
        """Counts a notification that came to one of `OUTCOMES`."""
        self._notifications.labels(outcome).inc()

    def stored(self, at: datetime) -> None:
        """Counts a stored notification."""
        self.received("stored")
        self._last.set(at.timestamp())

    def told(self, status: str) -> None:
        """Counts an alert that was news."""
        self._alerts.labels(status).inc()

    def saw_watchdog(self, at: datetime) -> None:
        """The watchdog arrived."""
        self._watchdog.set(at.timestamp())
