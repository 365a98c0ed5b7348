"""Whether what the monitor finds is told to anybody."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .series import line, lines


def panels() -> list[Builder[Panel]]:
    """From Prometheus to the receiver."""
    return [_notifications(), _receiver(), _watchdog()]


def _notifications() -> Builder[Panel]:
    about = About(
        id=14,
        title="Alerts on their way",
        unit="ops",
        width=8,
        runbook="AlertmanagerNotificationsFailing",
        description="""
            A second: what Prometheus sends to Alertmanager, and what Alertmanager sends
            to the receiver. Whatever is lost or failed should be zero; else somebody is
            not told something.
        """,
    )

    def rate(metric: str) -> str:
        return f"sum(rate({metric}[$__rate_interval])) or vector(0)"

    webhook = '{integration="webhook"}'
    failed = f"alertmanager_notification_requests_failed_total{webhook}"
    return lines(
        about,
        line(rate("prometheus_notifications_sent_total"), "Prometheus sends"),
        line(rate("prometheus_notifications_errors_total"), "Prometheus fails"),
        line(rate("prometheus_notifications_dropped_total"), "Prometheus loses"),
        line(
            rate(f"alertmanager_notification_requests_total{webhook}"),
            "Alertmanager sends",
        ),
        line(rate(failed), "Alertmanager fails"),
    )


def _receiver() -> Builder[Panel]:
    about = About(
        id=15,
        title="Notifications that the receiver got",
        unit="ops",
        width=8,
        runbook="WebhookReceiverFailing",
        description="""
            A second, by what became of them. Stored is good. Failed could not be
            stored, and is sent again; invalid and unauthorized are refused: somebody
            else sends, or the token differs.
        """,
    )
    got = "rate(webhook_receiver_notifications_total[$__rate_interval])"
    return lines(about, line(f"sum by (outcome) ({got})", "{{outcome}}"))


def _watchdog() -> Builder[Panel]:
    about = About(
        id=16,
        title="Time since the watchdog was heard",
        unit="s",
        width=8,
        runbook="WatchdogSilent",
        description="""
            An alert that always fires comes every 20 seconds. If it stays away for a
            minute, the receiver says so itself, because then nothing else would.
        """,
    )
    heard = "max(webhook_receiver_watchdog_timestamp_seconds) > 0"
    return lines(about, line(f"time() - ({heard})", "since the last one"))
