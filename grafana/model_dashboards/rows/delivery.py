"""Whether alerts are delivered: from Prometheus to the history of the receiver."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Panel

from ..panels.common import About
from ..panels.series import limit, line, lines, now, number, steps
from .monitor import OURS

# The receiver alerts (WatchdogSilent) if the watchdog is absent for so long.
PATIENCE_SECONDS = 60


def panels() -> list[Builder[Panel]]:
    """The row from left to right."""
    return [_notifications(), _lost(), _watchdog(), _history()]


def _notifications() -> Builder[Panel]:
    about = About(
        id=20,
        title="Alerts and notifications on their way",
        unit="ops",
        width=7,
        runbook="MonitorAlertsNotSent",
        empty="Neither Prometheus nor Alertmanager nor the receiver is scraped.",
        description="""
            A second: alerts that Prometheus sends to Alertmanager, and again while they
            fire; notifications that Alertmanager sends, and that the receiver stores.
            If one of them falls to zero while alerts fire, read the log of that part.
        """,
    )
    sent = f"{_rate('prometheus_notifications_sent_total')} and {OURS}"
    notified = _rate("alertmanager_notification_requests_total")
    stored = _rate('webhook_receiver_notifications_total{outcome="stored"}')
    return lines(
        about,
        line(f"sum({sent})", "Prometheus sends"),
        line(f"sum by (integration) ({notified}) > 0", "Alertmanager: {{integration}}"),
        line(f"sum({stored})", "receiver stores"),
    )


def _rate(counter: str) -> str:
    return f"rate({counter}[$__rate_interval])"


def _lost() -> Builder[Panel]:
    about = About(
        id=21,
        title="Lost, failed or refused",
        unit="short",
        width=7,
        runbook="MonitorNotificationsFailing",
        empty="Neither Prometheus nor Alertmanager nor the receiver is scraped.",
        description="""
            Since the sample before; all should be zero. Failed and refused
            notifications are sent again. Left out are alerts beyond the number that
            Alertmanager puts into one notification. Not notified are those that the
            receiver found when it asked Alertmanager. Read the log of the part that is
            named.
        """,
    )
    dropped = f"{_increase('prometheus_notifications_dropped_total')} and {OURS}"
    errors = f"{_increase('prometheus_notifications_errors_total')} and {OURS}"
    failed = _increase("alertmanager_notification_requests_failed_total")
    refused = _increase('webhook_receiver_notifications_total{outcome!="stored"}')
    left_out = _increase("webhook_receiver_truncated_alerts_total")
    found = _increase("webhook_receiver_reconciled_alerts_total")
    return lines(
        about,
        line(f"sum({dropped})", "Prometheus: dropped"),
        # There is no series before the first error.
        line(f"sum({errors}) or vector(0)", "Prometheus: errors"),
        line(f"sum({failed})", "Alertmanager: failed"),
        line(f"sum by (outcome) ({refused})", "receiver: {{outcome}}"),
        line(f"sum({left_out})", "receiver: left out"),
        line(f"sum({found})", "receiver: not notified"),
    )


def _increase(counter: str) -> str:
    return f"increase({counter}[$__rate_interval])"


def _watchdog() -> Builder[Panel]:
    about = About(
        id=22,
        title="Time since the receiver heard from the others",
        unit="s",
        width=6,
        runbook="WatchdogSilent",
        empty="The receiver is not scraped.",
        description="""
            The watchdog is an alert that always fires and arrives every 20 seconds. If
            it is absent up to the limit, the receiver alerts by itself: nothing else
            could. The receiver also asks Alertmanager which alerts fire.
        """,
    )
    heard = "max(webhook_receiver_watchdog_timestamp_seconds > 0)"
    answered = "min(webhook_receiver_alertmanager_answered_timestamp_seconds > 0)"
    return lines(
        about,
        line(f"time() - {heard}", "watchdog"),
        line(f"time() - {answered}", "answer of Alertmanager"),
        limit(f"vector({PATIENCE_SECONDS})", "limit"),
    )


def _history() -> Builder[Panel]:
    about = About(
        id=23,
        title="History of the receiver",
        unit="short",
        width=4,
        runbook="MonitorReceiverFailing",
        empty="The receiver is not scraped.",
        description="""
            The size of its files, the alerts that it deleted because they were too old
            or too many, and how many damaged histories it has set aside. If that is
            red, keep the damaged file and look at the disk.
        """,
    )
    deleted = "increase(webhook_receiver_deleted_alerts_total[1d])"
    set_aside = "sum(webhook_receiver_histories_set_aside)"
    panel = number(
        about,
        steps((None, "blue")),
        now("max(webhook_receiver_history_bytes)", "size"),
        now(f"sum({deleted})", "deleted in 24 h"),
        now(set_aside, "damaged files"),
    )
    colours = {
        "mode": "absolute",
        "steps": [{"value": None, "color": "green"}, {"value": 1, "color": "red"}],
    }
    panel.override_by_name("damaged files", [DynamicConfigValue("thresholds", colours)])
    return panel.override_by_name("size", [DynamicConfigValue("unit", "bytes")])
