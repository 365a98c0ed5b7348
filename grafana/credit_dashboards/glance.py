"""The first row: whether the model is all right now."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .promql import FIRING, closeness, select
from .series import now, number, ranking, steps
from .tables import bars, listing


def panels() -> list[Builder[Panel]]:
    """The first row of the page, from left to right."""
    return [_alerts(), _what_fires(), _closeness(), _decisions()]


def _alerts() -> Builder[Panel]:
    about = About(
        id=1,
        title="Alerts firing",
        unit="short",
        width=3,
        description="""
            How many alerts fire about this model, or about the service and the monitor
            that it depends on. Green is none. Red: the table beside it says which, the
            runbook says what to do.
        """,
    )
    count = now(f"count({FIRING}) or vector(0)", "alerts")
    return number(about, steps((None, "green"), (1, "red")), count)


def _what_fires() -> Builder[Panel]:
    about = About(
        id=2,
        title="What fires",
        unit="none",
        width=8,
        description="""
            Every alert that fires now, and since when. Begin with the critical ones:
            each has its section in the runbook, which is linked at the top of the page.
        """,
    )
    since = f"ALERTS_FOR_STATE and ignoring (alertstate) {FIRING}"
    return listing(
        about,
        "alertname",
        [f"1000 * max by (alertname, signal, severity) ({since})"],
        {
            "alert": "alertname",
            "signal": "signal",
            "severity": "severity",
            "since": "Value",
        },
        {"since": "dateTimeFromNow"},
    ).no_value("Nothing fires.")


def _closeness() -> Builder[Panel]:
    about = About(
        id=3,
        title="How close each signal is to an alert",
        unit="percentunit",
        width=7,
        description="""
            The worst signal is on top; a full bar is an alert. An alert wants distance
            and evidence, so the bar is the smaller of the two, each as a share of its
            threshold. It is of the chosen window: other windows may be nearer. If an
            input is high, look where it moved to, below; if only decision or score is,
            the model itself changed.
        """,
    )
    colours = steps((None, "green"), (0.5, "yellow"), (1, "red"))
    return ranking(about, colours, now(closeness(), "{{signal}}"))


def _decisions() -> Builder[Panel]:
    about = About(
        id=4,
        title="Decisions now, beside the expected",
        unit="percentunit",
        width=6,
        runbook="CreditDecisionDrift",
        description="""
            Shares of the decisions in the chosen window beside what the credit policy
            expects. A few points apart is chance; an alert says when it is not. Then
            see below which input moved with them.
        """,
    )
    observed = select("signal_category:credit_applications:ratio${window}", "decision")
    expected = select("signal_category:credit_reference:ratio", "decision")
    columns = {"observed": observed, "expected": expected}
    shares = {name: f"sum by (category) ({of})" for name, of in columns.items()}
    return bars(about, "category", shares)
