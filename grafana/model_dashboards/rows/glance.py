"""The first row: whether the model is all right now."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, Panel

from ..panels.common import About
from ..panels.promql import MODEL_ALERTS, MONITOR_ALERTS, VERSION, firing_since
from ..panels.series import fixed, now, number, steps
from ..panels.tables import Column, listing

SEVERITIES = (
    ("critical", "critical", "red"),
    ("warning", "warning", "orange"),
)
# A model is blind from here on (threshold:model_detection:days), in seconds.
BLIND_SECONDS = 7 * 86_400


def panels() -> list[Builder[Panel]]:
    """The row from left to right."""
    return [
        _alerts(),
        firing_alerts(
            About(
                id=2,
                title="What fires, and since when",
                unit="none",
                width=13,
                height=7,
                runbook="ModelDecisionDrift",
                empty="No alert fires.",
                description="""
                    The alerts about this model, its service and the monitor; the newest
                    is first. Start with the critical ones. The runbook has a section
                    for each alert, by its name.
                """,
            ),
            f"({MODEL_ALERTS} or {MONITOR_ALERTS})",
        ),
        _detection(),
    ]


def firing_alerts(about: About, alerts: str) -> Builder[Panel]:
    """A table of `alerts`, with the time at which each became active."""
    return listing(
        about,
        "alertname",
        [firing_since(alerts)],
        {
            "alertname": Column("alert"),
            "severity": Column("severity", texts=SEVERITIES),
            "signal": Column("signal"),
            "segment": Column("segment"),
            "direction": Column("direction"),
            "job": Column("job"),
            "cluster": Column("cluster"),
            "namespace": Column("namespace"),
            "Value": Column("since", "dateTimeFromNow"),
        },
    )


def _alerts() -> Builder[Panel]:
    about = About(
        id=1,
        title="Alerts firing",
        unit="short",
        width=4,
        height=7,
        runbook="ModelDecisionDrift",
        description="""
            How many alerts fire about this model, its service and the monitor. Green is
            none. If it is red, read the table beside it, and follow the runbook.
        """,
    )
    count = f"count({MODEL_ALERTS} or {MONITOR_ALERTS}) or vector(0)"
    return number(about, steps((None, "green"), (1, "red")), now(count, "alerts"))


def _detection() -> Builder[Panel]:
    about = About(
        id=3,
        title="What can be detected at this traffic",
        unit="s",
        width=7,
        height=7,
        runbook="ModelBlind",
        empty="Known after five minutes of traffic.",
        description="""
            How long it takes on average until an alert fires if one decision gets ten
            percentage points too many, at the traffic of the last day. More than seven
            days is yellow: allow a larger tolerance, or more false alarms, on the
            model's card.
        """,
    )
    days = f"max(model:model_drift:detection_days{{{VERSION}}})"
    applications = f"sum(model:model_applications:per_day{{{VERSION}}}) > 0"
    panel = number(
        about,
        steps((None, "green"), (BLIND_SECONDS, "yellow")),
        now(f"86400 * {days}", "a shift of 10 points is detected in"),
        now(applications, "applications a day"),
    )
    short = [DynamicConfigValue("unit", "short"), fixed("blue")]
    return panel.override_by_name("applications a day", short)
