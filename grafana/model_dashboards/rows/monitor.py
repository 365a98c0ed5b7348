"""The monitor itself: whether rules are evaluated in time."""

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel

from ..panels.common import About
from ..panels.series import limit, line, lines, now, number, steps

# The groups of prometheus/rules. Other rules of this Prometheus are not our concern.
GROUPS = '{rule_group=~".+;model-.+"}'
# The Prometheus that evaluates them: it may scrape others.
OURS = f"on (instance, job) prometheus_rule_group_rules{GROUPS}"


def panels() -> list[Builder[Panel]]:
    """The row from left to right."""
    return [_evaluation(), _failures(), _links()]


def _evaluation() -> Builder[Panel]:
    about = About(
        id=10,
        title="Evaluation of rules, as a share of its interval",
        unit="percentunit",
        width=10,
        runbook="MonitorRulesLagging",
        empty="Prometheus does not scrape itself, or has no groups model-*.",
        description="""
            How long the last evaluation of each group of rules took. At the limit the
            next one is missed and alerts are late: give Prometheus a processor of its
            own, watch fewer models with it, or choose a longer interval.
        """,
    )
    took = (
        f"prometheus_rule_group_last_duration_seconds{GROUPS}"
        f" / prometheus_rule_group_interval_seconds{GROUPS}"
    )
    return lines(
        about,
        line(f"max by (group) ({_by_group(took)})", "{{group}}"),
        limit("vector(1)", "limit"),
    )


def _failures() -> Builder[Panel]:
    about = About(
        id=11,
        title="Evaluations that failed or were missed",
        unit="short",
        width=8,
        runbook="MonitorRuleFailures",
        empty="Prometheus does not scrape itself, or has no groups model-*.",
        description="""
            Since the sample before; all should be zero. Failed: what the rule watches
            is not watched, so read the error on Prometheus' page of rules. Missed: the
            evaluation before took longer than the interval.
        """,
    )
    failed = _increase("prometheus_rule_evaluation_failures_total")
    missed = _increase("prometheus_rule_group_iterations_missed_total")
    return lines(about, line(failed, "failed"), line(missed, "missed"))


def _increase(counter: str) -> str:
    return f"sum(increase({counter}{GROUPS}[$__rate_interval]))"


def _by_group(series: str) -> str:
    """`series` with a label `group`: the name without the file."""
    return f'label_replace({series}, "group", "$1", "rule_group", ".+;(.+)")'


def _links() -> Builder[Panel]:
    about = About(
        id=12,
        title="Is the chain to the receiver complete?",
        unit="short",
        width=6,
        runbook="MonitorWithoutAlertmanager",
        empty="Neither Prometheus nor Alertmanager nor the receiver is scraped.",
        description="""
            Whether each part accepted its configuration, how many Alertmanagers
            Prometheus has found, and whether the receiver reaches Alertmanager. Red is
            no, or none: alerts may not arrive. Follow the runbook.
        """,
    )
    accepted = f"prometheus_config_last_reload_successful and {OURS}"
    found = f"prometheus_notifications_alertmanagers_discovered and {OURS}"
    return number(
        about,
        steps((None, "red"), (1, "green")),
        now(f"min({accepted})", "Prometheus accepted its configuration"),
        now(f"min({found})", "Alertmanagers found"),
        now(
            "min(alertmanager_config_last_reload_successful)",
            "Alertmanager accepted its configuration",
        ),
        now("min(webhook_receiver_alertmanager_up)", "receiver reaches Alertmanager"),
    )
