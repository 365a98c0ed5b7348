"""What moved, and when: the decisions, and every signal against its thresholds."""

from grafana_foundation_sdk.builders.common import ScaleDistributionConfig
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import ScaleDistribution
from grafana_foundation_sdk.models.dashboard import Panel

from .panels import About
from .promql import select
from .series import heat, line, lines


def panels() -> list[Builder[Panel]]:
    """Two rows of two."""
    return [_mix(), _evidence(), _distance(), _scores()]


def _mix() -> Builder[Panel]:
    about = About(
        id=10,
        title="Decision mix",
        unit="percentunit",
        width=12,
        height=9,
        runbook="CreditDecisionDrift",
        description="""
            Solid: the share of each decision in the chosen window. Dashed, in the same
            colour: what is expected. Lines that part for longer than a window are a
            drift. The purple marks are the truth, if it is simulated.
        """,
    )
    observed = select("signal_category:credit_applications:ratio${window}", "decision")
    expected = select("signal_category:credit_reference:ratio", "decision")
    return lines(
        about,
        line(f"sum by (category) ({observed})", "{{category}}"),
        line(f"sum by (category) ({expected})", "{{category}} expected"),
        colours={"APPROVED": "green", "DENIED": "red", "ANALYST": "yellow"},
    )


def _evidence() -> Builder[Panel]:
    about = About(
        id=11,
        title="Evidence for each signal, in nats",
        unit="none",
        width=12,
        height=9,
        runbook="CreditInputDrift",
        description="""
            How sure it is that a signal moved: minus the log of the chance that a
            healthy model looks like this. Above the threshold, which is one in ten
            million, an alert fires if the distance is large enough too; below the
            release it is over. The scale is logarithmic. Inputs that rise with the
            decisions explain them.
        """,
    )
    evidence = select("signal:credit_drift:nats${window}")
    scale = ScaleDistributionConfig().type(ScaleDistribution.SYMLOG).log(10)
    return (
        lines(
            about,
            line(f"max by (signal) ({evidence})", "{{signal}}"),
            line("credit_drift:nats:threshold", "alert threshold"),
            line("credit_drift:nats:release", "release"),
        )
        .min(0)
        .scale_distribution(scale.linear_threshold(1))
    )


def _distance() -> Builder[Panel]:
    about = About(
        id=12,
        title="Distance of each signal from its reference",
        unit="percentunit",
        width=12,
        height=9,
        runbook="CreditInputDrift",
        description="""
            How much moved: the largest change of the share of one category, or of one
            range of amounts or scores. Chance alone gives large distances while there
            are few applications: evidence, above, says what is chance.
        """,
    )
    distance = select("signal:credit_drift:distance${window}")
    return lines(
        about,
        line(f"max by (signal) ({distance})", "{{signal}}"),
        line("credit_drift:distance:threshold", "alert threshold"),
        line("credit_drift:distance:release", "release"),
    )


def _scores() -> Builder[Panel]:
    about = About(
        id=13,
        title="Scores over time",
        unit="short",
        width=12,
        height=9,
        runbook="CreditScoreDrift",
        description="""
            Where the scores of the chosen window lie: the darker, the more. From 0.65
            on applications are approved, below 0.4 denied. A band that jumps is another
            population or another model; a single band is a model that is stuck.
        """,
    )
    buckets = select("signal_le:credit_applications:increase${window}", "score")
    return heat(about, f"sum by (le) ({buckets})")
