"""The monitor itself: whether it sees, and judges in time."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .series import line, lines

# A group of rules is told by its file and its name.
GROUP = '"group", "$1", "rule_group", ".+;(.+)"'


def panels() -> list[Builder[Panel]]:
    """From the scrape to the verdict."""
    return [
        _scrapes_failed(),
        _scrapes(),
        _rules(),
        _rules_failing(),
        _size(),
    ]


def _scrapes_failed() -> Builder[Panel]:
    about = About(
        id=10,
        title="Failed scrapes in the last minute",
        unit="short",
        width=12,
        runbook="MonitorTargetDown",
        description="""
            Of the sixty of each minute. Above the threshold the target is down, and
            nothing is known about it. The simulator ends when it has sent everything,
            and is then missed by nobody.
        """,
    )
    return lines(
        about,
        line("max by (job) (instance:up_failed:count1m)", "{{job}}"),
        line("up_failed:per_minute:threshold", "alert threshold"),
    )


def _scrapes() -> Builder[Panel]:
    about = About(
        id=11,
        title="Time that a scrape takes",
        unit="s",
        width=12,
        runbook="MonitorTargetDown",
        description="""
            Longer than a second fails: that is both interval and timeout. A target that
            comes near it is overloaded, or the machine is.
        """,
    )
    took = "max by (job) (scrape_duration_seconds)"
    return lines(about, line(took, "{{job}}"))


def _rules() -> Builder[Panel]:
    about = About(
        id=12,
        title="Evaluation of rules, as a share of its interval",
        unit="percentunit",
        width=12,
        runbook="PrometheusRulesLagging",
        description="""
            How long the last evaluation of each group took. At the limit the next one
            is missed, and alerts are late: fewer models in one Prometheus, or a longer
            interval.
        """,
    )
    took = (
        "prometheus_rule_group_last_duration_seconds"
        " / prometheus_rule_group_interval_seconds"
    )
    share = f"max by (group) (label_replace({took}, {GROUP}))"
    return lines(about, line(share, "{{group}}"), line("vector(1)", "limit"))


def _rules_failing() -> Builder[Panel]:
    about = About(
        id=13,
        title="Evaluations missed and failed",
        unit="ops",
        width=12,
        runbook="PrometheusRuleFailures",
        description="""
            A second, of all groups; both should be zero. Missed: rules take longer than
            their interval. Failed: a rule cannot be evaluated, and what it watches is
            not watched.
        """,
    )
    missed = "rate(prometheus_rule_group_iterations_missed_total[$__rate_interval])"
    failed = "rate(prometheus_rule_evaluation_failures_total[$__rate_interval])"
    return lines(
        about, line(f"sum({missed})", "missed"), line(f"sum({failed})", "failed")
    )


def _size() -> Builder[Panel]:
    about = About(
        id=17,
        title="Series that Prometheus keeps",
        unit="short",
        width=24,
        runbook="PrometheusRulesLagging",
        description="""
            Series in memory. Each version of a model adds a thousand or so; a steep
            rise is a label that has no closed set of values.
        """,
    )
    return lines(about, line("sum(prometheus_tsdb_head_series)", "series"))
